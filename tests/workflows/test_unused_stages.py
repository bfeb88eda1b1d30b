"""Whatever is sent to an act that a programme's rules do not use, or not now: a refusal in words, never a crash."""

import pytest
from django.db import transaction

from accounts.acts import acts_of
from accounts.models import Grant, User
from accounts.roles import ADMINISTRATORS, REACH, UNGRANTABLE, Reach, Role
from config.demo.paths import _to_site
from pilots.models import Application, Designation, Programme
from workflows import perform
from workflows.refusals import Refused


def everybody(site, world):
    """One person in every seat of business there is, over one site."""
    user = User.objects.create(username="everybody", name="全能", organisation=site.organisation)
    for role in Role:
        if role in UNGRANTABLE | ADMINISTRATORS or REACH[role] is Reach.PERSONAL:
            continue
        Grant.objects.create(
            user=user, role=role, place=site.place, organisation=site.organisation, valid_from=world.start
        )
    return user


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("strong_city_creation", "苏州市"),
        ("patent_navigation_centre", "广州开发区"),
        ("service_cluster_demo_zone", "徐汇区"),
    ],
)
def test_every_act_refuses_in_words(world, monkeypatch, code, place):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())
    walk = world.walk(code)
    site = _to_site(walk, world.place(place))
    cases = [site, Application.objects.get(pk=site.application_id), walk.batch]
    user = everybody(site, world)
    for stale in cases:
        case = type(stale).objects.select_related(*type(stale).related).get(pk=stale.pk)
        for name in acts_of(case):
            try:
                with transaction.atomic():
                    perform(case, name, by=User.objects.get(pk=user.pk), at=walk.at, data={"x": "1"}, reason="试")
                    raise Rollback
            except (Refused, Rollback):
                continue
    assert Designation.objects.get(pk=site.pk).version == site.version
    assert Programme.objects.filter(code=code).exists()


class Rollback(Exception):
    """Undoes an act that was possible."""


GONE = ("acceptance", "scoring", "notice", "mid_term", "renewal", "report", "plan", "upgrade")


@pytest.mark.parametrize("part", GONE)
def test_rules_without_a_part_break_no_act(world, monkeypatch, part):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())
    walk = world.walk()
    site = _to_site(walk, world.place("徐汇区"))
    user = everybody(site, world)
    whole = type(walk.batch).rules.fget
    monkeypatch.setattr(type(walk.batch), "rules", property(lambda batch: whole(batch).model_copy(update={part: None})))
    wrong = []
    for case in (site, Application.objects.get(pk=site.application_id), walk.batch):
        for name in acts_of(case):
            try:
                with transaction.atomic():
                    perform(case, name, by=User.objects.get(pk=user.pk), at=walk.at, data={"x": "1"}, reason="试")
                    raise Rollback
            except (Refused, Rollback):
                continue
            except Exception as fault:
                wrong.append(f"{name}: {fault!r}")
    assert wrong == []
