"""Who holds a deadline, for people: role, unit and names."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.holders import Directory
from accounts.roles import Role
from notifications.ladder import levels, with_levels
from notifications.models.deadline import is_inside
from pilots.views.viewer import SCORE_READERS

# Who judges is known to those who run the programme, not to those who are judged (programmes.md §4).
_JUDGES = (Role.EXPERT, Role.ACCEPTANCE_LEAD, Role.SURVEY_CONTRACTOR)
# More names than these are counted.
MOST_NAMES = 3


@dataclass(frozen=True)
class Holder:
    """`vacant`: nobody sits there now. `hidden`: the reader may not know who it is."""

    role: str
    unit: str
    names: str
    vacant: bool = False
    hidden: bool = False

    @property
    def line(self):
        """Unit and names, or why there are none."""
        if self.hidden:
            return _("不公开")
        if self.vacant:
            return _("暂无人员")
        return " · ".join(part for part in (self.unit, self.names) if part)


class Holders:
    """The holders of some deadlines, and of the levels above them; one query for all."""

    def __init__(self, rows, authority, at, *, above=False):
        rows = [row for row in rows if not row.user_id or above]
        roles = {Role(row.role) for row in rows}
        if above:
            roles = with_levels(roles)
        self._authority = authority
        # Outsiders read the names of their own people only (as in the record of a case).
        self._inside = is_inside(authority)
        self._own = {held.organisation_id for held in authority.held} - {None}
        self._seats = Directory(roles, at, [row.scope() for row in rows]) if roles else None

    def of(self, row):
        """Who must do it."""
        role = Role(row.role)
        if role == Role.SYSTEM:
            return Holder(str(role.label), "", _("自动办理"))
        if role in _JUDGES and row.user_id != self._authority.user.pk and not self._authority.has(*SCORE_READERS):
            return Holder(str(role.label), "", "", hidden=True)
        return self._shown(role, [row.user] if row.user_id else self._seats.of(role, row.scope()))

    def above(self, row):
        """Whom a late duty is reported to: the next level that has anybody, or None."""
        for role in levels(Role(row.role)):
            people = [person for person in self._seats.of(role, row.scope()) if person.is_active]
            if people:
                return self._shown(role, people)
        return None

    def _shown(self, role, people):
        people = [person for person in people if person.is_active]
        units = list(dict.fromkeys(str(person.organisation) for person in people if person.organisation_id))
        known = [
            one for one in people if self._inside or one.organisation_id in self._own or one == self._authority.user
        ]  # fmt: skip
        names = _("、").join(str(person) for person in known[:MOST_NAMES])
        if len(known) > MOST_NAMES:
            names = _("%(names)s 等 %(n)s 人") % {"names": names, "n": len(known)}
        return Holder(str(role.label), _("、").join(units[:2]), names, vacant=not people)
