"""What the applicant does: begin, submit, supply what was missing, withdraw."""

import hashlib
import json

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from pilots import completeness, eligibility
from pilots.models import ApplicationState as A
from pilots.models import BatchState, Revision

APPLICANT = (Role.APPLICANT_LEADER, Role.APPLICANT_CONTACT)


def freeze(application, at, by):
    """Keeps what was submitted as a revision of its own and returns it (trust.md R5)."""
    files = [
        {"material": upload.material, "name": upload.name, "sha256": upload.sha256, "size": upload.size,
         "uuid": str(upload.uuid)}
        for upload in application.uploads.filter(replaced_at__isnull=True)
    ]  # fmt: skip
    body = json.dumps({"answers": application.answers, "files": files}, ensure_ascii=False, sort_keys=True)
    return Revision.objects.create(
        application=application,
        number=application.revisions.count() + 1,
        answers=application.answers,
        files=files,
        sha256=hashlib.sha256(body.encode()).hexdigest(),
        at=at,
        by=by,
    )


@act_on("pilots.Application")
class BeginApplication(Act):
    code = "begin"
    label = _("开始填报")
    done = _("开始填报")
    roles = APPLICANT
    states = frozenset({A.DRAFT})
    offered = False

    def unmet(self, question):
        yield from eligibility.obstacles(
            question.obj.batch, question.obj.organisation, question.obj.place, question.at, besides=question.obj
        )


class SubmitForm(ActForm):
    """Through whom it goes, where the rules know several ways of being recommended (programmes.md card 30)."""

    channel = forms.ChoiceField(label=_("推荐渠道"), widget=forms.RadioSelect)

    def arrange(self):
        channels = self.obj.rules.recommendation.channels if self.obj is not None else []
        if len(channels) < 2 or self.obj.own_recommender:
            del self.fields["channel"]
            return
        self.fields["channel"].choices = [(one.code, str(one.name)) for one in channels]
        self.fields["channel"].initial = self.obj.channel or channels[0].code


@act_on("pilots.Application")
class Submit(Act):
    code = "submit"
    label = _("提交申报")
    done = _("提交申报")
    tone = "primary"
    icon = "send"
    roles = (Role.APPLICANT_LEADER,)
    transition = "submit"
    form = SubmitForm

    def unmet(self, question):
        application = question.obj
        batch = application.batch
        if not batch.takes_from(application.province, question.at):
            closes = batch.closing_for(application.province_id)
            yield Unmet("window_over", _t("申报窗口已关闭（截止 %(at)s）。") % {"at": _moment(closes)})
        missing = completeness.missing(application)
        if missing:
            yield Unmet(
                "incomplete",
                _t("还有 %(n)s 处没有填好：%(what)s") % {"n": len(missing), "what": _t("；").join(
                    item.text for item in missing[:3]) + ("……" if len(missing) > 3 else "")},
            )  # fmt: skip
        yield from eligibility.obstacles(batch, application.organisation, application.place, question.at, application)

    def carry_out(self, deed):
        revision = freeze(deed.obj, deed.at, deed.by)
        deed.obj.submitted_at = deed.at
        deed.obj.submitted_by = deed.by
        deed.facts |= {"revision": revision.number, "sha256": revision.sha256}
        if deed.data.get("channel"):
            deed.obj.channel = deed.data["channel"]
            deed.facts["channel"] = deed.obj.channel
        self.step(deed)


@act_on("pilots.Application")
class Supplement(Act):
    code = "supplement"
    label = _("提交补正")
    done = _("提交补正材料")
    tone = "primary"
    icon = "send"
    roles = (Role.APPLICANT_LEADER,)
    transition = "supplement"

    def unmet(self, question):
        missing = completeness.missing(question.obj)
        if missing:
            yield Unmet("incomplete", _t("还有 %(n)s 处没有填好。") % {"n": len(missing)})

    def carry_out(self, deed):
        revision = freeze(deed.obj, deed.at, deed.by)
        deed.facts |= {"revision": revision.number, "sha256": revision.sha256}
        self.step(deed)


@act_on("pilots.Application")
class DeemWithdrawn(Act):
    code = "deem_withdrawn"
    label = _("视为撤回")
    done = _("逾期未提交，视为撤回")
    roles = (Role.SYSTEM,)
    transition = "deem_withdrawn"
    offered = False

    def carry_out(self, deed):
        deed.obj.ended_at = deed.at
        self.step(deed)


@act_on("pilots.Application")
class CarryOver(Act):
    """A draft of a rolling intake that was not handed in goes on in the next round."""

    code = "carry_over"
    label = _("转入下一轮")
    done = _("转入下一轮受理")
    roles = (Role.SYSTEM,)
    states = frozenset({A.DRAFT})
    offered = False

    def carry_out(self, deed):
        deed.facts |= {"from": deed.obj.batch.number, "to": deed.data["batch"].number}
        deed.obj.batch = deed.data["batch"]


@act_on("pilots.Application")
class Withdraw(Act):
    code = "withdraw"
    label = _("撤回申报")
    done = _("撤回申报")
    tone = "danger"
    icon = "undo-2"
    roles = (Role.APPLICANT_LEADER,)
    transition = "withdraw"
    needs_reason = True

    def unmet(self, question):
        if question.obj.batch.state not in (BatchState.OPEN, BatchState.REVIEWING):
            yield Unmet("list_drawn", _t("名单已经上报，不能再撤回；如需放弃请联系项目主管。"))

    def carry_out(self, deed):
        deed.obj.ended_at = deed.at
        self.step(deed)


def _moment(at):
    from accounts.clock import SHANGHAI  # noqa: PLC0415

    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
