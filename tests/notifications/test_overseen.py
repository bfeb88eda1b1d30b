"""The engine room names what is of one's own programmes; the rest is numbers."""

from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import Grant, User
from notifications.models import Deadline, Job, Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(world):
    """A case with a deadline, and what went wrong about it: one letter of that deadline, one of none, one job of each kind."""
    walk, application = world.application(to="province_review")
    row = Deadline.objects.of(application).open().first()
    Deadline.objects.filter(pk=row.pk).update(stuck_reason="系统没有办成")
    Message.objects.all().delete()
    for key, duty, state in (("own", row.uuid, "dead"), ("loose", None, "dead"), ("retried", row.uuid, "queued"),
                             ("free", None, "queued")):  # fmt: skip
        Message.objects.create(
            key=key, user=world.cast["checker"], channel="email", duty=duty, kind="reminder", subject=f"事由-{key}",
            state=state, error="拒收", created_at=walk.at, not_before=walk.at,
        )  # fmt: skip
    for key, group in (("of", f"draw:{walk.batch.uuid}"), ("gone", f"batch:{uuid4()}"), ("none", "")):
        Job.objects.create(
            kind="certificate", key=key, group=group, error=f"缘故-{key}", created_at=walk.at, not_before=walk.at
        )
    return walk


@pytest.fixture
def visitor(client, world):
    """`visitor(programme, role)`: somebody of the staff of one programme, or of all."""

    def _visitor(programme, role="programme_officer"):
        user = User.objects.create(username=f"v-{programme}-{role}", name="访客")
        Grant.objects.create(user=user, role=role, programme=programme, valid_from=world.start)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return _visitor


ELSEWHERE = "soft_science_project"
LOOSE = {"事由-loose", "事由-free", "缘故-gone", "缘故-none"}
OWN = {"事由-own", "事由-retried", "缘故-of", "系统没有办成"}


def read(client):
    pages = (client.get(reverse(name)).content.decode() for name in ("ops", "dead", "outgoing"))
    said = "".join(pages)
    return {words for words in OWN | LOOSE if words in said}


@pytest.mark.parametrize("role", ["programme_officer", "division_head", "auditor"])
def test_names_are_for_the_staff_of_the_programme(scene, visitor, role):
    assert read(visitor(ELSEWHERE, role)) == set()
    assert read(visitor(scene.batch.programme.code, role)) == OWN
    assert read(visitor("", role)) == OWN | LOOSE


def test_numbers_are_for_all_of_them(scene, visitor):
    context = visitor(ELSEWHERE).get(reverse("ops")).context
    assert context["dead"] == 2
    assert dict(context["jobs"])[Job.State.QUEUED.label] == 3


def test_what_is_not_one_s_own_is_not_tried_again(scene, visitor):
    client = visitor(ELSEWHERE)
    rows = [*Message.objects.all(), *Job.objects.all()]
    assert {client.post(reverse("ops_retry", args=[row.uuid])).status_code for row in rows} == {404}
    client.post(reverse("dead_retry"))
    assert Message.objects.filter(state="dead").count() == 2
    client = visitor(scene.batch.programme.code)
    found = {row.key: client.post(reverse("ops_retry", args=[row.uuid])).status_code for row in rows}
    assert found == {"own": 302, "retried": 302, "of": 302, "loose": 404, "free": 404, "gone": 404, "none": 404}
    assert Message.objects.get(key="own").state == "queued"
    assert "事由-loose" not in visitor(scene.batch.programme.code, "auditor").get(reverse("dead")).content.decode()
    # The planted positive: whoever looks after all of them tries all of them again.
    assert visitor("").post(reverse("dead_retry")).status_code == 302
    assert not Message.objects.filter(state="dead").exists()
