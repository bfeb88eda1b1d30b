"""Numbers: taken with the signature from a series without gaps, void ones kept, joint ones the lead's (programmes.md §7.2)."""

from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import clock
from approvals import issuing
from approvals.models import Document
from approvals.rules import register
from approvals.rules.numbering import DOCUMENT_NUMBER, document_number
from config.demo.paths import _to_site
from pilots.models import Batch, Counter, Designation
from workflows import perform
from workflows.refusals import NotNow

REAL = [line for line in (Path(__file__).parent / "doc_numbers.txt").read_text(encoding="utf-8").splitlines() if line]


@pytest.fixture(autouse=True)
def _paper(monkeypatch):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())


@pytest.fixture
def ready(world):
    """A walk whose batch waits for its number."""
    walk, application = world.application(to="ready")
    walk.close()
    walk.decide()
    walk.notice()
    walk.batch = Batch.objects.select_related(*Batch.related).get(pk=application.batch_id)
    return walk


def last(series="国知发规字", year=2017):
    row = Counter.objects.filter(series=series, year=year).first()
    return row.last if row else 0


def issue(walk, **data):
    return perform(walk.batch, "issue", by=walk.cast["checker"], at=walk.at,
                   data={"dated": clock.today(walk.at).isoformat()} | data)  # fmt: skip


# --- the form of a number -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("number", REAL)
def test_real_numbers_are_read_in_their_parts_and_written_again(number):
    found = register.parts(number)
    assert DOCUMENT_NUMBER.match(number)
    assert document_number(found.series, found.year, found.number) == number


@pytest.mark.parametrize(
    "wrong", ["国知发规字[2018]6号", "国知发规字〔2018〕6", "〔2018〕6号", "", "国知发规字〔18〕6号"]
)
def test_what_has_not_the_form_is_no_number(wrong):
    assert register.parts(wrong) is None


def test_gaps_are_found_and_spoken():
    assert register.gaps([1, 2, 3]) == []
    assert register.gaps([2, 5], last=7) == [1, 3, 4, 6, 7]
    assert register.gaps([], last=0) == []
    assert register.spoken([1, 3, 4, 5, 7]) == "1、3—5、7"


# --- when a number is taken -----------------------------------------------------------------------------------------
def test_a_refused_document_takes_no_number(ready):
    before = last()
    with pytest.raises(NotNow):
        issue(ready, dated="2099-01-01")
    assert last() == before
    assert not Document.objects.exists()
    issue(ready)
    assert [row.number for row in Document.objects.all()] == [f"国知发规字〔2017〕{before + 1}号"]


def test_a_document_that_fails_after_its_number_gives_it_back(ready, monkeypatch):
    before = last()

    def fail(*_args, **_more):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("approvals.acts.publishing.bulk.carry", fail)
        with pytest.raises(RuntimeError):
            issue(ready)
    assert (last(), Document.objects.count()) == (before, 0)
    issue(ready)
    assert Document.objects.get().number == f"国知发规字〔2017〕{before + 1}号"


def test_a_refused_revocation_takes_no_number(world):
    walk = world.walk()
    site = _to_site(walk, world.place("徐汇区"))
    before = last()
    with pytest.raises(NotNow):
        perform(site, "revoke", by=walk.cast["leader"], at=walk.at, reason="x")
    assert last() == before
    walk.revoked(Designation.objects.get(pk=site.pk))
    assert last() == before + 1


def test_the_row_of_a_series_is_locked_before_it_is_counted(db):
    Counter.take("甲字", 2018)
    with CaptureQueriesContext(connection) as found, transaction.atomic():
        assert Counter.take("甲字", 2018) == 2
    read = [query["sql"] for query in found if '"last"' in query["sql"] and query["sql"].startswith("SELECT")]
    assert read
    # SQLite has no FOR UPDATE: there the whole transaction is immediate.
    assert connection.vendor == "sqlite" or any("FOR UPDATE" in sql for sql in read)


def test_series_and_years_count_for_themselves(db):
    with transaction.atomic():
        taken = [
            Counter.take(series, year)
            for series, year in (("甲字", 2018), ("甲字", 2018), ("乙字", 2018), ("甲字", 2019))
        ]
    assert taken == [1, 2, 1, 1]
    with transaction.atomic():
        Counter.take("甲字", 2018)
        transaction.set_rollback(True)
    with transaction.atomic():
        assert Counter.take("甲字", 2018) == 3


# --- void and joint numbers -----------------------------------------------------------------------------------------
def test_a_void_number_is_kept_and_never_given_again(ready):
    issue(ready)
    old = Document.objects.get()
    ready.batch.refresh_from_db()
    new = issuing.renumber(old, ready.at, ready.cast["checker"])
    third = issuing.correct(new, "徐汇区", "徐汇新区", ready.at, ready.cast["checker"])
    parts = [register.parts(row.number).number for row in (old, new, third)]
    assert parts == [parts[0], parts[0] + 1, parts[0] + 2]
    old.refresh_from_db()
    assert (old.void, old.replaced_by, new.replaces) == (True, new, old)
    assert (new.body, new.annex, new.title) == (old.body, old.annex, old.title)
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        Document.objects.create(batch=old.batch, kind="通知", number=old.number, title="x", body="x", dated=old.dated,
                                at=old.at, by=old.by)  # fmt: skip
    series = [register.parts(row.number).number for row in Document.objects.all()]
    assert register.gaps(series, last()) == list(range(1, parts[0]))


def test_a_joint_documents_other_numbers_are_written_down_and_take_none_of_the_series(ready, ruled):
    before = last()
    document = issuing.draw_up(ready.batch, [], clock.today(ready.at), ready.at, ready.cast["checker"])
    document.joint_numbers = [{"by": "财政部", "number": "财建〔2017〕88号"}]
    document.save()
    assert last() == before + 1
    assert not Counter.objects.filter(series__startswith="财建").exists()
    assert Document.objects.get().number.startswith("国知发规字")
