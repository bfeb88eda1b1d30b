"""Reading a pool from a sheet of people: what each row says, and every fault by row."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Grant, User
from accounts.roles import Role
from approvals.models import Expert
from approvals.sheet_file import Unreadable, day, table
from pilots.rules.expertise import EXPERTISE

__all__ = ["COLUMNS", "Line", "Unreadable", "read"]

# The headings, in the language of the page; Chinese ones are read in every language.
COLUMNS = (_("账号"), _("职称"), _("专业"), _("评审领域"), _("聘期开始"), _("聘期结束"))


@dataclass
class Line:
    """One row of the sheet; `number` counts as the sheet does, from 1 with the heading."""

    number: int
    username: str
    values: dict = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    user: User | None = None


def read(name, data, at):
    """Every row of an XLSX or CSV file, checked against accounts and pool. Raises Unreadable."""
    found = [_line(number, cells) for number, cells in table(name, data, COLUMNS)]
    _match(found, at)
    return found


def _line(number, cells):
    username, title, profession, fields, start, end = cells
    line = Line(number, str(username or "").strip())
    codes = {zh: code for code, (zh, _en) in EXPERTISE.items()} | {code: code for code in EXPERTISE}
    given = [
        part.strip() for part in str(fields or "").replace("，", "、").replace(",", "、").split("、") if part.strip()
    ]
    unknown = [part for part in given if part not in codes]
    if unknown:
        line.faults.append(_t("不认识的评审领域：%(names)s") % {"names": _t("、").join(unknown)})
    if not given:
        line.faults.append(_t("没有写评审领域"))
    first, last = day(start), day(end)
    if first is None or last is None:
        line.faults.append(_t("聘期须写成 2026-01-31 的样子"))
    elif last < first:
        line.faults.append(_t("聘期结束早于开始"))
    line.values = {
        "title": str(title or "").strip()[:40], "profession": str(profession or "").strip()[:60],
        "fields": sorted({codes[part] for part in given if part in codes}), "term_from": first, "term_to": last,
    }  # fmt: skip
    return line


def _match(lines, at):
    """Finds the accounts; three statements for any number of rows."""
    names = [line.username for line in lines]
    users = {user.username: user for user in User.objects.filter(username__in=names).select_related("organisation")}
    held = Grant.objects.in_force(at).filter(role=Role.EXPERT, user__username__in=names)
    able = set(held.values_list("user_id", flat=True))
    listed = set(Expert.objects.filter(user__username__in=names).values_list("user_id", flat=True))
    seen = set()
    for line in lines:
        line.user = users.get(line.username)
        if line.user is None:
            line.faults.append(_t("没有账号“%(name)s”") % {"name": line.username})
        elif line.user.pk not in able:
            line.faults.append(_t("账号没有评审专家角色"))
        elif line.user.pk in listed:
            line.faults.append(_t("已在专家库"))
        if line.username in seen:
            line.faults.append(_t("与前面的行重复"))
        seen.add(line.username)
