"""What nobody can do, on the desk of those who can see to it: why, and who mends it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.acts import acts_of
from accounts.authority import Scope
from accounts.holders import Directory
from accounts.roles import ORGANISERS, Role
from notifications.ladder import CHAIRS, on_panel, with_levels
from notifications.models import Deadline
from notifications.orphans import orphans, watched
from pilots.models import Application, Designation
from pilots.views.look import deadline_label

# Seats that people of the office are given in a pair (docs/decisions.md 80).
GIVERS = (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
MOST_NAMES = 3


def unheld(authority, at):
    """Open deadlines this person watches over and nobody can do, soonest first; a queryset."""
    return orphans(watched(authority), at).select_related("user").order_by("due_at", "pk")


def as_rows(deadlines, authority, at):
    """[{"what", "case", "url", "why", "fix", "fix_url", "row"}]; three statements at most for any number of deadlines."""
    rows: list[Deadline] = list(deadlines)
    if not rows:
        return []
    scopes = [row.scope() for row in rows]
    directory = Directory(
        with_levels(Role(row.role) for row in rows) | {*GIVERS, *CHAIRS}, at, [*scopes, Scope(house=True)]
    )
    asked = [row.subject_uuid for row in rows if _is_review(row)]
    batches = dict(Application.objects.filter(uuid__in=asked).values_list("uuid", "batch__uuid")) if asked else {}
    chairs = _chairs([row.subject_uuid for row in rows if on_panel(row.role, row.subject_model)])
    return [
        {"what": deadline_label(row), "case": row.subject_label, "url": row.subject_url, "row": row, "why": _why(row)}
        | _fix(row, authority, directory, batches, chairs)
        for row in rows
    ]


def _is_review(row):
    return row.role == Role.EXPERT and row.subject_model == "pilots.application"


def _chairs(sites):
    """{site: the roles that appoint its panel}, as the rules of each say; one statement, none where there are no sites."""
    if not sites:
        return {}
    act = acts_of(Designation)["replace_members"]
    rows = Designation.objects.filter(uuid__in=sites).select_related(*Designation.related)
    return {site.uuid: act.seats(site) for site in rows}


def _why(row):
    seat = Role(row.role).label
    if not row.user_id:
        return _("“%(seat)s”岗位没有人员") % {"seat": seat}
    if not row.user.is_active:
        return _("%(name)s的账号已停用") % {"name": row.user}
    return _("%(name)s已不任“%(seat)s”") % {"name": row.user, "seat": seat}


def _fix(row, authority, directory, batches, chairs):
    """Who mends it, in words; and where, for those who may do it themselves."""
    scope = row.scope()
    if _is_review(row):
        if authority.seat(ORGANISERS, scope) and row.subject_uuid in batches:
            return {"fix": _("改派评审"), "fix_url": reverse("batch_left", args=[batches[row.subject_uuid]])}
        return {"fix": _("由评审组织人改派：%(who)s") % {"who": _names(directory, ORGANISERS, scope)}, "fix_url": ""}
    if row.subject_uuid in chairs:
        seats = chairs[row.subject_uuid]
        if authority.seat(seats, scope):
            address = reverse("act", args=["designation", row.subject_uuid, "replace_members"])
            return {"fix": _("更换成员"), "fix_url": address}
        return {"fix": _("由验收负责人更换成员：%(who)s") % {"who": _names(directory, seats, scope)}, "fix_url": ""}
    colleagues = directory.of(Role(row.role), scope)
    if colleagues:
        return {"fix": _("同岗位人员可以直接办理：%(who)s") % {"who": named(colleagues)}, "fix_url": ""}
    if row.role == Role.APPLICANT_CONTACT and authority.seat((Role.APPLICANT_LEADER,), scope):
        return {"fix": _("更换经办人"), "fix_url": reverse("my_seats")}
    who = _names(directory, GIVERS, Scope(house=True))
    return {"fix": _("由系统管理员提出授权、安全管理员复核：%(who)s") % {"who": who}, "fix_url": ""}


def _names(directory, roles, scope):
    people = [person for role in roles for person in directory.of(role, scope)]
    return named(dict.fromkeys(people)) or _("暂无人员")


def named(people):
    """「张三、李四、王五 等 5 人」."""
    people = list(people)
    names = _("、").join(str(person) for person in people[:MOST_NAMES])
    return _("%(names)s 等 %(n)s 人") % {"names": names, "n": len(people)} if len(people) > MOST_NAMES else names
