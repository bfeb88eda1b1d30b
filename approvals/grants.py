"""What a request about people's rights asks for, whether it may be, and how it is carried out.

The rule of who may hold what is `accounts.granting`; here it is asked of the lines of a request, together, at the moment
of proposing and again at the moment of confirming.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import addresses, events, sessions
from accounts.acts import Unmet, every_act
from accounts.granting import Proposal, counts_as, granting_faults, separation_faults
from accounts.holders import holders
from accounts.models import AccountEvent, Grant, User
from accounts.roles import Role
from approvals.models import GrantLine, GrantRequest, Objection
from notifications import ladder, outbox
from notifications.duties import replan
from pilots.models import Programme

K = GrantRequest.Kind
MOST_LINES = 500
# Seats named in one message; more are counted.
MOST_SAID = 10


def lines_of(request: GrantRequest) -> list[GrantLine]:
    """The lines of a request in their order, with what their words need; one statement."""
    return list(request.lines.select_related("user", "place", "organisation", "grant__source").order_by("position"))


def list_hash(lines: Iterable[GrantLine]) -> str:
    """SHA-256 of what the lines ask for, in their order: what somebody confirms."""
    rows = [
        [line.user_id, line.role, line.place_id, line.organisation_id, line.programme, _instant(line.valid_from),
         _instant(line.valid_to), *([line.email, line.phone] if line.email or line.phone else [])]
        for line in lines
    ]  # fmt: skip
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _instant(moment: datetime | None) -> str:
    return f"{moment.timestamp():.6f}" if moment else ""


def lock_people(request: GrantRequest) -> None:
    """Whoever it is about is locked, in order of keys: two requests about one person are judged one after the other."""
    people = request.lines.values_list("user_id", flat=True)
    # NO KEY: rows that only name the person (messages, ledger) need not wait, or a refusal and a confirmation would wait for
    # each other until PostgreSQL breaks one off.
    list(User.objects.select_for_update(no_key=True).filter(pk__in=list(people)).order_by("pk"))


# --- whether it may be


def line_faults(kind: str, lines: Sequence[GrantLine], at: datetime) -> Iterator[tuple[int, Unmet]]:
    """(index of the line, why not) of everything that stands in the way at `at`; lines are judged together."""
    if not lines:
        return
    match kind:
        case K.GIVE:
            yield from _giving_faults(lines, at)
        case K.END:
            yield from _ending_faults(lines, at)
        case _:
            for index, line in enumerate(lines):
                yield from ((index, fault) for fault in _account_faults(kind, line, at))


def _account_faults(kind: str, line: GrantLine, at: datetime) -> Iterator[Unmet]:
    match kind:
        case K.OFF if not line.user.is_active:
            yield Unmet("off_already", _("%(name)s的账号已经停用。") % {"name": line.user})
        case K.ON:
            if line.user.is_active:
                yield Unmet("on_already", _("%(name)s的账号没有停用。") % {"name": line.user})
            yield from _returning_faults(line.user, at)
        case K.CONTACT:
            yield from _contact_faults(line)


def _giving_faults(lines: Sequence[GrantLine], at: datetime) -> Iterator[tuple[int, Unmet]]:
    named = {line.programme for line in lines if line.programme}
    known = set(Programme.objects.filter(code__in=named).values_list("code", flat=True))
    before: list[Proposal] = []
    for index, line in enumerate(lines):
        proposal = proposal_of(line, at)
        yield from ((index, fault) for fault in granting_faults(proposal, at, besides=before))
        if line.programme and line.programme not in known:
            yield index, Unmet("programme", _("没有项目“%(code)s”。") % {"code": line.programme}, "programme")
        before.append(proposal)


def _ending_faults(lines: Sequence[GrantLine], at: datetime) -> Iterator[tuple[int, Unmet]]:
    for index, line in enumerate(lines):
        grant = line.grant
        if grant is None or (grant.valid_to is not None and grant.valid_to <= at):
            yield index, Unmet("ended", _("%(name)s的“%(seat)s”已经终止。") % {"name": line.user, "seat": line.words})
        elif line.valid_to is not None and grant.valid_to is not None and line.valid_to >= grant.valid_to:
            yield index, Unmet("later", _("该授权本来就到 %(day)s 为止。") % {"day": grant.last_day}, "valid_to")
        if line.valid_to is not None and line.valid_to <= at:
            yield index, Unmet("over_already", _("终止日期已经过去；立即终止请不要填写日期。"), "valid_to")


def _returning_faults(user: User, at: datetime) -> Iterator[Unmet]:
    """Seats of an account that comes back are held against each other again."""
    running = [row for row in user.grants.select_related("source") if row.span[1] is None or row.span[1] > at]
    for row in running:
        yield from separation_faults(user, row.role, row.span, ignoring=[row.pk])


def _contact_faults(line: GrantLine) -> Iterator[Unmet]:
    if (line.email, line.phone) == (line.user.email, line.user.phone):
        yield Unmet("same", _("与现在登记的相同。"))
    if addresses.taken(line.email, besides=[line.user_id]):
        yield Unmet("taken", _("这个邮箱已经属于另一个账号。"), "email")


def proposal_of(line: GrantLine, at: datetime) -> Proposal:
    """A line as a grant that is asked for at `at`: what should have begun already begins then."""
    return Proposal(
        line.user,
        line.role,
        max(line.valid_from or at, at),
        line.valid_to,
        line.place,
        line.organisation,
        line.programme,
    )


def own_hand(question: Any, lines: Iterable[GrantLine]) -> Iterator[Unmet]:
    """Nobody proposes or confirms for themselves, nor for whom they stand in for, or who stands in for them."""
    mine = _counted(question.people, question.at)
    if any(line.user_id in mine for line in lines):
        yield Unmet("own", _("不能为本人（或与本人互为委托的人）办理授权，须由其他管理员办理。"))


def same_hand(question: Any, other: User) -> Iterator[Unmet]:
    """Who proposed does not decide; two who stand in for one another are one."""
    people = question.people
    if other in people:
        return  # The ledger says so itself (`separate_from`).
    if other.pk in _counted(people, question.at):
        yield Unmet("separation", _("您与提出人互为委托，按一人计算，不能复核此申请。"))


def _counted(people: Iterable[User], at: datetime) -> set[int]:
    return {pk for person in people for pk in counts_as(person, at)}


# --- carrying it out


def carry_out(request: GrantRequest, lines: Sequence[GrantLine], *, by: User, at: datetime) -> None:
    """Does what the lines ask for. Everything was asked again just before, under the lock of the people."""
    for line in lines:
        match request.kind:
            case K.GIVE:
                _give(request, line, by, at)
            case K.END:
                lent = _lent_seats(Q(source=line.grant_id), at)
                _end(line, at)
                ended = [seat for seat in lent if not _lent_seats(Q(pk=seat.pk), at)]
                outbox.put(
                    [*handed_on(line.user, at), *_lent_no_more(line.user, ended, at, gettext_lazy("席位已终止。"))]
                )
            case K.OFF:
                switch_off(line.user, at, note=request.number)
            case K.ON:
                _switch_on(line.user, note=request.number)
            case K.CONTACT:
                addresses.change(line.user, email=line.email, phone=line.phone, note=request.number)


def _give(request: GrantRequest, line: GrantLine, by: User, at: datetime) -> None:
    wanted = proposal_of(line, at)
    line.grant = Grant.objects.create(
        user=wanted.user, role=wanted.role, place=wanted.place, organisation=wanted.organisation,
        programme=wanted.programme, valid_from=wanted.valid_from, valid_to=wanted.valid_to,
        granted_by=request.proposed_by, approved_by=by,
    )  # fmt: skip
    line.save(update_fields=["grant"])


def _end(line: GrantLine, at: datetime) -> None:
    grant = Grant.objects.select_for_update().get(pk=line.grant_id)
    end = max(line.valid_to or at, at)
    if grant.valid_from >= end:
        # It never began: there is no span in which it counted. The ledger keeps what it was.
        grant.delete()
        return
    # What was lent of it ends with it.
    grant.valid_to = end
    grant.save(update_fields=["valid_to"])


def switch_off(user: User, at: datetime, *, note: str = "") -> None:
    """Nobody signs in with this account any more. Sessions end, and the level above hears of what only this person could
    do (trust.md F18): seats of the office are their colleagues' anyway."""
    lent = _lent_seats(Q(user=user, source__isnull=False) | Q(source__user=user), at)
    # Addresses at which a calendar program reads are dead for good, also when the account comes back.
    user.is_active, user.feed_key = False, ""
    user.save(update_fields=["is_active", "feed_key"])
    user.feeds.all().delete()
    sessions.end(user)
    events.record(user, AccountEvent.Kind.SWITCHED_OFF, note=note)
    outbox.put([*handed_on(user, at), *_lent_no_more(user, lent, at, gettext_lazy("对方账号已停用。"))])


