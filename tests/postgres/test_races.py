"""People who collide, on a real PostgreSQL: one decision, one last score, one quota place."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections

from accounts.models import Grant
from approvals.models import Review
from notifications.ladder import climb
from notifications.models import Message, Reminder
from notifications.outbox import ABOUT_TIME
from pilots.models import Application
from tests.conftest import START
from tests.world import build_world
from workflows import ledger, perform
from workflows.models import LedgerEntry
from workflows.refusals import NotNow, Refused, Stale

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROUNDS, PEOPLE = 8, 4


@pytest.fixture
def world(transactional_db):
    assert connection.vendor == "postgresql", "run by `make test`, which brings a server"
    return build_world(START)


def together(*works):
    """Runs functions at the same moment in threads of their own; returns results or exceptions, in order."""
    barrier, results = threading.Barrier(len(works)), [None] * len(works)

    def run(index, work):
        try:
            barrier.wait()
            results[index] = work()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_many_simultaneous_decisions_one_is_done(world):
    officers = [world.cast.province(world.place("上海市"))]
    for number in range(PEOPLE - 1):
        officer = type(officers[0]).objects.create(username=f"p{number}", name=f"推荐员{number}")
        Grant.objects.create(user=officer, role="province_officer", place=world.place("上海市"), valid_from=START)
        officers.append(officer)
    walk = world.walk()
    for _round in range(ROUNDS):
        walk.call()
        application = walk.apply(world.place("徐汇区"))
        data = {"rank": 1, "letter_number": "沪知函〔2017〕1号"}
        works = [
            lambda officer=officer: (
                perform(application, "recommend", by=officer, at=walk.at, data=data)
                if officer.pk % 2
                else perform(application, "decline", by=officer, at=walk.at, reason="不符合条件")
            )
            for officer in officers
        ]
        results = together(*works)
        done = [result for result in results if not isinstance(result, Exception)]
        assert len(done) == 1, results
        assert all(isinstance(result, (NotNow, Stale)) for result in results if isinstance(result, Exception)), results
        application.refresh_from_db()
        acts = LedgerEntry.objects.filter(case_uuid=application.uuid, act__in=["recommend", "decline"])
        assert acts.count() == 1
        assert ledger.verify(application) == []
        Application.objects.filter(pk=application.pk).update(place=world.place("苏州市"))


def test_the_last_two_scores_at_once_conclude_the_review_once(world):
    walk, application = world.application(to="expert_review")
    reviews = list(Review.objects.filter(application=application).select_related("expert").order_by("pk"))
    for review in reviews[:-2]:
        walk.score_now(application, review.expert, 0)
    results = together(*[lambda row=row: walk.score_now(application, row.expert, 1) for row in reviews[-2:]])
    assert results == [None, None]
    application.refresh_from_db()
    assert application.state == "ready"
    assert LedgerEntry.objects.filter(case_uuid=application.uuid, act="conclude_review").count() == 1


def test_two_places_for_one_quota(world):
    walk = world.walk()
    walk.call()
    walk.batch.quotas.create(place=world.place("江苏省"), places=1)
    officer = world.cast.province(world.place("江苏省"))
    both = [walk.apply(world.place(name)) for name in ("江宁区", "苏州市")]
    results = together(*[
        lambda row=row, rank=rank: perform(row, "recommend", by=officer, at=walk.at,
                                           data={"rank": rank, "letter_number": "苏知函〔2017〕1号"})
        for rank, row in enumerate(both, start=1)
    ])  # fmt: skip
    assert sum(1 for result in results if isinstance(result, Refused)) == 1, results
    assert Application.objects.filter(province_rank__isnull=False).count() == 1


def test_several_sweeps_at_once_say_everything_once(world):
    walk = world.walk()
    for _n in range(6):
        world.application(to="formality_check", walk=world.walk())
    for days in (20, 21, 22, 40, 80):
        moment = walk.at + timedelta(days=days)
        together(*[lambda moment=moment: climb(moment)] * PEOPLE)
        assert not Reminder.objects.reached(moment).exists()
        assert not Reminder.objects.filter(state="owed").exists()
    spoken = Reminder.objects.filter(state="spoken").count()
    assert spoken > 6
    # One message per person of each rung that spoke, none of those overtaken.
    said = Message.objects.filter(channel="inbox", kind__in=ABOUT_TIME).values_list("key", flat=True)
    assert len({tuple(key.split(":")[:3]) for key in said}) == spoken
