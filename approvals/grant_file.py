"""Reading a sheet of grants that are asked for: what each row says, and every fault by row. Nothing is stored."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts import clock
from accounts.models import Organisation, Place, User
from accounts.roles import UNGRANTABLE, Role
from approvals import grants
from approvals.models import GrantLine
from approvals.sheet_file import day, table
from pilots.models import Programme

COLUMNS = (_("账号"), _("角色"), _("辖区"), _("单位"), _("项目"), _("生效日期"), _("失效日期"))


@dataclass
class Row:
    """One row of the sheet: its number, what was written, the line it would become, its faults."""

    number: int
    cells: list[str]
    line: GrantLine | None = None
    faults: list[str] = field(default_factory=list)


def read(name: str, data: bytes) -> list[tuple[int, list[str]]]:
    """(number, cells as texts) of every row of an XLSX or CSV file. Raises `sheet_file.Unreadable`."""
    return [(number, [_text(cell) for cell in cells]) for number, cells in table(name, data, COLUMNS)]


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)  # Spreadsheets keep codes as numbers.
    found = day(cell) if isinstance(cell, datetime) else cell
    return str(found if found is not None else "").strip()[:120]


def judge(written: list[tuple[int, list[str]]], at: datetime) -> list[Row]:
    """Rows as lines of one request, with every fault; some statements for any number of rows, and two per person."""
    rows = [Row(number, cells) for number, cells in written]
    known = _Known(rows)
    for row in rows:
        row.line = known.line(row, at)
    good = [row for row in rows if row.line is not None]
    for index, fault in grants.line_faults(grants.K.GIVE, [row.line for row in good if row.line], at):
        good[index].faults.append(fault.text)
    return rows


class _Known:
    """Everything the rows name, read at once."""

    def __init__(self, rows: list[Row]) -> None:
        named: list[set[str]] = [{row.cells[index] for row in rows if row.cells[index]} for index in range(5)]
        self.users = {user.username: user for user in User.objects.filter(username__in=named[0])}
        self.roles: dict[str, str] = {}
        for language in ("en", "zh-hans"):
            with override(language):
                self.roles |= {str(role.label): role.value for role in Role if role not in UNGRANTABLE}
        self.roles |= {role.value: role.value for role in Role if role not in UNGRANTABLE}
        self.places: dict[str, list[Place]] = defaultdict(list)
        here = Place.objects.filter(valid_to__isnull=True)
        for place in here.filter(name__in=named[2]):
            self.places[place.name].append(place)
        for place in here.filter(code__in=named[2]):
            self.places[str(place.code)].append(place)
        self.bodies = {body.name: body for body in Organisation.objects.filter(name__in=named[3])}
        self.programmes = {one.name: one.code for one in Programme.objects.filter(name__in=named[4])}

    def line(self, row: Row, at: datetime) -> GrantLine | None:
        """The line a row asks for, or None where it cannot be one; its faults are noted in the row."""
        name, role, place, body, programme, start, end = row.cells
        user = self.users.get(name)
        if user is None:
            row.faults.append(_t("没有账号“%(name)s”") % {"name": name})
        if role not in self.roles:
            row.faults.append(_t("没有角色“%(name)s”") % {"name": role})
        where = self.places.get(place, [])
        if place and len(where) != 1:
            row.faults.append(
                (_t("有多个“%(name)s”，请填写区划代码") if where else _t("没有地区“%(name)s”")) % {"name": place}
            )
        if body and body not in self.bodies:
            row.faults.append(_t("没有单位“%(name)s”") % {"name": body})
        first, last = day(start), day(end)
        if (start and first is None) or (end and last is None):
            row.faults.append(_t("日期须写成 2026-01-31 的样子"))
        if row.faults:
            return None
        return GrantLine(
            user=user, role=self.roles[role], place=where[0] if where else None, organisation=self.bodies.get(body),
            programme=self.programmes.get(programme, programme), valid_from=midnight(first) if first else at,
            valid_to=midnight(last, 1) if last else None,
        )  # fmt: skip


def midnight(on: Any, days: int = 0) -> datetime:
    """The first instant (Shanghai) of the day `days` after `on`."""
    return datetime.combine(on + timedelta(days=days), time(0), tzinfo=clock.SHANGHAI)
