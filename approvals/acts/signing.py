"""The signatures under a list: division head, countersigners, leaders. What is signed is one version and its hash."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.roles import Role
from approvals import bulk, listing
from approvals.models import ListItem, SignOff
from pilots.models import BatchState as B


class OpinionForm(ActForm):
    comment = forms.CharField(label=_("意见"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class _Sign(Act):
    # Whoever signs proves who they are.
    grave = True
    icon = "pen-line"
    tone = "primary"
    form = OpinionForm
    step_name = ""

    def unmet(self, question):
        items = listing.items_of(question.obj)
        if listing.list_hash(items) != question.obj.list_hash:
            yield Unmet("list_changed", _t("名单在上报后被改动，不能签署；请退回重新拟定。"))
        gone = listing.gone(items)
        if gone:
            yield Unmet("list_outdated", _t("名单拟定后，%(places)s 已退出评审程序；请退回重新拟定。") % {
                "places": _t("、").join(str(item.application.place) for item in gone[:5])})  # fmt: skip
        yield from listing.judged_by(question)

    def signed_before(self, question):
        """True when this person, or one of the two where one stands in for the other, has signed this version."""
        people = question.people
        mine = Q(by__in=people) | Q(on_behalf_of__in=people)
        return bool(people) and listing.signatures(question.obj, self.step_name).filter(mine).exists()

    def record(self, deed, **more):
        deed.facts |= {"list_version": deed.obj.list_version, "list_hash": deed.obj.list_hash}
        return SignOff.objects.create(
            batch=deed.obj, step=self.step_name, list_version=deed.obj.list_version, list_hash=deed.obj.list_hash,
            agreed=True, comment=deed.data.get("comment", ""), at=deed.at, by=deed.by,
            on_behalf_of=deed.on_behalf_of, **more,
        )  # fmt: skip


@act_on("pilots.Batch")
class Confirm(_Sign):
    code = "confirm"
    label = _("确认名单")
    done = _("司局负责人确认名单")
    roles = (Role.DIVISION_HEAD,)
    states = frozenset({B.LISTED})
    separate_from = ("draw_list", "edit_list")
    step_name = SignOff.Step.HEAD

    def unmet(self, question):
        yield from super().unmet(question)
        waiting = len(listing.tied(question.obj))
        if waiting:
            yield Unmet("tie", _t("入选线上有 %(n)s 项同分，请先裁定同分。") % {"n": waiting})

    def carry_out(self, deed):
        self.record(deed)
        if listing.parties(deed.obj):
            deed.obj.confirm_to_countersign()
        else:
            deed.obj.confirm_to_leader()


class CountersignForm(OpinionForm):
    """For which party one signs: one's own organisation's, where the rules name it."""

    party = forms.ChoiceField(label=_("会签单位"))

    def arrange(self):
        self.order_fields(["party", "comment"])
        if self.obj is None:
            return
        waiting = listing.outstanding(self.obj)
        own = str(self.by.organisation) if self.by and self.by.organisation_id else ""
        named = [party for party in waiting if own.startswith(party)]
        # A body that the rules name signs for itself only; others sign as they are asked to.
        elsewhere = any(own.startswith(party) for party in listing.parties(self.obj)) and not named
        choices = named or ([] if elsewhere else waiting)
        self.fields["party"].choices = [(party, party) for party in choices]
        self.fields["party"].required = len(choices) > 1
        if len(choices) == 1:
            self.fields["party"].initial = choices[0]

    def clean_party(self):
        choices = self.fields["party"].choices
        return self.cleaned_data["party"] or (choices[0][0] if choices else "")


@act_on("pilots.Batch")
class Countersign(_Sign):
    code = "countersign"
    label = _("会签同意")
    done = _("会签同意")
    roles = (Role.COUNTERSIGNER,)
    states = frozenset({B.COUNTERSIGN})
    separate_from = ("draw_list", "edit_list", "decide_tie", "confirm")
    step_name = SignOff.Step.COUNTERSIGN
    form = CountersignForm

    def unmet(self, question):
        yield from super().unmet(question)
        if self.signed_before(question):
            yield Unmet("signed", _t("您已为一个单位会签了本版名单；其他单位须由其他人会签。"))

    def faults(self, deed):
        if not deed.data["party"]:
            yield Unmet("party", _t("您的单位已会签，或不在待会签之列。"), "party")

    def carry_out(self, deed):
        waiting = listing.outstanding(deed.obj)
        self.record(deed, party=deed.data["party"])
        deed.facts["party"] = deed.data["party"]
        if len(waiting) == 1:
            deed.obj.countersign()


class SendBackForm(ActForm):
    to = forms.ChoiceField(label=_("退回到"), required=False, choices=[("officer", _("项目主管，重新拟定名单"))])

    def arrange(self):
        if self.obj is not None and self.obj.state in (B.COUNTERSIGN, B.LEADER):
            self.fields["to"].choices = [*self.fields["to"].choices, ("head", _("司局负责人，重新确认名单"))]


@act_on("pilots.Batch")
class SendBack(Act):
    code = "send_back"
    label = _("退回重拟")
    done = _("退回名单")
    tone = "danger"
    icon = "undo-2"
    roles = (Role.DIVISION_HEAD, Role.COUNTERSIGNER, Role.LEADER)
    transition = "send_back"
    needs_reason = True
    form = SendBackForm

    def seats(self, obj):
        return {B.LISTED: (Role.DIVISION_HEAD,), B.COUNTERSIGN: (Role.COUNTERSIGNER,)}.get(obj.state, (Role.LEADER,))

    def foretell(self, question):
        yield _t("本版名单上已有的签署全部作废，修改后重新逐级签署。")

    def carry_out(self, deed):
        if deed.data.get("to") == "head":
            # A new version of the same lines: signatures hold for the version they stand under.
            listing.revise(deed.obj, {})
            deed.obj.send_back_to_head()
        else:
            self.step(deed)
        deed.facts["to"] = deed.data.get("to") or "officer"


@act_on("pilots.Batch")
class Sign(_Sign):
    code = "sign"
    label = _("签发名单")
    done = _("局领导签发名单")
    roles = (Role.LEADER,)
    states = frozenset({B.LEADER})
    separate_from = ("draw_list", "edit_list", "decide_tie", "confirm", "countersign")
    step_name = SignOff.Step.LEADER

    def unmet(self, question):
        yield from super().unmet(question)
        if self.signed_before(question):
            yield Unmet("signed", _t("您已签署本版名单，还须其他局领导签署。"))

    def foretell(self, question):
        batch = question.obj
        items = listing.items_of(batch)
        chosen = sum(item.proposed for item in items)
        needed = batch.rules.signoff.approvals_needed
        if needed > 1:
            given = listing.signatures(batch, self.step_name).count()
            yield _t("须 %(needed)s 位局领导签署，已签 %(given)s 位；签满后生效。") % {"needed": needed, "given": given}
        yield _t("一次签发 %(n)s 项：列入拟批准 %(chosen)s 项，未入选 %(out)s 项，并逐项通知。") % {
            "n": len(items), "chosen": chosen, "out": len(items) - chosen}  # fmt: skip
        yield _t("签发后进入公示。") if batch.rules.notice else _t("本项目不公示，签发后编号发文。")

    def carry_out(self, deed):
        batch = deed.obj
        self.record(deed)
        given = listing.signatures(batch, self.step_name).count()
        deed.facts["signature"] = f"{given}/{batch.rules.signoff.approvals_needed}"
        if given < batch.rules.signoff.approvals_needed:
            return
        batch.signed_at, batch.signed_by = deed.at, deed.by
        items = {item.application_id: item for item in listing.items_of(batch)}
        bulk.carry(
            deed, "settle_list", [item.application for item in items.values()],
            lambda row: settle(items[row.pk], row, deed.perform),
        )  # fmt: skip
        if batch.rules.notice:
            batch.sign_for_notice()
        else:
            batch.sign()


def settle(item: ListItem, application: Any, perform: Callable[..., Any]) -> None:
    """Carries a signed line out on its application by `perform(application, act, …)`."""
    if item.proposed:
        perform(application, "list_as_proposed", data={"rank": item.rank})
    else:
        perform(application, "not_select", reason=item.reason)


def unsettled_lines(batch):
    """Lines of the signed list that have not reached their application yet."""
    return ListItem.objects.filter(batch=batch, version=batch.list_version, application__state="ready").count()


@act_on("pilots.Application")
class ListAsProposed(Act):
    code = "list_as_proposed"
    label = _("列入拟批准名单")
    done = _("列入拟批准名单")
    roles = (Role.SYSTEM,)
    transition = "list_as_proposed"
    offered = False

    def carry_out(self, deed):
        deed.obj.list_rank = deed.data["rank"]
        self.step(deed)


@act_on("pilots.Application")
class NotSelect(Act):
    code = "not_select"
    label = _("未入选")
    done = _("未入选")
    roles = (Role.SYSTEM,)
    transition = "not_select"
    offered = False

    def carry_out(self, deed):
        deed.obj.ended_at = deed.at
        self.step(deed)
