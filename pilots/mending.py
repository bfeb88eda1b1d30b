"""The list of what a site has to mend: drawing it up, and saving answers while two people write."""

import re
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.authority import Authority
from pilots.acts.application import APPLICANT
from pilots.drafting import Conflict, NotEditable
from pilots.models import Designation, RectificationItem
from pilots.models import DesignationState as D
from pilots.timing import after

LONGEST = 300
MOST = 40
LONGEST_ANSWER = 3000
_LINE = re.compile(r"^(\d{4}-\d{1,2}-\d{1,2})[\s：:，,]+(.+)$")


def parse(text: str, site: Any, today: date) -> list[tuple[date, str]]:
    """[(day, what)] of lines "2020-03-31 事项". Raises ValidationError naming every line that is wrong."""
    last = after(today, site.rules.acceptance.rectification) if site.rules.acceptance.rectification else None
    items, faults = [], []
    for number, line in enumerate((line.strip() for line in text.splitlines()), start=1):
        if not line:
            continue
        day, what = _parts(line)
        if day is None:
            faults.append(_("第 %(n)s 行须先写完成日期（如 2020-03-31）再写事项。") % {"n": number})
        elif day <= today or (last and day > last):
            faults.append(_("第 %(n)s 行的日期须在今天之后、%(last)s 之前（含当日）。") % {"n": number, "last": last})
        elif len(what) > LONGEST:
            faults.append(_("第 %(n)s 行超过 %(max)s 字。") % {"n": number, "max": LONGEST})
        else:
            items.append((day, what))
    if len(items) > MOST:
        faults.append(_("最多列 %(max)s 项。") % {"max": MOST})
    if faults:
        raise ValidationError(faults)
    return items


def _parts(line: str) -> tuple[date | None, str]:
    found = _LINE.match(line)
    if not found:
        return None, ""
    try:
        return date(*(int(part) for part in found[1].split("-"))), found[2].strip()
    except ValueError:
        return None, ""


def open_list(site: Any, items: list[tuple[date, str]]) -> None:
    """Stores the list of the round that begins."""
    RectificationItem.objects.bulk_create(
        RectificationItem(designation=site, round=site.rectifications, number=number, what=what, due_on=day)
        for number, (day, what) in enumerate(items, start=1)
    )


def may_answer(site: Any, user: Any, at: datetime) -> bool:
    """True when `user` writes the answers of this site now."""
    return site.state == D.RECTIFYING and Authority.of(user, at).seat(APPLICANT, site.scope()) is not None


def save_answer(site: Any, number: int, text: str, *, rev: int, by: Any, at: datetime) -> RectificationItem:
    """Stores one answer of the present round.

    `rev` is the save the person started from; Conflict carries what somebody else wrote meanwhile. Raises
    NotEditable outside the time for mending, RectificationItem.DoesNotExist for an unknown number.
    """
    with transaction.atomic():
        row = Designation.objects.select_for_update(of=("self",)).select_related(*Designation.related).get(pk=site.pk)
        if not may_answer(row, by, at):
            raise NotEditable
        item = RectificationItem.objects.select_for_update(of=("self",)).get(
            designation=row, round=row.rectifications, number=number
        )
        if item.rev != rev and item.answer != text:
            raise Conflict(item.answer, item.rev)
        if item.answer != text:
            item.answer, item.rev, item.answered_at, item.answered_by = text, item.rev + 1, at, by
            item.save()
    return item
