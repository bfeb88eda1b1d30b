"""Every path of every programme of the catalogue ends where it must, and nothing happens that the proof does not know."""

from functools import lru_cache

import pytest
from django.db import connection

from accounts.roles import Role
from config.demo.paths import PATHS
from notifications.models import Deadline
from pilots.rules.document import cached
from tests.world import _texts
from workflows import ledger
from workflows.models import LedgerEntry
from workflows.proofs.duties import owed
from workflows.proofs.explore import explore
from workflows.proofs.machine import Machine
from workflows.proofs.moves import BESIDE

# The door is the same there; what differs is the database, and it is asked in every kind of act.
ON_POSTGRES = connection.vendor == "postgresql"
_NAMES = {
    "pilots.batch": "batch", "pilots.application": "application", "pilots.designation": "site",
    "approvals.certificate": "certificate", "approvals.objection": "objection",
}  # fmt: skip


def _cases():
    """Every programme on every path of its shape; on PostgreSQL the happy ends and one programme of each other path."""
    seen = set()
    for code in _texts():
        for name in PATHS:
            if not PATHS[name].possible(cached(_texts()[code])):
                continue
            if not ON_POSTGRES or name == "happy" or name not in seen:
                yield pytest.param(code, name, id=f"{code}-{name}")
            seen.add(name)


@pytest.mark.parametrize(("code", "name"), list(_cases()))
def test_a_path_reaches_its_end(world, code, name, monkeypatch):
    # What the PDF looks like is tested elsewhere; here only that one is made.
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())
    from config.demo.world import first_place

    walk = world.walk(code)
    place = first_place(walk.programme, world.cast)
    PATHS[name].live(walk, place)
    rows = walk.batch.applications.order_by("pk")
    # A path may choose another place, where this one cannot go its way.
    application = rows.filter(place=place).first() or rows.first()
    site = getattr(application, "designation", None)
    certificate = walk.certificate
    reached = (application.state, site and site.state, certificate and certificate.state)
    end = PATHS[name].end(walk.programme.current.rules)
    assert reached == (end.application, end.designation, end.certificate)
    cases = [case for case in (walk.batch, application, site, certificate) if case is not None]
    for case in cases:
        case.refresh_from_db()
        assert ledger.verify(case) == []
    assert _unforeseen(code, cases) == set()
    assert _unowed(code, cases) == set()


@lru_cache(maxsize=64)
def _foreseen(code):
    """({(case, act, from, to)}, {(case, state): {(seat, act that follows)}}) of everything the proof explored."""
    rules = cached(_texts()[code])
    edges, duties = set(), {}
    for own in (False, True):
        machine = Machine(rules, own=own)
        graph = explore(machine)
        for world, steps in graph.steps.items():
            for item in owed(world, machine):
                duties.setdefault((item.case, getattr(world, item.case)), set()).add((item.seat, item.then))
            for step in steps:
                for case in _NAMES.values():
                    before, after = getattr(world, case), getattr(step.after, case)
                    if before != after:
                        edges.add((case, before, after))
                edges.add((step.case, step.act, getattr(world, step.case), getattr(step.after, step.case)))
    return edges, duties


def _unforeseen(code, cases):
    """What really happened and the proof has no edge for."""
    edges, _duties = _foreseen(code)
    found = set()
    for row in LedgerEntry.objects.filter(case_uuid__in=[case.uuid for case in cases]):
        case = _NAMES[row.case_model]
        if row.act in BESIDE[case] or (row.act == "begin" and row.from_state == ""):
            continue
        known = (case, row.act, row.from_state, row.to_state) in edges
        # What follows from another case's act is an edge of that one: the change of state is what counts.
        if not known and (case, row.from_state, row.to_state) not in edges and row.from_state != row.to_state:
            found.add((case, row.act, row.from_state, row.to_state))
    return found


# Opened beside the road and looked at by no law: experts one by one, corrections, hearings, plaques, money, improvements.
_ASIDE = ("pass:", "figures", "heard", "hearing", "plaque", "pay:", "recover:", "improve", "opinion", "reopened:")


def _unowed(code, cases):
    """Deadlines that were really opened and that the proof does not know in any state."""
    _edges, duties = _foreseen(code)
    known = set().union(*duties.values())
    found = set()
    for row in Deadline.objects.filter(subject_uuid__in=[case.uuid for case in cases]):
        if row.code.startswith(_ASIDE) or row.code.startswith("report:"):
            continue
        if (row.role, row.then_act) not in known and row.role != Role.SYSTEM:
            found.add((row.code, row.role, row.then_act))
    return found
