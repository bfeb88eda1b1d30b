"""Lists to take away: recorded with the person's account, told apart on the paper, and asked about when there are many rows.

What leaves as a sheet is out of everybody's sight afterwards (trust.md A17). So the workbook itself says who took it and
when (a CSV file is for programs, and says nothing but its rows), the owner's and the auditor's page has a line about it,
and whoever takes many rows says what for.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts import clock, events
from accounts.models import AccountEvent
from pilots.views.listing import MOST_ROWS, Leaf, sheet_csv, workbook

# More rows than this are asked about.
ASKED_FROM = 200
FIELD = "purpose"
_MADE_BY_PAGE = (FIELD, "export", "format", "page")


class PurposeForm(forms.Form):
    """What many rows are for."""

    purpose = forms.CharField(
        label=_("用途"), min_length=4, max_length=100,
        widget=forms.TextInput(attrs={"placeholder": _("如：报送司务会材料")}),
        error_messages={"required": _("请写明用途。"), "min_length": _("请写明用途，至少 4 个字。")},
    )  # fmt: skip


def take_away(
    request: Any,
    kind: str,
    name: str,
    headings: Sequence[str],
    cells: Callable[[], Iterable[Sequence[Any]]],
    *,
    total: int,
    title: str,
) -> HttpResponse:
    """The sheet (`kind` "xlsx" or "csv"), or the page that asks what it is for; `total` counts the rows before the cap.

    `cells` is asked only when the sheet is made, and must end after MOST_ROWS rows.
    """
    rows, purpose = min(total, MOST_ROWS), ""
    if rows > ASKED_FROM:
        form = PurposeForm(request.GET if FIELD in request.GET else None)
        if not form.is_valid():
            return _ask(request, form, rows, total, title)
        purpose = form.cleaned_data["purpose"]
    narrowed = "&".join(
        f"{key}={value}"
        for key, values in request.GET.lists()
        for value in values
        if value and key not in _MADE_BY_PAGE
    )
    note = " · ".join(part for part in (f"{name}.{kind} {rows}/{total}", purpose, narrowed) if part)
    events.record(request.user, AccountEvent.Kind.EXPORTED, request, note=note)
    if kind == "csv":
        return sheet_csv(name, headings, cells())
    return workbook(name, headings, cells(), leaf=_leaf(request, title, rows, total, narrowed, purpose))


def _ask(request: Any, form: PurposeForm, rows: int, total: int, title: str) -> HttpResponse:
    kept = [(key, value) for key, values in request.GET.lists() for value in values if key != FIELD]
    back = request.GET.copy()
    for key in _MADE_BY_PAGE:
        back.pop(key, None)
    context = {
        "form": form, "rows": rows, "total": total, "title": title, "kept": kept, "asked_from": ASKED_FROM,
        "most": MOST_ROWS, "back": f"{request.path}?{back.urlencode()}",
    }  # fmt: skip
    return render(request, "pilots/take_away.html", context, status=422 if form.errors else 200)


def _leaf(request: Any, title: str, rows: int, total: int, narrowed: str, purpose: str) -> Leaf:
    """The second sheet, and the line at the foot of every printed page."""
    user, when = request.user, request.at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    body = str(user.organisation or "")
    lines = [
        (_t("内容"), title), (_t("导出人"), str(user)), (_t("单位"), body), (_t("导出时间"), when),
        (_t("行数"), _t("%(rows)s（符合条件的共 %(total)s）") % {"rows": rows, "total": total}),
        (_t("筛选条件"), narrowed or _t("无")), (_t("用途"), purpose or _t("未要求写明")),
    ]  # fmt: skip
    return Leaf(_t("导出说明"), lines, " · ".join(part for part in (title, str(user), body, when) if part))
