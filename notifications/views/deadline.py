"""One deadline: what, whose, until when, why that day, how it moved, who was told and who will be."""

from datetime import timedelta
from itertools import groupby

from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts import clock, wall
from accounts.access import signed_in
from accounts.acts import every_act
from accounts.authority import Authority
from accounts.clock import SHANGHAI
from notifications import calendars
from notifications.channels import registry
from notifications.duties import RECOUNT, STOP_CLOCK
from notifications.models import Deadline, Message, Reminder
from notifications.models.deadline import is_inside
from notifications.rungs import UP
from notifications.standing import period_of, stops
from notifications.views.who import Holders
from notifications.why import why
from notifications.words import KINDS
from pilots.models import Programme
from pilots.views.history import CONFIDENTIAL
from pilots.views.look import deadline_label, programme_name
from workflows.models import LedgerEntry

AHEAD = timedelta(days=90)
MOST = 60
_BY_ITSELF = {
    RECOUNT: gettext_lazy("放假安排有变，重新计算"),
    STOP_CLOCK: gettext_lazy("停止计算后接着计算"),
}
_UNITS = {
    "working": gettext_lazy("%(n)s 个工作日"), "calendar": gettext_lazy("%(n)s 个自然日"),
    "month": gettext_lazy("%(n)s 个月"), "year": gettext_lazy("%(n)s 年"),
}  # fmt: skip
_TONES = {
    Reminder.State.SPOKEN: "ok", Reminder.State.WAITING: "info", Reminder.State.OWED: "warn",
}  # fmt: skip


@signed_in
@require_safe
def deadline(request, uuid):
    """Everything the ledger knows of one due date."""
    authority = Authority.of(request.user, request.at)
    row = get_object_or_404(Deadline.objects.visible_to(authority).select_related("user__organisation"), uuid=uuid)
    inside = is_inside(authority)
    told = why(row, calendars.current(), get_language() or "zh-hans")
    holders = Holders([row], authority, request.at, above=True)
    programme = Programme.objects.filter(code=row.programme).first()
    sent, coming = _reminders(row, holders, request.at)
    return render(
        request,
        "notifications/deadline.html",
        {
            "row": row,
            "label": deadline_label(row),
            "programme": programme_name(programme) if programme else "",
            "today": clock.today(request.at),
            "holder": holders.of(row),
            "closes": closing_words(row),
            "acts": acting_words(row),
            "why": told,
            "counted": _counting(row),
            "started": _started(row, inside),
            "stops": [{"first": first, "last": last} for first, last in stops(row)],
            "moves": _moves(row),
            "sent": sent,
            "coming": coming,
            "messages_sent": _messages(row, request.user, inside),
        },
    )


def closing_words(row):
    """The last permitted instant in Shanghai: 24:00 of the day, or the hour at which it closes."""
    local = row.due_at.astimezone(SHANGHAI)
    return f"{row.due_on} 24:00" if local.date() > row.due_on else f"{local:%Y-%m-%d %H:%M}"


def acting_words(row):
    """When the system would act by itself, or empty where it does not."""
    if not row.then_act or row.closed_at is not None:
        return ""
    act = _act(row.then_act)
    grace = period_of(row).grace
    at = (row.due_at + timedelta(days=grace)).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    values = {"at": at, "act": act.label if act else row.then_act, "n": grace}
    if grace:
        return _("到期后宽限 %(n)s 日，系统自 %(at)s 起自动办理：%(act)s。") % values
    return _("逾期未办的，系统自 %(at)s 起自动办理：%(act)s。") % values


def _channel(code):
    """What people call a channel; its code where its folder is gone."""
    found = registry.every().get(code)
    return str(found.label) if found is not None else code


def _act(code):
    return next((act for _label, act in every_act() if act.code == code), None)


def _counting(row):
    """How the rules count it, as facts."""
    if row.period.get("fixed"):
        return [(_("算法"), _("规则或文书直接写明日期"))]
    period = period_of(row)
    return [
        (_("时限"), _UNITS[period.unit] % {"n": period.n}),
        (_("首日"), _("计入") if period.count_first_day else _("不计入")),
        (_("末日遇休息日"), _("顺延") if period.roll or period.unit == "working" else _("不顺延")),
        (_("每日截止"), f"{period.cut_off:%H:%M}" if period.cut_off else "24:00"),
        (_("宽限"), _("%(n)s 日") % {"n": period.grace} if period.grace else _("无")),
        (_("停止计算"), _("有") if period.stop_clock else _("无")),
    ]


def _started(row, inside):
    """The act that set the clock going: the newest one on the case when the duty arose."""
    entry = (
        LedgerEntry.objects.filter(case_uuid=row.subject_uuid, case_model=row.subject_model, at__lte=row.opened_at)
        .order_by("-seq")
        .first()
    )
    if entry is None or (entry.act in CONFIDENTIAL and not inside):
        return ""
    act = _act(entry.act)
    return act.done if act else entry.act


def _moves(row):
    found = []
    for move in row.moves.order_by("-due_version"):
        act = _act(move.why)
        found.append({
            "title": _("%(before)s → %(after)s") % {"before": move.before, "after": move.after},
            "meta": _BY_ITSELF.get(move.why) or (act.done if act else move.why) or _("重新计算"),
            "text": move.document, "at": move.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
            "tone": "info" if move.after >= move.before else "warn",
        })  # fmt: skip
    return found


def rung_words(rung):
    """「到期前 7 天」「到期当日」「第 2 次督办」."""
    if rung.startswith(UP):
        return _("第 %(n)s 次督办") % {"n": rung.removeprefix(UP)}
    days = int(rung)
    if days == 0:
        return _("到期当日")
    return (_("到期前 %(n)s 天") if days < 0 else _("到期后 %(n)s 天")) % {"n": abs(days)}


def _reminders(row, holders, at):
    """(what was said or passed over, newest first; what will be said in the next ninety days, and to whom)."""
    rungs = list(row.reminders.order_by("speaks_at", "pk"))
    done = [one for one in rungs if one.state not in (Reminder.State.WAITING, Reminder.State.OWED)]
    holder, above = holders.of(row), holders.above(row)
    coming = [
        {
            "day": one.speaks_at.astimezone(SHANGHAI).date(), "what": rung_words(one.rung), "holder": holder,
            "above": above if one.rung.startswith(UP) or holder.vacant else None,
        }
        for one in rungs
        if one not in done and one.speaks_at <= at + AHEAD
    ]  # fmt: skip
    sent = [
        {
            "day": one.speaks_at.astimezone(SHANGHAI).date(), "what": rung_words(one.rung),
            "state": one.get_state_display(), "tone": _TONES.get(one.state, "neutral"),
        }
        for one in reversed(done)
    ]  # fmt: skip
    return sent[:MOST], coming


@wall.lifted()
def _messages(row, user, inside):
    """Messages about it, one line for each occasion; outsiders see their own, those inside who was told."""
    rows = Message.objects.filter(duty=row.uuid).select_related("user").order_by("-created_at", "kind", "channel", "pk")
    if not inside:
        rows = rows.filter(user=user)
    found = []
    for (at, kind), group in groupby(rows[: MOST * 4], key=lambda one: (one.created_at, one.kind)):
        mine = list(group)
        people = list(dict.fromkeys(str(one.user) for one in mine))
        mails = [one for one in mine if one.channel != Message.Channel.INBOX]
        found.append({
            "at": at, "kind": KINDS[kind].label if kind in KINDS else kind, "people": people,
            "mails": [(_channel(one.channel), str(one.get_state_display())) for one in mails][:3],
        })  # fmt: skip
    return found[:MOST]
