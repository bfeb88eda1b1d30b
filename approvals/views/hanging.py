"""What hangs on an account or a seat, shown to the administrators before it is taken away: how much, and to whom it goes.

They read kinds, programmes and people, never the cases: who judges whom is no business of theirs (docs/decisions.md 80).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from accounts import sessions
from accounts.authority import Authority, Held, Scope
from accounts.holders import Directory
from accounts.models import Grant
from accounts.roles import REACH, Reach, Role
from notifications.ladder import CHAIRS, over, with_levels
from pilots.models import Collaborator, Programme
from pilots.views.look import programme_name
from pilots.views.nobody import named
from pilots.views.todo import todo


@dataclass(frozen=True)
class Item:
    """`bad`: nobody else is there to do it."""

    what: str
    n: int
    to: str
    bad: bool = False


def hanging(user, at, grant=None):
    """[Item] of everything that would have to be done by others without this account, or without one of its seats.

    A dozen statements at most, whatever hangs there. Empty for an account that is off, or a seat that is over.
    """
    if not user.is_active:
        return []
    authority, rest = Authority(user, at), ()
    if grant is not None:
        # What this seat reaches, and what the person may do from their others all the same.
        authority.held, rest = _held(user, at, pk=grant.pk), _held(user, at, ~Q(pk=grant.pk), ~Q(source=grant))
    found = [*_work(todo(authority), user, at, rest), *_lent(user, at, grant)]
    return found if grant is not None else [*found, *_of_the_account(user)]


def _held(user, at, *which, **more):
    rows = user.grants.in_force(at).filter(*which, **more).order_by("pk")
    told = rows.values_list("role", "place__path", "organisation_id", "programme", "source__user_id")
    return tuple(Held(Role(role), *where) for role, *where in told)


def _work(rows, user, at, rest):
    """Personal duties, which nobody else can do, and those of a seat, by role and programme."""
    counted = list(
        rows.order_by()
        .values("role", "programme", "place_path", "organisation_id", "user_id", "subject_model")
        .annotate(n=Count("pk"))
    )
    if not counted:
        return
    roles, scopes = {Role(row["role"]) for row in counted}, [_scope(row) for row in counted]
    seats, gone = Directory(with_levels(roles) | set(CHAIRS), at, scopes), _with_them(user, at)
    names = {
        one.code: programme_name(one)
        for one in Programme.objects.filter(code__in={row["programme"] for row in counted})
    }
    groups = defaultdict(Counter)
    for row, scope in zip(counted, scopes, strict=True):
        role = Role(row["role"])
        if not any(one.role == role and one.covers(scope, user.pk) for one in rest):
            groups[role, row["programme"], _heirs(role, row["subject_model"], scope, seats, gone)]["n"] += row["n"]
    for (role, programme, (people, above)), tally in groups.items():
        what = _("%(role)s的待办（%(programme)s）") % {"role": role.label, "programme": names.get(programme, programme)}
        what = what if programme else _("%(role)s的待办") % {"role": role.label}
        if people:
            yield Item(what, tally["n"], _("由同岗位人员办理：%(who)s") % {"who": named(people)})
        elif above:
            yield Item(what, tally["n"], _("没有其他人能办，报上一级安排：%(who)s") % {"who": named(above)}, bad=True)
        else:
            yield Item(what, tally["n"], _("没有其他人能办，上级岗位也没有人员"), bad=True)


def _scope(row):
    people = frozenset([row["user_id"]] if row["user_id"] else ())
    house = REACH[Role(row["role"])] is Reach.HOUSE
    return Scope(row["place_path"], row["organisation_id"], row["programme"], people, house)


def _with_them(user, at):
    """{(person, role)} that go together with this person: they themselves, and who sits in a seat of theirs alone."""
    lent = set(Grant.objects.in_force(at).filter(source__user=user).values_list("user_id", "role"))
    others = Grant.objects.in_force(at).filter(user__in={pk for pk, _role in lent}).exclude(source__user=user)
    own = set(others.values_list("user_id", "role")) if lent else set()
    return {(user.pk, str(role)) for role in Role} | (lent - own)


def _heirs(role, subject_model, scope, seats, gone):
    """(those who can do it as well, else those of the next level that has anybody)."""
    # What was taken up in person goes back to the seat; a sheet of a review is nobody else's.
    people = tuple(person for person in seats.of(role, scope) if (person.pk, str(role)) not in gone)
    if people:
        return people, ()
    return (), tuple(over(role, subject_model, scope, seats, gone))


def _lent(user, at, grant):
    """Seats that were lent by this person, or to them."""
    rows = Grant.objects.in_force(at).filter(source__isnull=False).select_related("user", "source__user").order_by("pk")
    mine = rows.filter(source=grant) if grant is not None else rows.filter(Q(source__user=user) | Q(user=user))
    away = [row.user for row in mine if row.user_id != user.pk]
    back = [row.source.user for row in mine if row.user_id == user.pk]
    if away:
        yield Item(
            _("委托出去的席位"),
            len(away),
            _("委托同时终止，受托人不能再代办：%(who)s") % {"who": named(away)},
            bad=True,
        )
    if back:
        yield Item(_("受托代办的席位"), len(back), _("退回委托人：%(who)s") % {"who": named(back)})


def _of_the_account(user):
    """Parts of forms this person helps with; sessions and addresses that end."""
    helps = Collaborator.objects.filter(user=user, removed_at__isnull=True).count()
    if helps:
        yield Item(_("协作填报"), helps, _("由申报单位经办人填写"))
    running = len(sessions.sessions_of(user))
    if running:
        yield Item(_("正在使用的会话"), running, _("立即结束"))
    feeds = user.feeds.count() + bool(user.feed_key)
    if feeds:
        yield Item(_("日历订阅地址"), feeds, _("立即失效，恢复账号后须重新生成"))
