"""The one door. Every change of state goes through `perform`: pages, commands, timers, imports, the API."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import trail, wall
from accounts.acts import Act, Deed, Question, Unmet, acts_of
from accounts.authority import Authority
from accounts.holders import holders
from accounts.models import User
from accounts.points import point
from accounts.roles import Role
from notifications import jobs, outbox
from notifications.duties import Why, replan
from workflows import follow, ledger, telling
from workflows.models import LedgerEntry
from workflows.refusals import Denied, NotNow, Refused, Stale, Unknown
from workflows.retry import retried

log = logging.getLogger("pilotage.act")


class _System:
    """The scheduler. It reminds, expires and carries out consequences; it never decides."""

    def __str__(self) -> str:
        return "system"


SYSTEM = _System()


@dataclass
class Outcome:
    """What was done: the case as it stands now, and the ledger row."""

    obj: Any
    entry: LedgerEntry


def perform(
    obj: Any,
    action: str,
    *,
    by: Any,
    at: datetime,
    reason: str = "",
    data: Any = None,
    files: Any = None,
    version: int | None = None,
    on_behalf_of: Any = None,
) -> Outcome:
    """Does one act on one case, in one transaction, or raises a `Refused` and changes nothing.

    `by` is a user, `SYSTEM`, or None for a passer-by. `version` is what the person saw; when the case has moved
    on since, `Stale` says how. `data` is the raw input of the act's form. Raises Unknown, Denied, NotNow, Stale.
    """
    try:
        act = acts_of(obj)[action]
    except KeyError:
        raise Unknown([Unmet("unknown", _("没有“%(act)s”这一操作。") % {"act": action})]) from None
    # Permission is asked here; what follows is the house's business (quotas, flows, letters to others).
    with trail.bind(case=f"{obj._meta.model_name}/{obj.uuid}", act=action), wall.lifted():
        try:
            outcome = retried(
                lambda: _perform(obj, act, by, at, reason, data, files, version, on_behalf_of), files
            )  # fmt: skip
        except Refused as refused:
            codes = [reason.code for reason in refused.reasons]
            log.info("act refused", extra={"refusal": type(refused).__name__, "reasons": codes})
            raise
        log.info("act done", extra={"seq": outcome.entry.seq, "state": outcome.obj.state})
        return outcome


def _perform(
    obj: Any,
    act: Act,
    by: Any,
    at: datetime,
    reason: str,
    data: Any,
    files: Any,
    version: int | None,
    on_behalf_of: Any,
) -> Outcome:
    with transaction.atomic():
        act.lock_first(obj)
        case = _lock(obj)
        _same(case, version)
        role = seat_of(act, case, by, at)
        on_behalf_of = on_behalf_of or absent(case, by, role, at)
        deed = Deed(
            case, None if by is SYSTEM else by, role, at, on_behalf_of, reason=reason.replace("\x00", "").strip()
        )
        _check(act, deed, data, files)
        return _do(act, deed)


def consequence(
    obj: Any, action: str, *, at: datetime, reason: str = "", data: Any = None, version: int | None = None
) -> Outcome:
    """An act that follows from another one, in its transaction, done by the system or the public's own hand.

    `version` is what was prepared for, outside the transaction. Raises NotNow, Stale.
    """
    case = _lock(obj)
    _same(case, version)
    return _follow_up(case, action, at, reason=reason, data=data)


def _same(case: Any, version: int | None) -> None:
    if version is not None and case.version != version:
        raise Stale(list(LedgerEntry.objects.filter(case_uuid=case.uuid, seq__gt=version).order_by("seq")))


def _follow_up(case: Any, action: str, at: datetime, *, reason: str = "", data: Any = None) -> Outcome:
    """The same on a case that is locked already."""
    act = acts_of(case)[action]
    role = Role.SYSTEM if Role.SYSTEM in act.seats(case) else act.seats(case)[0]
    deed = Deed(case, None, role, at, reason=reason, data=data or {})
    unmet = obstacles(act, deed)
    if unmet:
        raise NotNow(unmet)
    return _do(act, deed)


def _lock(obj: Any) -> Any:
    """The case re-read under a blocking row lock (on SQLite the transaction itself is the lock)."""
    model = type(obj)
    return model._default_manager.select_for_update(of=("self",)).select_related(*model.related).get(pk=obj.pk)


def seat_of(act: Act, case: Any, by: Any, at: datetime) -> Role:
    """The role in which `by` may do `act` here. Permission is a gate: raises Denied, with the names of who can."""
    seats = act.seats(case)
    if by is SYSTEM:
        if Role.SYSTEM in seats:
            return Role.SYSTEM
        raise Denied([Unmet("not_system", _("系统不能代替人作此决定。"))])
    if by is None:
        if Role.PUBLIC in seats:
            return Role.PUBLIC
        raise Denied([Unmet("anonymous", _("请先登录。"))])
    scope = case.scope()
    role = Authority.of(by, at).seat(seats, scope)
    if role is None:
        who = [user for people in holders(seats, scope, at).values() for user in people]
        names = _("、").join(str(Role(seat).label) for seat in seats if seat not in (Role.SYSTEM, Role.PUBLIC))
        raise Denied([Unmet("no_seat", _("您没有办理此事项的权限；可由 %(roles)s 办理。") % {"roles": names})], who)
    return role


def absent(case: Any, by: Any, role: Role | None, at: datetime) -> User | None:
    """Whom `by` stands in for when acting as `role` here; None for one's own seat."""
    if by is SYSTEM or by is None or role is None:
        return None
    lender = Authority.of(by, at).lender(role, case.scope())
    return User.objects.get(pk=lender) if lender is not None else None


