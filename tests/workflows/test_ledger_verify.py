"""What an attacker with all rights on the database can do, and which wall sees it; and that a sound ledger is silent."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.conftest import START
from workflows import attacks, outside, verifying
from workflows.models import LedgerEntry


@pytest.fixture
def anchored(world):
    """Two cases with an anchor in the midst of their lives, and one at the end."""
    walk, first = world.application(to="ready")
    outside.anchor(START)
    world.application(to="province_review", place="江宁区", walk=walk)
    outside.anchor(walk.at)
    return first


def test_eleven_attacks_are_seen_and_nothing_else_is(anchored, figures):
    assert list(verifying.everything()) == []
    tried = list(attacks.play())
    assert {one.name: bool(one.faults) for one in tried} == dict.fromkeys(attacks.ATTACKS, True)
    figures(f"{sum(bool(one.faults) for one in tried)} of {len(tried)} attacks seen")
    assert len(tried) == 11
    walls = {one.name: one.walls for one in tried}
    # The first six break the chain of their case; after the next four, chains and heads hold, and only the file knows.
    # The last one touches no row: the case is not where they lead.
    names = list(attacks.ATTACKS)
    assert all("chain" in walls[name] for name in names[:6]), walls
    assert all("outside" in walls[name] and not {"chain", "head"} & set(walls[name]) for name in names[6:10]), walls
    assert walls[names[10]] == ["head"]
    assert list(verifying.everything()) == [], "the attacks left something behind"


def test_a_verifier_that_sees_nothing_is_told_apart(anchored, monkeypatch):
    """The planted positive of the self-test: with a blind verifier, no attack counts as seen."""
    monkeypatch.setattr(verifying, "everything", lambda: iter(()))
    assert [bool(one.faults) for one in attacks.play()] == [False] * 11


def command(*arguments):
    """(what it printed, its error) of `manage.py ledger`."""
    out = StringIO()
    try:
        call_command("ledger", *arguments, stdout=out, stderr=out)
    except CommandError as error:
        return out.getvalue(), str(error)
    return out.getvalue(), ""


def test_the_command_names_every_break(anchored):
    told, error = command("verify")
    assert (told.splitlines()[-1], error) == ("every wall holds", "")
    assert command("verify", "--case", "application", str(anchored.uuid))[1] == ""
    row = LedgerEntry.objects.filter(case_uuid=anchored.uuid).order_by("seq")[2]
    LedgerEntry.objects.filter(pk=row.pk).update(text=row.text.replace('"reason":"', '"reason":"x'), hash="0" * 64)
    for arguments in (["verify"], ["verify", "--case", "pilots.application", str(anchored.uuid)]):
        told, error = command(*arguments)
        assert "faults" in error
        for words in (
            f"chain: pilots.application {anchored.uuid} #3: text or hash was changed",
            f"chain: pilots.application {anchored.uuid} #3: column reason differs from the text",
            f"chain: pilots.application {anchored.uuid} #4: does not follow the row before",
        ):
            assert words in told, told
    assert (
        f"log: place {row.node.place}: pilots.application {anchored.uuid} #3: it is not what went in there"
        in command("verify")[0]
    )
    assert "it cannot be proved" in told
    # Other cases are not blamed.
    batch = anchored.batch
    assert command("verify", "--case", "batch", str(batch.uuid))[1] == ""
    LedgerEntry.objects.filter(pk=row.pk).update(text="no text at all")
    assert "text or hash was changed" in command("verify")[0]
    assert "no cases called" in command("verify", "--case", "house", str(batch.uuid))[1]
    assert "no pilots.batch" in command("verify", "--case", "batch", str(anchored.uuid))[1]