def _lent_seats(which: Q, at: datetime) -> list[Grant]:
    rows = Grant.objects.in_force(at).filter(which)
    return list(rows.select_related("user", "source__user", "place", "organisation").order_by("pk"))


def _lent_no_more(user: User, lent: Iterable[Grant], at: datetime, why: Any) -> Iterator[Any]:
    """Whoever lent a seat to this person, or sat in one of theirs, hears that nobody stands in any more."""
    for seat in lent:
        other = seat.source.user if seat.user_id == user.pk else seat.user
        yield from outbox.write(
            "outcome", f"lent:{seat.pk}:{at.timestamp():.0f}", [other], at, url=reverse("my_seats"),
            case=LentSeat(seat), done=gettext_lazy("委托终止"), reason=why,
        )  # fmt: skip


def handed_on(user: User, at: datetime) -> list[Any]:
    """Messages about what hung on a person who has just lost an account or a seat: what their colleagues have among
    their own now, and what nobody can do, for the level above; not saved."""
    return [*_taken_over(user, at), *ladder.left_behind(user, at)]


def _taken_over(user: User, at: datetime) -> list[Any]:
    """Investigations this person had taken up go back to the seat; its other holders hear of it."""
    found = []
    for case in Objection.objects.filter(handler=user).select_related("handler", *Objection.related).order_by("pk"):
        for row in replan(case, case.duties(at), at).opened:
            people = holders([Role(row.role)], case.scope(), at).get(Role(row.role), [])
            key = f"duty_opened:{row.uuid}:{row.due_version}"
            found += outbox.write("duty_opened", key, people, at, url=row.subject_url, duty=row, **outbox.about(row))
    return found


