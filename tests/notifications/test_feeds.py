"""Calendar feeds: secret, revocable, stable where days move, and nothing for those who guess."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from accounts.models import User
from approvals.views.throttle import TRIES
from notifications.models import Deadline, Feed
from notifications.recount import recount
from notifications.years import store
from tests.world import TRIAL

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(world, stand, browse):
    walk, application = world.application(to="formality_check")
    stand(walk.at)
    checker = world.cast["checker"]
    browse(checker).post("/deadlines/feeds/", {"programme": TRIAL})
    return walk, application, checker, Feed.objects.get(user=checker)


def address(feed):
    return f"/deadlines/feeds/{feed.key}.ics"


def events(answer):
    assert answer.status_code == 200
    return {str(event["uid"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_whoever_has_the_address_reads_what_its_owner_sees(scene, browse):
    _walk, application, checker, feed = scene
    row = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    found = events(browse().get(address(feed)))
    assert set(found) == {f"{one.uuid}@pilotage" for one in Deadline.objects.open().filter(programme=TRIAL)}
    event = found[f"{row.uuid}@pilotage"]
    assert event["dtstart"].dt == row.due_on
    assert event["dtend"].dt == row.due_on + timedelta(days=1)
    assert event["sequence"] == 1
    assert event["status"] == "CONFIRMED"
    assert "5个工作日" in event["description"]
    assert str(event["url"]).endswith(row.get_absolute_url())
    assert checker.name not in str(event)


def test_a_programme_is_not_another_and_what_is_done_is_gone(scene, browse):
    walk, application, checker, feed = scene
    row = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    other = Feed.objects.create(user=checker, programme="protection_centre", key="k" * 43, created_at=walk.at)
    assert events(browse().get(address(other))) == {}
    walk.check(application)
    assert f"{row.uuid}@pilotage" not in events(browse().get(address(feed)))


def test_a_day_that_moves_is_the_same_event_with_a_new_number(scene, browse):
    walk, application, _checker, feed = scene
    row = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    uid = f"{row.uuid}@pilotage"
    before = events(browse().get(address(feed)))[uid]
    tables = store.stored([row.due_on.year])
    table = dict(tables[row.due_on.year])
    table[row.due_on] = ("holiday", "临时放假", "测试", "published-test")
    done = store.replace({row.due_on.year: table}, tables)
    assert recount(walk.at + timedelta(hours=1), done.changed)[1] >= 1
    after = events(browse().get(address(feed)))[uid]
    assert after["dtstart"].dt > before["dtstart"].dt
    assert (before["sequence"], after["sequence"]) == (1, 2)
    assert after["last-modified"].dt > before["last-modified"].dt


def test_nothing_new_is_not_sent_again(scene, browse):
    _walk, _application, _checker, feed = scene
    first = browse().get(address(feed))
    again = browse().get(address(feed), headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first["Cache-Control"] == "private, max-age=900"
    assert first["X-Robots-Tag"] == "noindex"


def test_a_new_address_kills_the_old_one_and_revoking_both(scene, browse):
    _walk, _application, checker, feed = scene
    old, mine = address(feed), browse(checker)
    mine.post(f"/deadlines/feeds/{TRIAL}/", {"do": "new"})
    feed.refresh_from_db()
    assert address(feed) != old
    assert browse().get(old).status_code == 404
    assert browse().get(address(feed)).status_code == 200
    mine.post(f"/deadlines/feeds/{TRIAL}/", {"do": "revoke"})
    assert browse().get(address(feed)).status_code == 404
    assert not Feed.objects.exists()


def test_nobody_changes_the_feed_of_somebody_else(scene, world, browse):
    _walk, _application, _checker, feed = scene
    assert browse(world.cast["officer"]).post(f"/deadlines/feeds/{TRIAL}/", {"do": "revoke"}).status_code == 404
    assert browse().get(address(feed)).status_code == 200


def test_somebody_who_has_left_is_unknown(scene, browse):
    _walk, _application, checker, feed = scene
    User.objects.filter(pk=checker.pk).update(is_active=False)
    assert browse().get(address(feed)).status_code == 404


def test_seats_that_are_gone_show_nothing(scene, browse):
    walk, _application, checker, feed = scene
    checker.grants.update(valid_to=walk.at - timedelta(minutes=1))
    assert events(browse().get(address(feed))) == {}


@pytest.mark.parametrize("key", ["x", "nosuchkey", "a" * 43, "..%2f..%2f", "' OR 1=1"])
def test_a_guessed_address_is_an_unknown_page(scene, browse, key):
    assert browse().get(f"/deadlines/feeds/{key}.ics").status_code == 404
    assert browse().get(f"/calendar/feed/{key}.ics").status_code == 404


def test_a_zero_character_is_no_address(browse):
    assert browse().get("/deadlines/feeds/%00.ics").status_code == 400


def test_who_guesses_too_often_waits_even_for_a_right_one(scene, browse):
    _walk, _application, _checker, feed = scene
    passer_by = browse()
    for _n in range(TRIES * 3):
        # Reading what one knows does not count.
        assert passer_by.get(address(feed)).status_code == 200
    answers = [passer_by.get(f"/deadlines/feeds/guess{n}.ics").status_code for n in range(TRIES + 1)]
    assert set(answers) == {404}
    assert passer_by.get("/deadlines/feeds/another.ics").status_code == 429
    assert passer_by.get(address(feed)).status_code == 429
    # Both kinds of address are guessed from the same account.
    assert passer_by.get("/calendar/feed/another.ics").status_code == 429
    assert browse().get(address(feed), REMOTE_ADDR="192.0.2.7").status_code == 200


def test_the_page_offers_what_one_may_see(scene, world, browse):
    _walk, _application, checker, feed = scene
    mine = browse(checker)
    text = mine.get("/deadlines/feeds/").content.decode()
    assert feed.key in text
    answer = mine.post("/deadlines/feeds/", {"programme": "nonsense"})
    assert answer.status_code == 422
    assert Feed.objects.count() == 1
    # Whoever sees no deadline of a programme is not offered it.
    stranger = browse(User.objects.create(username="s", name="旁人"))
    assert TRIAL not in stranger.get("/deadlines/feeds/").content.decode()
    assert stranger.post("/deadlines/feeds/", {"programme": TRIAL}).status_code == 422


def test_when_it_was_read_is_noted_to_the_hour(scene, browse, stand):
    walk, _application, _checker, feed = scene
    browse().get(address(feed))
    feed.refresh_from_db()
    assert feed.read_at == walk.at
    stand(walk.at + timedelta(minutes=10))
    browse().get(address(feed))
    feed.refresh_from_db()
    assert feed.read_at == walk.at


def test_the_feed_costs_the_same_at_any_size(scene, browse, django_assert_max_num_queries):
    _walk, application, _checker, feed = scene
    row = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    browse().get(address(feed))
    for more in (0, 200):
        Deadline.objects.bulk_create(
            Deadline(subject_model="pilots.application", subject_uuid=application.uuid, subject_label=f"第{n}件", code=f"x{n}",
                     label="事项", role="formality_checker", programme=TRIAL, due_on=row.due_on, due_at=row.due_at,
                     starts_on=row.starts_on, opened_at=row.opened_at, period=row.period)
            for n in range(more)
        )  # fmt: skip
        with django_assert_max_num_queries(7):
            assert len(events(browse().get(address(feed)))) >= more


def test_the_personal_feed_holds_what_is_mine(scene, world, browse):
    _walk, application, checker, _feed = scene
    User.objects.filter(pk=checker.pk).update(feed_key="p" * 43)
    row = Deadline.objects.get(subject_uuid=application.uuid, code="form")
    answer = browse().get(f"/calendar/feed/{'p' * 43}.ics")
    assert set(events(answer)) == {f"{row.uuid}@pilotage"}
    assert answer["ETag"]
