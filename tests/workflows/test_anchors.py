"""Anchors: made once a day whatever beats there were, outside the database, and alarmed when they are not."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.authority import Authority
from approvals import sealing
from approvals.certificates.signing.base import SignerUnavailable, SigningError
from approvals.certificates.signing.loops import wait
from config.management.commands import doctor
from config.shell import _banner
from notifications.beats import ANCHOR, beats
from notifications.models import Heartbeat, Message
from tests.approvals.signed import timestamper
from tests.conftest import START
from workflows import anchoring, anchorlog, ledger, merkle, outside, proving, verifying
from workflows.models import Anchor, LedgerEntry, LogNode

DAY = timedelta(days=1)


def entries(count, start=0):
    """Ledger rows of cases of their own, written without the door: only the log's cost is looked at."""
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            case_model="pilots.batch",
            case_uuid=uuid4(),
            seq=1,
            at=START,
            act="x",
            to_state="x",
            text="{}",
            hash=f"{n:064x}",
        )
        for n in range(start, start + count)
    )


def said(settings):
    return [json.loads(json.loads(text)["body"]) for text in settings.ANCHOR_LOG.read_text().splitlines()]


def test_the_life_of_anchors(world, settings, monkeypatch):
    """One world, from the first anchor to a restore."""
    walk, first = world.application(to="formality_check")
    outside.beat(walk.at)
    outside.beat(walk.at)
    assert Anchor.objects.count() == len(said(settings)) == 1, "two beats are one anchor"
    assert LedgerEntry.objects.filter(node=None).count() == 0
    assert list(verifying.everything()) == []

    # The next day of Shanghai, and days of silence after it: one anchor takes everything.
    world.application(to="draft", place="江宁区", walk=walk)
    assert not anchoring.due(walk.at)
    outside.beat(walk.at + DAY)
    outside.beat(walk.at + 9 * DAY)
    assert [one["number"] for one in said(settings)] == [1, 2, 3]
    older, newer = Anchor.objects.get(number=1), Anchor.objects.get(number=3)
    proof = proving.from_to(older.size, newer.size)
    roots = (bytes.fromhex(older.root), bytes.fromhex(newer.root))
    assert merkle.consistent(older.size, newer.size, roots, proof)
    assert newer.previous == Anchor.objects.get(number=2).root
    settings.ANCHOR_HOURS = 1
    assert not anchoring.due(walk.at + 9 * DAY + timedelta(minutes=59))
    assert anchoring.due(walk.at + 9 * DAY + timedelta(hours=1))
    settings.ANCHOR_HOURS = 24

    # A beat that lost the race for a place in the log leaves nothing.
    before = LogNode.objects.count()
    with monkeypatch.context() as patch:
        patch.setattr(anchoring.merkle, "frontier", lambda size, read: merkle.Frontier())
        assert anchoring.make(walk.at + 10 * DAY) is None
    assert LogNode.objects.count() == before

    # A restore: the database forgets two anchors, and goes on.
    for anchor in Anchor.objects.filter(number__gt=1):
        start = Anchor.objects.get(number=anchor.number - 1).size
        LogNode.objects.filter(level=0, place__gte=start).delete()
    LogNode.objects.filter(level__gt=0).delete()
    Anchor.objects.filter(number__gt=1).delete()
    edge = merkle.Frontier()
    for node in LogNode.objects.filter(level=0).order_by("place"):
        for level, place, top in edge.append(bytes(node.hash)):
            if level:
                LogNode.objects.create(level=level, place=place, hash=top)
    assert [one.wall for one in verifying.everything()].count("outside") >= 1
    with pytest.raises(outside.Behind, match="restored"):
        outside.anchor(walk.at + 11 * DAY)
    outside.beat(walk.at + 11 * DAY)
    assert "restored" in Heartbeat.objects.get(name=ANCHOR).note
    assert outside.restored("演练恢复", walk.at + 11 * DAY).said["number"] == 1
    outside.beat(walk.at + 12 * DAY)
    assert list(verifying.everything()) == []
    assert outside.restored("再来", walk.at + 12 * DAY) is None
    assert ledger.verify(first) == []


