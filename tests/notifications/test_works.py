"""Background work on its page: how far, since when, why it failed; stopped, gone on with, nothing done twice."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Grant, User
from notifications import jobs
from notifications.models import Job

pytestmark = pytest.mark.django_db
LIST = 12


@pytest.fixture
def done(monkeypatch):
    found = []
    monkeypatch.setitem(jobs._handlers, "planted", lambda row, at: found.append(row.key))
    monkeypatch.setitem(jobs.LABELS, "planted", "试办")
    return found


def plant(world, number, group="g", **more):
    jobs.enqueue([
        Job(kind="planted", key=f"{group}{n}", group=group, size=2, created_at=world.start + timedelta(minutes=n),
            not_before=world.start, **more)
        for n in range(number)
    ])  # fmt: skip


@pytest.fixture
def officer(client, world):
    client.force_login(world.cast["officer"], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_what_is_stopped_waits_and_goes_on_where_it_stood(world, done, officer):
    plant(world, 5)
    assert jobs.work(world.start, limit=2) == 2
    (work,) = jobs.works()
    assert (work.total, work.done, work.moving, work.oldest) == (10, 4, 6, world.start + timedelta(minutes=2))
    where = "?kind=planted&group=g"
    text = officer.get(reverse("work_stop") + where).content.decode()
    assert "共 10 项，已完成 4 项不变；等待的 6 项" in text
    assert officer.post(reverse("work_stop") + where).status_code == 302
    assert jobs.work(world.start + timedelta(days=1)) == 0
    text = officer.get(reverse("works")).content.decode()
    for part in ("试办", "停止 6", "4 / 10", "停止"):
        assert part in text, part
    assert "停止的 6 项" in officer.get(reverse("work_resume") + where).content.decode()
    officer.post(reverse("work_resume") + where)
    # Pages live now; the clock of this test is behind.
    assert jobs.work(Job.objects.filter(state="queued").first().not_before) == 3
    assert sorted(done) == [f"g{n}" for n in range(5)]
    assert jobs.works() == []
    assert "没有未完成的作业" in officer.get(reverse("works")).content.decode()
    assert officer.get(reverse("work_stop") + where).status_code == 302, "nothing left to stop"


def test_what_is_being_done_right_now_is_finished(world, done):
    plant(world, 1, state=Job.State.RUNNING, lease_until=world.start + timedelta(seconds=60))
    assert jobs.stop("planted", "g", "某人") == 0
    assert Job.objects.get().state == "running"


def test_what_failed_says_why_and_is_tried_again_at_once(world, officer, monkeypatch):
    def poison(_row, _at):
        raise ValueError("字体缺失")

    monkeypatch.setitem(jobs._handlers, "planted", poison)
    plant(world, 1)
    at = world.start
    for _n in range(jobs.PARK_AFTER + 1):
        jobs.work(at)
        at += timedelta(hours=2)
    text = officer.get(reverse("works")).content.decode()
    assert "停放 2" in text
    assert "字体缺失" in text
    monkeypatch.setitem(jobs._handlers, "planted", lambda row, at: None)
    assert jobs.resume("planted", "g", at) == 2
    assert jobs.work(at) == 1


def test_the_page_costs_the_same_at_two_sizes(world, done, officer, django_assert_max_num_queries):
    for group in ("a", "b"):
        for n in range(1 if group == "a" else 8):
            plant(world, 20, f"{group}{n}")
        with django_assert_max_num_queries(LIST):
            assert officer.get(reverse("works")).status_code == 200


@pytest.mark.parametrize("query", ["", "?kind=", "?kind=" + "x" * 50])
def test_a_wrong_address_is_not_found(officer, query):
    assert officer.get(reverse("work_stop") + query).status_code == 404


def test_a_work_that_is_not_there_is_said_to_be_over(officer):
    assert officer.get(reverse("work_stop") + "?kind=planted").status_code == 302


def test_the_work_of_a_programme_is_stopped_by_its_own_officers(world, done, client, walk):
    """The seal's own act asks for a seat in the programme; the page of works stopped anybody's."""
    batch = walk.call()
    elsewhere = User.objects.create(username="elsewhere", name="外项目主管")
    seat = Grant.objects.create(
        user=elsewhere, role="programme_officer", programme="soft_science_project", valid_from=world.start
    )
    client.force_login(elsewhere, backend="allauth.account.auth_backends.AuthenticationBackend")
    for group in (f"batch:{batch.uuid}", "g"):
        plant(world, 2, group)
        where = f"?kind=planted&group={group}"
        for page in ("work_stop", "work_resume"):
            assert client.get(reverse(page) + where).status_code == 403
            assert client.post(reverse(page) + where).status_code == 403
    assert Job.objects.filter(state=Job.State.STOPPED).count() == 0
    assert reverse("work_stop") not in client.get(reverse("works")).content.decode()
    # The planted positive: one's own.
    Grant.objects.filter(pk=seat.pk).update(programme=batch.programme.code)
    assert client.post(reverse("work_stop") + f"?kind=planted&group=batch:{batch.uuid}").status_code == 302
    assert Job.objects.filter(state=Job.State.STOPPED).count() == 2
    assert client.post(reverse("work_stop") + "?kind=planted&group=g").status_code == 403
