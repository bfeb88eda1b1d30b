"""A year's holidays are published: provisional dates are counted again, and people told once."""

from datetime import UTC, date, datetime

import pytest

from notifications.models import Deadline, Message, WorkCalendar
from notifications.recount import recount
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
