"""A form takes what it asks for and nothing else: every column of the row sent along changes nothing (trust.md H12)."""

import pytest
from django.urls import reverse

from accounts.models import User
from pilots.models import Application

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_MAY = {"answers", "rev", "title", "saved_at", "updated_at"}


@pytest.fixture
def everything():
    """A value for every column of an application, and of the person's own row."""

    def _everything(row):
        given = {}
        for field in [*row._meta.concrete_fields, *User._meta.concrete_fields]:
            given[field.name] = given[field.attname] = "1"
        return given | {"state": "approved", "is_superuser": "on", "is_staff": "on", "username": "root"}

    return _everything


def test_saving_a_part_changes_only_its_answers(world, client, everything):
    _walk, application = world.application(to="draft")
    leader = User.objects.get(grants__role="applicant_leader", grants__organisation=application.organisation)
    client.force_login(leader, backend=BACKEND)
    before = Application.objects.filter(pk=application.pk).values().get()
    person = User.objects.filter(pk=leader.pk).values().get()
    for section in application.rules.sections:
        answer = client.post(reverse("application_save", args=[application.uuid, section.code]),
                             everything(application) | {"rev": str(Application.objects.get(pk=application.pk).rev)})  # fmt: skip
        assert answer.status_code < 500
    after = Application.objects.filter(pk=application.pk).values().get()
    assert {name for name in before if before[name] != after[name]} <= _MAY
    assert {k: v for k, v in User.objects.filter(pk=leader.pk).values().get().items() if k != "last_login"} == {
        k: v for k, v in person.items() if k != "last_login"
    }


def test_an_act_takes_only_its_own_form(world, client, everything, monkeypatch):
    walk, application = world.application()
    officer = walk.recommender(application)
    monkeypatch.setattr("accounts.clock.now", lambda: walk.at)
    client.force_login(officer, backend=BACKEND)
    given = everything(application) | {
        "reason": "不符合条件", "version": str(application.version), "confirmed": "1", "rank": "1", "letter_number": "沪知函〔2017〕1号",
    }  # fmt: skip
    client.post(reverse("act", args=["application", application.uuid, "decline"]), given)
    after = Application.objects.get(pk=application.pk)
    assert after.state in {"not_recommended", "province_review"}
    for name in ("place_id", "organisation_id", "batch_id", "number", "uuid", "claim"):
        assert getattr(after, name) == getattr(application, name), name
    officer.refresh_from_db()
    assert not officer.is_superuser
