"""What a change during a term needs, what it would do, and doing it. Limits come from the rules (stage CHG)."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts import clock
from accounts.acts import Unmet
from accounts.models import Organisation, User
from accounts.seats import contacts, hand_over
from notifications.models import Deadline
from notifications.workdays.arithmetic import due
from pilots import terms
from pilots.models import Change, Filing, FormerName
from pilots.models import DesignationState as D
from pilots.models.change import OPEN
from pilots.models.designation import RUNNING
from pilots.rules.term import Changes
from pilots.running import report_days

K = Change.Kind
_DOCUMENTED = (K.EXTENSION, K.EARLY)


def allowed(site: Any) -> Changes | None:
    """What the rules let a site change; None where the programme does not use stage CHG."""
    return (site.rules.change or Changes()) if site.rules.uses("CHG") else None


def obstacles(site: Any, kind: str, at: datetime, besides: Any = None) -> Iterator[Unmet]:
    """Every reason why `site` may not ask for `kind` now; empty when it may."""
    limits = allowed(site)
    if limits is None or kind not in limits.kinds:
        yield Unmet("not_used", _("本项目规则不办理“%(kind)s”。") % {"kind": K(kind).label})
        return
    if site.state not in RUNNING:
        yield Unmet("over", _("%(site)s已不在建设期内，不能申请变更。") % {"site": site})
    others = [row for row in site.changes.all() if row.kind == kind and row.state in OPEN and row.pk != getattr(besides, "pk", None)]  # fmt: skip
    if others:
        yield Unmet("already", _("已有一项“%(kind)s”在办（%(number)s），办结后再申请。") % {
            "kind": K(kind).label, "number": others[0].number})  # fmt: skip
    if kind in _DOCUMENTED and site.state != D.BUILDING:
        yield Unmet("not_building", _("“%(kind)s”只能在建设期内申请，当前为“%(state)s”。") % {
            "kind": K(kind).label, "state": site.get_state_display()})  # fmt: skip
    if kind == K.EXTENSION and site.extensions >= limits.extension.times:
        yield Unmet("extended", _("本项目最多延期 %(n)s 次，已延期 %(done)s 次。") % {
            "n": limits.extension.times, "done": site.extensions})  # fmt: skip
    if kind == K.EARLY:
        yield from _too_early(site, limits.early, at)


def _too_early(site: Any, early: Any, at: datetime) -> Iterator[Unmet]:
    today, opens = clock.today(at), first_early_day(site, early)
    if today < opens:
        yield Unmet("too_early", _("%(day)s 起才可以申请提前验收。") % {"day": opens})
    late = [str(row) for row in site.filings.all()
            if row.kind == Filing.Kind.REPORT and not row.filed_at and row.due_on and row.due_on < today]  # fmt: skip
    if early.reports_filed and late:
        yield Unmet("reports_missing", _("还有到期未报的材料：%(what)s。") % {"what": _("、").join(late)})


def first_early_day(site: Any, early: Any) -> date:
    """The first day on which acceptance before its time may be asked for."""
    period = early.after
    if period.unit == "month":
        return terms.add_months(site.term_start, period.n)
    if period.unit == "year":
        return terms.add_months(site.term_start, 12 * period.n)
    from notifications import calendars  # noqa: PLC0415

    return due(site.term_start, period.reckoned(), calendars.current()).on


def describe(site: Any, kind: str, data: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """(before, after, what the effect needs) of a change, in words a person compares."""
    match kind:
        case K.NAME:
            return site.holder_name, data["name"], {"name": data["name"]}
        case K.OPERATOR:
            return site.holder_name, data["organisation"].name, {"organisation": data["organisation"].pk}
        case K.SCOPE:
            return area_of(site), data["area"], {"area": data["area"]}
        case K.CONTACT:
            names = _("、").join(user.name for user in contacts(site.organisation, data["at"]))
            return names or "—", data["contact"].name, {"user": data["contact"].pk}
        case K.EXTENSION:
            end = terms.extended(site.rules, site.term_end, data["months"])
            before, after = (_("期限止 %(day)s") % {"day": day} for day in (site.term_end, end))
            return before, after, {"months": data["months"]}
        case _:
            return (
                _("期满前自评（期限止 %(day)s）") % {"day": site.term_end},
                _("即时启动自评"),
                {},
            )


def area_of(site: Any) -> str:
    """The area as last agreed, or the place where nothing was said."""
    return site.area or site.place.name


def consequences(site: Any, kind: str, data: dict[str, Any]) -> list[str]:
    """What would happen once a change is agreed to, for the page before it is filed."""
    before, after, wanted = describe(site, kind, data)
    lines = [f"{before} → {after}"]
    if kind == K.EXTENSION:
        end = terms.extended(site.rules, site.term_end, wanted["months"])
        more = report_days(site.rules, site.term_end, end)
        if more:
            lines.append(_("增加报告：%(periods)s。") % {"periods": _("、").join(period for period, _day in more)})
        lines.append(_("启动自评、验收等后续期限随之顺延；已印发的文件和证书不变。"))
    elif kind in (K.NAME, K.OPERATOR):
        lines.append(_("已印发的文件和证书保留原名称；按原名称仍可查到。"))
    elif kind == K.CONTACT:
        lines.append(_("原经办人的权限自备案起终止，待办和提醒转给新经办人。"))
    if kind == K.OPERATOR:
        lines.append(_("待办和提醒转给新的承担单位。"))
    return lines


def take_effect(site: Any, change: Any, deed: Any) -> None:
    """Carries out an agreed change on `site` (not saved here); history rows are written."""
    today, wanted = clock.today(deed.at), change.wanted
    match change.kind:
        case K.NAME:
            remember(site, FormerName.What.HOLDER, site.holder_name, today, change.number)
            site.holder_name = wanted["name"]
            if not Organisation.objects.filter(name=wanted["name"]).exists():
                Organisation.objects.filter(pk=site.organisation_id).update(name=wanted["name"])
                site.organisation.name = wanted["name"]
        case K.OPERATOR:
            remember(site, FormerName.What.HOLDER, site.holder_name, today, change.number)
            site.organisation = Organisation.objects.get(pk=wanted["organisation"])
            site.holder_name = site.organisation.name
            move_deadlines(site, organisation_id=site.organisation_id)
        case K.SCOPE:
            remember(site, FormerName.What.SCOPE, area_of(site), today, change.number)
            site.area = wanted["area"]
        case K.CONTACT:
            hand_over(site.organisation, User.objects.get(pk=wanted["user"]), by=change.filed_by, at=deed.at)
        case K.EXTENSION:
            _extend(site, wanted["months"], deed.at)
        case K.EARLY:
            site.early = True
            deed.then = ("open_evaluation",)


def _extend(site: Any, months: int, at: datetime) -> None:
    end = terms.extended(site.rules, site.term_end, months)
    Filing.objects.bulk_create(
        Filing(designation=site, kind=Filing.Kind.REPORT, period=period, due_on=on, opened_at=at)
        for period, on in report_days(site.rules, site.term_end, end)
    )
    site.term_end = end
    site.extensions += 1
    site.extended_months += months


def remember(site: Any, what: str, name: str, until: date, why: str) -> None:
    """Keeps what something was called, so that it is still found by it."""
    FormerName.objects.create(designation=site, what=what, name=name, until=until, why=why)


def move_deadlines(site: Any, **where: Any) -> None:
    """Open deadlines of a site and of its changes go with it: to-dos and reminders reach the new people."""
    Deadline.objects.of(site).open().update(**where)
    uuids = site.changes.filter(state__in=OPEN).values_list("uuid", flat=True)
    Deadline.objects.open().filter(subject_model="pilots.change", subject_uuid__in=list(uuids)).update(**where)