def _switch_on(user: User, *, note: str = "") -> None:
    user.is_active = True
    user.save(update_fields=["is_active"])
    events.record(user, AccountEvent.Kind.SWITCHED_ON, note=note)


# --- in words


@dataclass(frozen=True)
class LentSeat:
    """A seat that was lent, in words: 「席位委托：审批处负责人」."""

    grant: Grant

    def __str__(self) -> str:
        where = str(self.grant.place or self.grant.organisation or self.grant.programme or "")
        seat = self.grant.get_role_display()
        return _("席位委托：%(seat)s") % {"seat": f"{seat}（{where}）" if where else seat}


@dataclass(frozen=True)
class Share:
    """What of a request is one person's. In words it names nobody else who may stand on it, and not its number, which
    they could not look up: 「授予角色：形式审查员（北京市）、评审专家」."""

    user: User
    kind: str
    lines: tuple[GrantLine, ...]

    def __str__(self) -> str:
        seats = _("、").join(line.words for line in self.lines[:MOST_SAID] if line.words)
        if len(self.lines) > MOST_SAID:
            seats = _("%(acts)s等 %(n)s 项") % {"acts": seats, "n": len(self.lines)}
        kind = str(K(self.kind).label)
        return _("%(kind)s：%(seats)s") % {"kind": kind, "seats": seats} if seats else kind


def shares(request: GrantRequest, lines: Iterable[GrantLine]) -> list[Share]:
    """The request as each of the people it is about has a part in it, in the order of the lines."""
    found: dict[User, list[GrantLine]] = {}
    for line in lines:
        found.setdefault(line.user, []).append(line)
    return [Share(user, request.kind, tuple(own)) for user, own in found.items()]


def powers(role: str) -> list[tuple[str, list[str]]]:
    """[(kind of case, labels of what `role` may do to it)], in the order of the registry; made from the acts themselves."""
    found: dict[str, list[str]] = {}
    for label, act in every_act():
        if Role(role) in act.roles:
            name = str(apps.get_model(label)._meta.verbose_name)
            words = str(act.label)
            if words not in found.setdefault(name, []):
                found[name].append(words)
    return list(found.items())
