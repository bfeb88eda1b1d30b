"""The ledger of deadlines: what must be done by when, as far as I may see; as a list, a month, a year, a sheet."""

import calendar as months
from datetime import timedelta
from itertools import groupby

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.db.models.functions import ExtractMonth, ExtractYear
from django.shortcuts import render
from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts import clock
from accounts.access import signed_in
from accounts.authority import Authority
from accounts.roles import Role
from notifications import calendars
from notifications.models import Deadline
from notifications.orphans import orphans
from notifications.views.who import Holders
from notifications.workdays.arithmetic import SHANGHAI, add_months
from pilots.models import Programme
from pilots.views.listing import MOST_ROWS, PAGE, dropped_filters, ordering
from pilots.views.look import deadline_label, programme_name
from pilots.views.taking_away import take_away

SORTS = {
    "due": ("due_at",),
    "label": ("label", "due_at"),
    "subject": ("subject_label", "due_at"),
    "role": ("role", "due_at"),
    "opened": ("opened_at",),
}
WHEN = [
    ("", _("全部未完成")), ("overdue", _("已逾期")), ("7", _("7 日内")), ("30", _("30 日内")), ("90", _("90 日内")),
    ("provisional", _("暂定日期")), ("stuck", _("到期未能自动办理")), ("nobody", _("无人可办")), ("paused", _("停止计算")), ("closed", _("已办结")),
]  # fmt: skip
MINE = "mine"
# A month of a large office; the list has the rest.
MOST_IN_MONTH, MOST_IN_DAY = 2000, 4


class MonthField(forms.CharField):
    """A month as 2026-03; cleaned to its first day, or None."""

    widget = forms.HiddenInput

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        month = clock.month_of(text)
        if month is None:
            raise forms.ValidationError(_t("须写成 2026-03 的样子。"))
        return month


