"""Pages of a draft of rules: who sees what, what is saved, what two people see of each other, what it costs."""

import pytest
from django.urls import reverse

from pilots.authoring.parts import PARTS
from pilots.models import RulesDraft

pytestmark = pytest.mark.django_db
TRIAL = "service_cluster_trial_zone"


@pytest.fixture
def officer(world, stand, browse):
    stand(world.start)
    return browse(world.cast["officer"])


@pytest.fixture
def head(world, stand, browse):
    stand(world.start)
    return browse(world.cast["head"])


@pytest.fixture
def draft(officer):
    answer = officer.post(reverse("programme_copy", args=[TRIAL]), {"as": "version"})
    assert answer.status_code == 302, answer.content.decode()
    return RulesDraft.objects.get()


def test_every_page_opens(officer, draft):
    assert "集聚" in officer.read(reverse("programmes"))
    for tab in ("facts", "versions", "confirm"):
        officer.read(reverse("programme", args=[TRIAL]) + f"?tab={tab}")
    officer.read(reverse("programme_copy", args=[TRIAL]))
    officer.read(reverse("programme_copy", args=[TRIAL]) + "?as=programme")
    for name in ("rules_draft", "rules_text", "rules_check", "rules_changes", "rules_history", "rules_preview"):
        officer.read(reverse(name, args=[draft.uuid]))
    for part in PARTS:
        officer.read(reverse("rules_part", args=[draft.uuid, part.code]))
    officer.read(reverse("rules_part", args=[draft.uuid, "form"]) + "?at=section.0")
    for show in ("form", "flow", "calendar", "certificate"):
        officer.read(reverse("rules_preview", args=[draft.uuid]) + f"?show={show}")
    assert officer.get(reverse("rules_sample", args=[draft.uuid])).content.startswith(b"%PDF-")
