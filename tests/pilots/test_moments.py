"""The instant at which a window closes, and what was submitted before it (trust.md R5, R6)."""

import hashlib
import json
import logging
from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.models import Review
from pilots.drafting import save_section
from pilots.models import Application
from tests.config.test_crawl import BACKEND
from workflows import perform
from workflows.refusals import NotNow

NEAR = (timedelta(microseconds=1), timedelta(milliseconds=1), timedelta(seconds=1))


@pytest.mark.parametrize("near", NEAR, ids=str)
def test_until_the_instant_it_is_taken_and_from_then_on_refused(world, near, caplog):
    walk, draft = world.application(to="draft")
    closes, leader = draft.batch.closes_at, walk.leader_of(draft)
    caplog.set_level(logging.INFO, "pilotage.act")
    for late in (closes, closes + near):
        with pytest.raises(NotNow) as refused:
            perform(draft, "submit", by=leader, at=late)
        assert "window_over" in {reason.code for reason in refused.value.reasons}
    assert sum(record.message == "act refused" for record in caplog.records) == 2, "both are in the log"
    draft.refresh_from_db()
    assert (draft.state, draft.revisions.count()) == ("draft", 0), "nothing that was typed is lost"
    perform(draft, "submit", by=leader, at=closes - near)
    assert Application.objects.get(pk=draft.pk).submitted_at == closes - near


def printed(revision):
    body = json.dumps({"answers": revision.answers, "files": revision.files}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=st.lists(st.text(min_size=1, max_size=20).filter(str.strip), min_size=1, max_size=4))
def test_what_was_submitted_never_changes_under_whoever_reads_it(supplemented, words):
    """Whatever is typed into a supplement, the version that was submitted keeps its bytes and its hash."""
    walk, case, first = supplemented
    application = Application.objects.get(pk=case.pk)
    section = application.rules.sections[0]
    field = section.fields[0]
    for word in words:
        application = Application.objects.get(pk=case.pk)
        save_section(application, section, {field.code: word}, walk.leader_of(application))
    kept = application.revisions.get(number=1)
    assert (printed(kept), kept.sha256) == (first, first)
    assert Application.objects.get(pk=case.pk).answers[section.code][field.code] == words[-1]


@pytest.fixture
def supplemented(world):
    walk, application = world.application(to="formality_check")
    first = printed(application.revisions.get())
    return walk, walk.check(application, "ask_supplement", reason="承诺函缺少公章。"), first


def test_an_expert_reads_the_version_that_was_submitted(client, world):
    """Bytes of the page are the same although the row underneath is changed behind every door."""
    _walk, application = world.application(to="expert_review")
    client.force_login(Review.objects.filter(application=application).first().expert, backend=BACKEND)
    address = reverse("review", args=[application.uuid])

    def read():
        text = client.get(address).content.decode()
        return text[text.index("<main") :].replace(text[text.index("csrfmiddlewaretoken") :][:120], "")

    before, section = read(), application.rules.sections[0].code
    answers = {**application.answers, section: dict.fromkeys(application.answers[section], "改过")}
    Application.objects.filter(pk=application.pk).update(answers=answers)
    assert "改过" not in read()
    assert len(read()) == len(before)
