"""What is settled around a call: how many each province may recommend, and a window opened again for one of them."""

from datetime import date

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock
from accounts.acts import Act, ActForm, Unmet, act_on
from accounts.days import DayField
from accounts.models import Place
from accounts.roles import Role
from notifications import outbox
from notifications.duties import replan
from pilots import quotas
from pilots.models import Application, Quota, Reopening
from pilots.models import ApplicationState as A
from pilots.models import BatchState as B


class QuotasForm(ActForm):
    """One number per province; an empty one means the rules' number."""

    def arrange(self):
        self.places = {}
        if self.obj is None:
            return
        own = {row.place_id: row.places for row in self.obj.quotas.all()}
        for place in quotas.provinces(clock.today(self.at)):
            name = f"q_{place.pk}"
            self.places[name] = place
            self.fields[name] = forms.IntegerField(
                label=place.display_name, min_value=0, max_value=999, required=False, initial=own.get(place.pk)
            )

    def wanted(self):
        """{place: own number or None} of what was given; call it on a valid form."""
        return {place: self.cleaned_data.get(name) for name, place in self.places.items()}


@act_on("pilots.Batch")
class SetQuotas(Act):
    code = "set_quotas"
    label = _("设置推荐配额")
    done = _("已设置推荐配额")
    icon = "gauge"
    roles = (Role.PROGRAMME_OFFICER,)
    states = frozenset({B.DRAFT, B.OPEN})
    needs_reason = True
    form = QuotasForm
    page = "batch_quotas"

    def applies(self, question):
        return question.obj.rules.quota.kind in ("absolute", "share")

    def faults(self, deed):
        used = quotas.used(deed.obj)
        changed = quotas.changes(deed.obj, self._wanted(deed))
        if not changed:
            yield Unmet("unchanged", _t("各省配额都没有变化。"))
        for change in changed:
            taken = used.get(change.place.pk, 0)
            if change.after is not None and change.after < taken:
                yield Unmet("below_used", _t("%(place)s已推荐 %(taken)s 个，配额不能低于此数。") % {
                    "place": change.place, "taken": taken}, f"q_{change.place.pk}")  # fmt: skip

    def carry_out(self, deed):
        batch, facts = deed.obj, {}
        for change in quotas.changes(batch, self._wanted(deed)):
            if change.own is None:
                Quota.objects.filter(batch=batch, place=change.place).delete()
            else:
                Quota.objects.update_or_create(batch=batch, place=change.place, defaults={"places": change.own})
            facts[change.place.code or change.place.name] = [change.before, change.after]
        deed.facts["quotas"] = facts
        self.step(deed)

    def _wanted(self, deed):
        places = quotas.provinces(clock.today(deed.at))
        return {place: deed.data.get(f"q_{place.pk}") for place in places}


class ReopenForm(ActForm):
    place = forms.ModelChoiceField(label=_("省份"), queryset=Place.objects.none())
    until = DayField(
        label=_("延至"),
        help_text=_("当日 24:00 前可以申报和推荐。"),
    )  # fmt: skip

    def arrange(self):
        if self.obj is not None:
            self.fields["place"].queryset = Place.objects.provinces().filter(valid_to__isnull=True).order_by("path")


@act_on("pilots.Batch")
class ReopenFor(Act):
    code = "reopen_for"
    label = _("为一省补开申报")
    done = _("已为一省补开申报")
    icon = "calendar-plus"
    roles = (Role.PROGRAMME_OFFICER,)
    states = frozenset({B.OPEN, B.REVIEWING})
    needs_reason = True
    form = ReopenForm

    def faults(self, deed):
        batch, place, until = deed.obj, deed.data["place"], deed.data["until"]
        # The last day must lie after the window's own end, or nothing would be opened.
        last = max(clock.today(deed.at), clock.today(batch.closes_at))
        if until < clock.today(deed.at) or (deed.at < batch.closes_at and until <= last):
            yield Unmet("too_early", _t("延至日期须晚于原申报截止日，且不早于今天。"), "until")
        if batch.reopened_for(place) is not None:
            yield Unmet("reopened", _t("%(place)s的补报尚未结束。") % {"place": place}, "place")

    def foretell(self, question):
        yield _t("补报结束前不能拟定名单。")
        yield _t("系统通知该省推荐员。")

    def carry_out(self, deed):
        batch, place = deed.obj, deed.data["place"]
        Reopening.objects.create(
            batch=batch, place=place, until=deed.data["until"], reason=deed.reason, at=deed.at, by=deed.by
        )
        batch.__dict__.pop("_reopenings", None)
        deed.facts |= {"place": place.code or place.name, "until": deed.data["until"].isoformat()}
        for draft in _drafts(batch, [place.pk]):
            replan(draft, draft.duties(deed.at), deed.at)
        _tell(batch, place, deed)
        self.step(deed)


@act_on("pilots.Batch")
class EndReopening(Act):
    code = "end_reopening"
    label = _("补报截止")
    done = _("补开申报已截止")
    roles = (Role.SYSTEM,)
    states = frozenset({B.OPEN, B.REVIEWING})
    offered = False

    def unmet(self, question):
        if not _over(question.obj, question.at):
            yield Unmet("still_open", _t("没有到期的补报。"))

    def carry_out(self, deed):
        batch, over = deed.obj, _over(deed.obj, deed.at)
        Reopening.objects.filter(pk__in=[row.pk for row in over]).update(ended_at=deed.at)
        batch.__dict__.pop("_reopenings", None)
        deed.facts["places"] = [row.place.code or row.place.name for row in over]
        if batch.state == B.REVIEWING:
            for draft in _drafts(batch, [row.place_id for row in over]):
                deed.perform(draft, "deem_withdrawn", reason=_t("补报截止时没有提交。"))
        self.step(deed)


def _over(batch, at):
    rows = batch.reopenings.filter(ended_at__isnull=True).select_related("place")
    return [row for row in rows if row.closes_at <= at]


def _drafts(batch, provinces):
    rows = Application.objects.filter(batch=batch, state=A.DRAFT, province__in=provinces)
    return rows.select_related(*Application.related).order_by("pk")


def _tell(batch, place, deed):
    from accounts.models import Grant  # noqa: PLC0415

    seats = (Role.PROVINCE_OFFICER, Role.PROVINCE_LEADER)
    grants = Grant.objects.in_force(deed.at).filter(
        role__in=seats, place=place, programme__in=["", batch.programme.code]
    )
    people = list({grant.user_id: grant.user for grant in grants.select_related("user").order_by("pk")}.values())
    until: date = deed.data["until"]
    outbox.put(outbox.write(
        "reopened", f"reopened:{batch.uuid}:{place.pk}:{until}", people, deed.at, url=batch.get_absolute_url(),
        case=str(batch), until=until.isoformat(), reason=deed.reason,
    ))  # fmt: skip