def test_a_signer_that_does_not_answer_loses_no_anchor(world, settings, monkeypatch):
    walk, _first = world.application(to="draft")

    def silent():
        raise SignerUnavailable("no answer")

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "signer", silent)
        assert outside.anchor(walk.at).faults == ["not signed: no answer"]
    assert [str(one) for one in verifying.everything()] == [
        "outside: line 1: nobody has signed it yet, nor a line after it"
    ]
    assert Heartbeat.objects.get(name=ANCHOR).note == "not signed: no answer"
    assert doctor.anchors()[0] == doctor.RED, "the anchor is of 2017"
    outside.anchor(walk.at + DAY)
    assert list(verifying.everything()) == [], "the next signature covers it"

    # A timestamping authority that answers, and one that does not.
    tower = timestamper()
    settings.TSA_URL, settings.TSA_ROOTS_FILE = "https://tsa.example.cn/", str(settings.ANCHOR_LOG.parent / "tsa.pem")
    (settings.ANCHOR_LOG.parent / "tsa.pem").write_bytes(
        load_der_x509_certificate(tower.root).public_bytes(Encoding.PEM)
    )
    monkeypatch.setattr("approvals.sealing.http.exchange", lambda url, body, headers, most: (
        200, wait(tower.tsa.async_request_tsa_response(tsp.TimeStampReq.load(body))).dump()
    ))  # fmt: skip
    settings.ANCHOR_MAIL = True
    line = outside.anchor(walk.at + 2 * DAY).lines[0]
    assert line.time
    sealing.check_timestamp(line.time, line.statement, sealing.tsa_roots())
    with pytest.raises(SigningError, match="not over"):
        sealing.check_timestamp(line.time, line.statement + b"x", sealing.tsa_roots())
    with pytest.raises(SigningError, match="trusted"):
        sealing.check_timestamp(line.time, line.statement, sealing.roots())
    assert list(verifying.everything()) == []
    told = Message.objects.filter(kind="anchored", user=world.cast["auditor"])
    assert {row.channel for row in told} >= {"inbox"}
    assert line.said["root"] in told.first().body
    assert set(Message.objects.filter(kind="anchored").values_list("user", flat=True)) == {world.cast["auditor"].pk}
    monkeypatch.setattr("approvals.sealing.http.exchange", lambda url, body, headers, most: (500, b""))
    published = outside.anchor(walk.at + 3 * DAY)
    assert published.lines[0].signature
    assert published.faults == ["no timestamp: the timestamping authority answered HTTP 500"]
    _file_attacks(settings)
    _alarms(settings, walk.at + 3 * DAY, world)


def _file_attacks(settings):
    """Whoever can write the file, but has not the key."""
    whole = settings.ANCHOR_LOG.read_text()
    lines = whole.splitlines(keepends=True)
    for words, changed in {
        "not follow the line before": "".join([*lines[:1], *lines[2:]]),
        "the signature is not of what it says": whole.replace('\\"rows\\":', '\\"rows\\":9', 5),
        "not in the file": "".join(lines[:-1]),
        # A body that lacks what its kind must have stops no reader.
        "anchor 1: it is not in the file": whole.replace('\\"size\\":', '\\"sizes\\":'),
        "the certificate of its signer": whole.replace(json.loads(lines[1])["signer"], "0" * 64),
    }.items():
        settings.ANCHOR_LOG.write_text(changed)
        assert any(words in str(one) for one in verifying.everything()), words
    # A line that a crash cut short is no fault, and what it said is written again.
    settings.ANCHOR_LOG.write_text("".join(lines[:-1]) + lines[-1][:40])
    assert [line.said["number"] for line in outside.publish().lines] == [4]
    assert [str(one) for one in verifying.everything()] == []