class LedgerFilter(forms.Form):
    q = forms.CharField(
        label=_("关键词"), required=False, max_length=60,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("办件、事项或依据")}),
    )  # fmt: skip
    programme = forms.ChoiceField(label=_("项目"), required=False)
    role = forms.ChoiceField(label=_("承办"), required=False)
    when = forms.ChoiceField(label=_("时间"), required=False, choices=WHEN)
    month = MonthField(label=_("月份"), required=False, max_length=7)
    view = forms.CharField(required=False, max_length=5, widget=forms.HiddenInput)

    def __init__(self, *args, programmes, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [
            ("", _("全部项目")),
            *((one.code, programme_name(one)) for one in programmes),
        ]
        self.fields["role"].choices = [
            ("", _("全部")), (MINE, _("由我承办")), *((role, role.label) for role in Role if role != Role.PUBLIC),
        ]  # fmt: skip


def narrowed(rows, chosen, authority, at):
    """The queryset under the filters, the month left aside."""
    day, when = clock.today(at), chosen.get("when")
    rows = rows.filter(closed_at__isnull=when != "closed")
    if chosen.get("q"):
        q = chosen["q"].strip()
        rows = rows.filter(
            Q(subject_label__icontains=q) | Q(label__icontains=q) | Q(label_en__icontains=q) | Q(basis__icontains=q)
        )
    if chosen.get("programme"):
        rows = rows.filter(programme=chosen["programme"])
    if chosen.get("role") == MINE:
        rows = rows.filter(role__in=authority.roles).filter(Q(user=None) | Q(user=authority.user))
    elif chosen.get("role"):
        rows = rows.filter(role=chosen["role"])
    if when in ("7", "30", "90"):
        return rows.filter(due_on__range=(day, day + timedelta(days=int(when))), paused_on=None)
    if when == "nobody":
        return orphans(rows, at)
    kinds = {
        "overdue": Q(due_on__lt=day, paused_on=None), "provisional": Q(provisional=True), "stuck": ~Q(stuck_reason=""),
        "paused": Q(paused_on__isnull=False),
    }  # fmt: skip
    return rows.filter(kinds[when]) if when in kinds else rows


@signed_in
@require_safe
def ledger(request):
    """Deadlines within my reach."""
    authority, today = Authority.of(request.user, request.at), clock.today(request.at)
    programmes = list(Programme.objects.order_by("code"))
    form = LedgerFilter(request.GET or None, programmes=programmes)
    chosen, dropped = dropped_filters(form)
    every = narrowed(Deadline.objects.visible_to(authority), chosen, authority, request.at)
    month, view = chosen.get("month"), "month" if chosen.get("view") == "month" else "list"
    rows = every
    if month or view == "month":
        first = month or today.replace(day=1)
        rows = every.filter(due_on__range=(first, _end_of(first)))
    sort, order = ordering(request, SORTS, "due")
    rows = rows.select_related("user__organisation").order_by(*order)
    names = {one.code: programme_name(one) for one in programmes}
    if request.GET.get("export") in ("xlsx", "csv"):
        return _export(request, rows, names, authority)
    context = {
        "filters": form, "dropped": dropped, "filtered": any(chosen.get(name) for name in form.fields if name != "view"),
        "sort": sort, "today": today, "view": view, "month": month, "strip": _strip(request, every, month or today, today),
        "tabs": [
            {"label": label, "url": "?" + _query(request, view=key, page=None), "active": view == key or (not key and view == "list")}
            for key, label in (("", _t("列表")), ("month", _t("月视图")))
        ],
        "exports": [(kind.upper(), "?" + _query(request, export=kind, page=None)) for kind in ("xlsx", "csv")],
        "all_months": "?" + _query(request, month=None, page=None) if month and view == "list" else "",
    }  # fmt: skip
    if view == "month":
        context |= _month(request, rows, first, today)
    else:
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context |= {"page": page, "rows": shown(list(page), names, authority, request.at)}
    return render(request, "notifications/ledger.html", context)


def _query(request, **change):
    query = request.GET.copy()
    for name, value in change.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return query.urlencode()


def _end_of(first):
    return first.replace(day=months.monthrange(first.year, first.month)[1])


def shown(rows, names, authority, at):
    """Rows with what a page says about them; one query for the holders of all."""
    holders = Holders(rows, authority, at)
    return [
        {
            "row": row, "label": deadline_label(row), "programme": names.get(row.programme, ""), "holder": holders.of(row),
        }
        for row in rows
    ]  # fmt: skip


def _strip(request, rows, here, today):
    """Twelve months of a year: how many deadlines fall into each, how many of them are late; one query."""
    year = here.year
    late = Q(due_on__lt=today, closed_at=None, paused_on=None)
    counted = (
        rows.order_by().annotate(year=ExtractYear("due_on"), month=ExtractMonth("due_on")).values("year", "month")
        .annotate(n=Count("pk"), late=Count("pk", filter=late)).values_list("year", "month", "n", "late")
    )  # fmt: skip
    every = {(one, month): (n, late) for one, month, n, late in counted}
    found = {month: numbers for (one, month), numbers in every.items() if one == year}
    chosen = request.GET.get("month", "")
    return {
        "year": year,
        "late_before": sum(late for (one, _month), (_n, late) in every.items() if one < year),
        "late_url": "?" + _query(request, month=None, page=None, view=None, when="overdue"),
        "previous": "?" + _query(request, month=f"{year - 1}-{here.month:02}", page=None),
        "next": "?" + _query(request, month=f"{year + 1}-{here.month:02}", page=None),
        "months": [
            {
                "name": str(MONTHS_3[month]).title(), "n": found.get(month, (0, 0))[0], "late": found.get(month, (0, 0))[1],
                "url": "?" + _query(request, month=f"{year}-{month:02}", page=None),
                "here": chosen == f"{year}-{month:02}", "now": (year, month) == (today.year, today.month),
            }
            for month in range(1, 13)
        ],
    }  # fmt: skip


def _month(request, rows, first, today):
    table = calendars.current()
    days = [first + timedelta(days=n) for n in range(_end_of(first).day)]
    rows = list(rows.order_by("due_on", "pk")[: MOST_IN_MONTH + 1])
    return {
        "first": first,
        "more": len(rows) > MOST_IN_MONTH,
        "items": list(_items(request, rows[:MOST_IN_MONTH], first, today)),
        "off": {day: table.reason_off(day) for day in days if day.weekday() < 5 and not table.is_working(day)},
        "work": {day for day in days if table.is_made_up(day)},
        "previous": "?" + _query(request, month=f"{add_months(first, -1):%Y-%m}"),
        "next": "?" + _query(request, month=f"{add_months(first, 1):%Y-%m}"),
        "unsettled": not table.covers(first),
    }  # fmt: skip


def _items(request, rows, first, today):
    """What stands in the days of a month: the first few of each day, and how many more the list has."""
    rest = "?" + _query(request, month=f"{first:%Y-%m}", view=None, page=None)
    for day, group in groupby(rows, key=lambda row: row.due_on):
        mine = list(group)
        for row in mine[:MOST_IN_DAY]:
            late = row.due_on < today and row.closed_at is None and row.paused_on is None
            yield {
                "date": day, "label": f"{deadline_label(row)} · {row.subject_label}", "url": row.get_absolute_url(),
                "tone": "bad" if late else "warn" if row.provisional else "",
            }  # fmt: skip
        if len(mine) > MOST_IN_DAY:
            yield {"date": day, "label": _t("另有 %(n)s 个") % {"n": len(mine) - MOST_IN_DAY}, "url": rest, "tone": ""}


def state_words(row, today):
    """In one word, how it stands with a deadline."""
    if row.closed_at is not None:
        return _t("已办结")
    if row.paused_on is not None:
        return _t("停止计算")
    if row.due_on < today:
        return _t("逾期 %(n)s 天") % {"n": (today - row.due_on).days}
    return _t("未完成")


def _export(request, rows, names, authority):
    """The same rows as a sheet; every day as a day, every text as text."""
    at = request.at
    today = clock.today(at)
    headings = [
        _t("期限"), _t("截止时刻"), _t("事项"), _t("办件"), _t("项目"), _t("承办角色"), _t("承办单位和人员"), _t("状态"), _t("暂定"),
        _t("依据"), _t("起算日"), _t("日历版本"),
    ]  # fmt: skip
    cells = lambda: (  # noqa: E731 - asked only when the sheet is made
        (
            item["row"].due_on.isoformat(), item["row"].due_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"), item["label"],
            item["row"].subject_label, item["programme"], item["holder"].role, item["holder"].line,
            state_words(item["row"], today), _t("是") if item["row"].provisional else "", item["row"].basis,
            item["row"].starts_on.isoformat(), item["row"].calendar_version,
        )
        for item in shown(list(rows[:MOST_ROWS]), names, authority, at)
    )  # fmt: skip
    total, kind = rows.order_by().count(), request.GET["export"]
    return take_away(request, kind, "deadlines", headings, cells, total=total, title=_t("期限台账"))
