"""A year's holidays are published: provisional dates are counted again, and people told once."""

from datetime import UTC, date, datetime

import pytest

from notifications.models import Deadline, DueChange, Message, WorkCalendar
from notifications.recount import recount
from notifications.years import store
from tests.world import build_world


@pytest.fixture
def beyond(db):
    """A formality check that falls into 2027, a year whose table nobody has published."""
    world = build_world(datetime(2027, 2, 1, 1, tzinfo=UTC))
    return world, *world.application(to="formality_check")


def test_a_date_beyond_the_tables_is_provisional_and_never_a_crash(beyond):
    _world, _walk, application = beyond
    row = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    assert row.provisional
    assert row.due_on == date(2027, 2, 8)


def test_publication_moves_the_date_and_tells_the_holder_once(beyond):
    world, walk, application = beyond
    # An invented notice: Spring Festival takes the fifth to the eleventh of February.
    WorkCalendar.objects.bulk_create(
        WorkCalendar(
            year=2027, date=date(2027, 2, day), kind="holiday", name="春节", source="t", version="published-2027"
        )
        for day in range(5, 12)
    )
    assert recount(walk.at)[1] == 1
    row = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    assert (row.due_on, row.provisional, row.due_version) == (date(2027, 2, 15), False, 2)
    told = Message.objects.filter(kind="date_changed", user=world.cast["checker"], channel="inbox")
    assert told.count() == 1
    assert "2027-02-15" in told.get().body
    assert recount(walk.at)[1] == 0
    assert told.count() == 1


def test_what_was_published_or_printed_stays_as_it_was(world):
    """A notice that has begun and a term that is printed keep their days, whatever table is loaded (trust.md §5)."""
    walk, application = world.application(to="ready")
    walk.close()
    walk.decide()
    batch = walk.batch
    batch.refresh_from_db()
    seen = []

    def load():
        batch.refresh_from_db()
        before = (batch.notice_from, batch.notice_to)
        tables = store.stored([batch.notice_to.year])
        table = dict(tables[batch.notice_to.year])
        table[batch.notice_to] = ("holiday", "临时放假", "测试", "published-test")
        done = store.replace({batch.notice_to.year: table}, tables)
        recount(walk.at, done.changed)
        batch.refresh_from_db()
        seen.append((before, (batch.notice_from, batch.notice_to)))

    walk.notice(during=load)
    walk.issue()
    [(before, after)] = seen
    assert before == after
    site = application.designation
    printed = (site.term_start, site.term_end, site.term_text)
    tables = store.stored([site.term_end.year])
    assert tables[site.term_end.year]
    table = dict(tables[site.term_end.year])
    table[site.term_end] = ("holiday", "临时放假", "测试", "published-test")
    done = store.replace({site.term_end.year: table}, tables)
    recount(walk.at, done.changed)
    site.refresh_from_db()
    assert (site.term_start, site.term_end, site.term_text) == printed
    assert DueChange.objects.filter(why="recount", deadline__code__in=["notice", "open_evaluation"]).count() == 0


def test_a_settled_date_moves_when_its_table_is_corrected(world):
    walk, application = world.application(to="formality_check")
    row = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    assert not row.provisional
    tables = store.stored([row.due_on.year])
    table = dict(tables[row.due_on.year])
    table[row.due_on] = ("holiday", "临时放假", "测试", "published-test")
    done = store.replace({row.due_on.year: table}, tables)
    assert done.changed == {row.due_on}
    assert recount(walk.at, done.changed)[1] == 1
    again = Deadline.objects.get(pk=row.pk)
    assert again.due_on > row.due_on
    assert again.moves.get().why == "recount"
    told = Message.objects.filter(kind="date_changed", duty=row.uuid, channel="inbox")
    assert told.count() == 1
    recount(walk.at, done.changed)
    assert told.count() == 1
