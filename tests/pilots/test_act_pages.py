"""Whoever does an act in a life can open its page before: one life of each shape, act by act."""

import pytest
from django.urls import reverse

from accounts.acts import acts_of
from config.demo.paths import PATHS
from config.demo.walk import Walk
from config.demo.world import first_place

pytestmark = pytest.mark.django_db
LIVES = [
    ("service_cluster_trial_zone", "happy"), ("strong_city_creation", "revoke"), ("standardised_market", "renew"),
    ("advantage_enterprise", "upgrade"), ("operation_system_city", "happy"), ("soft_science_project", "happy"),
    ("china_patent_award", "happy"), ("industry_ip_alliance", "happy"), ("protection_centre", "restrict"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "path"), LIVES)
def test_the_page_of_every_act_opens(world, stand, browse, monkeypatch, code, path):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())
    monkeypatch.setattr("accounts.proof.recently_proven", lambda _request: True)
    real, seen, browsers = Walk.act, set(), {}

    def looked_at(walk, case, act, by, **more):
        one = acts_of(case)[act]
        if one.offered and (case._meta.model_name, act) not in seen:
            stand(walk.at)
            client = browsers.setdefault(by.pk, browse(by))
            answer = client.get(reverse("act", args=[case._meta.model_name, case.uuid, act]))
            assert answer.status_code == 200, (act, answer.status_code)
            # The page offers it: what the door will do a moment later is not called impossible.
            assert "现在不能办理" not in answer.content.decode(), act
            seen.add((case._meta.model_name, act))
        return real(walk, case, act, by, **more)

    monkeypatch.setattr(Walk, "act", looked_at)
    walk = world.walk(code)
    PATHS[path].live(walk, first_place(walk.programme, world.cast))
    assert len(seen) >= 5