def obstacles(act: Act, question: Question) -> list[Unmet]:
    """Every condition that is not met, state first."""
    case = question.obj
    if not act.applies(question):
        return [Unmet("not_used", _("本项目规则不使用这一环节。"))]
    sources = act.sources(type(case))
    if case.state not in sources:
        return [
            Unmet("state", _("当前状态为“%(state)s”，不能%(act)s。") % {
                "state": case.get_state_display(), "act": act.label})
        ]  # fmt: skip
    return [*act.unmet(question), *separation(act, question)]


def separation(act: Act, question: Question) -> list[Unmet]:
    """One person must not hold two seats on one case (programmes.md §4).

    Who stands in for somebody and that somebody count as one: neither may do what the other may not.
    """
    if question.by is None:
        return []
    return [*_earlier_hand(act, question), *_second_seat(act, question)]


def _earlier_hand(act: Act, question: Question) -> list[Unmet]:
    """Whoever had a hand in the cases at issue cannot look into them."""
    cases, people = list(act.stranger_to(question.obj)), question.people
    # What a deputy did counts for the one who was away.
    hand = Q(actor__in=people) | Q(on_behalf__in=people)
    if not cases or not LedgerEntry.objects.filter(hand, case_uuid__in=cases).exists():
        return []
    return [Unmet("own_case", _("您办理过所涉的申报或批次，须由未经手的人员办理。"))]


def _second_seat(act: Act, question: Question) -> list[Unmet]:
    if not act.separate_from:
        return []
    done = [pair for pair in _done_by(question.obj, question.people) if pair[0] in act.separate_from]
    labels = acts_of(question.obj)
    return [
        Unmet("separation", (
            _("您已在本件中“%(act)s”，按职责分离不能再办理此事项。") if actor == question.by.pk
            else _("委托人或受托人已在本件中“%(act)s”，按职责分离不能再办理此事项。")
        ) % {"act": labels[name].done if name in labels else name})
        for name, actor in sorted(set(done))
    ]  # fmt: skip


def _done_by(case: Any, people: list[User]) -> set[tuple[str, int | None]]:
    """(act, actor) of everything these people, or others on their behalf, did on a case.

    Kept on the object for its present version: a page asks for every act in turn.
    """
    read = case.__dict__.get("_ledger")
    if read is not None and read[0] == case.version:
        # A page that tells the whole story has read the rows already.
        keys = {person.pk for person in people}
        return {(row.act, row.actor_id) for row in read[1] if keys & {row.actor_id, row.on_behalf_id}}
    key = (case.version, *(person.pk for person in people))
    known: dict[Any, set[tuple[str, int | None]]] = case.__dict__.setdefault("_done_by", {})
    if key not in known:
        rows = LedgerEntry.objects.filter(Q(actor__in=people) | Q(on_behalf__in=people), case_uuid=case.uuid)
        known[key] = set(rows.values_list("act", "actor_id"))
    return known[key]


def _check(act: Act, deed: Deed, data: Any, files: Any) -> None:
    """Conditions and input; raises NotNow with everything that stands in the way."""
    unmet = obstacles(act, deed)
    if not act.applies(deed):
        # Rules that do not know the act have nothing its form could be made of.
        raise NotNow(unmet)
    if act.needs_reason and not deed.reason:
        unmet.append(Unmet("reason", _("请写明理由。"), "reason"))
    form = act.form(data if data is not None else {}, files, obj=deed.obj, by=deed.by, at=deed.at)
    if form.is_valid():
        deed.data = form.cleaned_data
        if not unmet:
            unmet.extend(act.faults(deed))
    else:
        unmet.extend(
            Unmet("input", f"{form.fields[name].label}：{error}" if name in form.fields else str(error), name)
            for name, errors in form.errors.items()
            for error in errors
        )
    if unmet:
        raise NotNow(unmet, form)


def _do(act: Act, deed: Deed) -> Outcome:
    """Change, ledger row, flow, deadlines, messages, jobs: all or nothing."""
    case, before = deed.obj, deed.obj.state
    started = case.version == 0
    deed.facts["act"] = act.code
    deed.perform = lambda obj, action, **more: consequence(obj, action, at=deed.at, **more)
    act.carry_out(deed)
    point("act_done")
    if case.state != before or case.since is None:
        case.since = deed.at
    entry = ledger.entry(case, deed=deed, actor_name=_name(deed), from_state="" if started else before)
    case.version, case.head = entry.seq, entry.hash
    case.save()
    entry.save(force_insert=True)
    follow.advance(case, act, deed)
    why = Why(act.code, str(deed.facts.get("letter") or ""))
    plan = replan(case, case.duties(deed.at), deed.at, why)
    outbox.put(telling.messages(case, act, deed, entry, plan))
    if deed.jobs:
        jobs.enqueue(deed.jobs)
    for follow_up in deed.then:
        action, reason = follow_up if isinstance(follow_up, tuple) else (follow_up, "")
        _follow_up(case, action, deed.at, reason=reason)
    transaction.on_commit(follow.wake, robust=True)
    point("act_recorded")
    return Outcome(case, entry)


def _name(deed: Deed) -> str:
    if deed.by is not None:
        return str(deed.by)
    return str(deed.role.label) if deed.role else ""


__all__ = ["SYSTEM", "Denied", "NotNow", "Outcome", "Refused", "Stale", "Unknown", "perform"]