def _alarms(settings, newest, world):
    """26 hours after the newest anchor, and not before; a file that cannot be written says so."""
    request = type("Request", (), {"at": newest + timedelta(hours=25)})()
    Heartbeat.objects.update_or_create(name="sweep", defaults={"at": timezone.now()})
    officer = Authority.of(world.cast["officer"], newest)
    assert "锚定" not in str(_banner(officer, request))
    request.at = newest + timedelta(hours=26)
    assert "锚定" in _banner(officer, request)["text"]
    assert outside.stale(beats(request.at)[ANCHOR], request.at)
    client = Client()
    client.force_login(world.cast["officer"], backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "超过 26 小时" in client.get("/ops/").content.decode()
    Heartbeat.objects.filter(name=ANCHOR).update(at=timezone.now())
    assert "最近一次锚定于" in client.get("/ops/").content.decode()
    Heartbeat.objects.filter(name=ANCHOR).delete()
    assert "还没有锚定过" in client.get("/ops/").content.decode()
    settings.ANCHOR_LOG = settings.ANCHOR_LOG.parent / "tsa.pem" / "anchors.jsonl"
    outside.beat(request.at)
    assert "tsa.pem" in Heartbeat.objects.get(name=ANCHOR).note
    assert anchorlog.standing(settings.SENT_LOG.parent / "none").anchors == {}
    with pytest.raises(CommandError, match=r"tsa\.pem"):
        call_command("ledger", "anchor")


@pytest.mark.django_db
def test_what_an_anchor_costs_does_not_grow_with_the_log(monkeypatch):
    """Statements for ten new rows, on a log of fifty and of a thousand: the logarithm more, and no scan of old rows."""
    costs = []
    for old in (50, 1000):
        entries(old, start=old * 10)
        anchoring.make_all(START + DAY * old)
        # Two days later the old rows are below the mark.
        anchoring.make_all(START + DAY * (old + 2))
        entries(10, start=old * 100)
        with (
            CaptureQueriesContext(
                connection,
            ) as seen,
            monkeypatch.context() as patch,
        ):
            patch.setattr(anchoring, "every", lambda: iter(()))
            patch.setattr(anchoring, "MOST", 9)
            assert anchoring.make(START + DAY * (old + 4)).rows
        costs.append(len(seen))
        assert any('"id" > ' in one["sql"] for one in seen)
    assert costs[1] <= costs[0] + 8, costs


@pytest.mark.django_db
def test_more_rows_than_one_anchor_takes(settings, monkeypatch):
    """They go in by several anchors; no row twice, none left. And where nothing was ever done, nothing is anchored."""
    outside.beat(START)
    assert not settings.ANCHOR_LOG.exists()
    monkeypatch.setattr(anchoring, "MOST", 20)
    monkeypatch.setattr(anchoring, "every", lambda: iter(
        sorted(outside_heads(), key=lambda head: head.uuid)
    ))  # fmt: skip
    entries(45)
    made = anchoring.make_all(START)
    assert [bool(one.heads) for one in made] == [False, False, True]
    assert [one.rows for one in made] == [20, 40, 45]
    assert LedgerEntry.objects.filter(node=None).count() == 0
    assert LogNode.objects.filter(level=0).count() == 46
    edge = merkle.Frontier()
    for node in LogNode.objects.filter(level=0).order_by("place"):
        list(edge.append(bytes(node.hash)))
    assert edge.root().hex() == made[-1].root


def outside_heads():
    from workflows.heads import Head

    return [Head(row.case_uuid, 1, row.hash, row.case_model, row.to_state) for row in LedgerEntry.objects.all()]


@pytest.mark.django_db
def test_a_row_that_was_committed_after_its_key_was_passed(monkeypatch):
    """PostgreSQL gives keys in one order and shows rows in another: it goes in with the next anchor, or is missed aloud."""
    entries(3)
    late = LedgerEntry.objects.order_by("pk").first()
    with monkeypatch.context() as patch:
        patch.setattr(anchoring, "every", lambda: iter(head for head in outside_heads() if head.uuid != late.case_uuid))
        assert anchoring.make(START).rows == 2
        assert Anchor.objects.get().last > late.pk
    monkeypatch.setattr(anchoring, "every", lambda: iter(outside_heads()))
    assert anchoring.make(START + timedelta(hours=1)).rows == 3
    entries(2, start=10)
    late = LedgerEntry.objects.order_by("pk")[3]
    monkeypatch.setattr(
        anchoring, "every", lambda: iter(head for head in outside_heads() if head.uuid != late.case_uuid)
    )
    for days in (1, 3, 5):
        anchoring.make(START + DAY * days)
    outside.publish()
    standing = anchorlog.standing(django_settings.ANCHOR_LOG)
    assert [one.where for one in verifying.log(standing)] == [f"pilots.batch {late.case_uuid} #1"]
