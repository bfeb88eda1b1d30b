"""The page of an act before those who see the case and have no seat in it: nothing of what the act would do or ask."""

from decimal import Decimal

import pytest
from django.urls import reverse

from approvals.acts.acceptance import open_round
from approvals.models import Evaluation
from config.demo.paths import _to_acceptance
from pilots.models import Batch, Designation
from tests.pilots.conftest import words

pytestmark = pytest.mark.django_db


def url(case, code):
    return reverse("act", args=[case._meta.model_name, case.uuid, code])


@pytest.fixture
def to_sign(world, stand):
    """A list before the leader; the batch itself is seen by everybody who has an account."""
    walk, application = world.application(to="ready")
    walk.close()
    batch = walk.act(walk.batch, "draw_list", world.cast["officer"])
    batch = walk.act(batch, "confirm", world.cast["head"], data={"comment": "同意。"})
    stand(walk.at)
    return walk, Batch.objects.get(pk=batch.pk), application


@pytest.fixture
def judged(world, walk, stand):
    """A site before its panel, four of five opinions signed."""
    site = _to_acceptance(walk, world.place("徐汇区"))
    walk.panel(Designation.objects.get(pk=site.pk), Decimal("8.6"))
    stand(walk.at)
    return walk, Designation.objects.get(pk=site.pk)


def test_a_press_without_a_password_shows_the_list_to_nobody_who_may_not_sign(to_sign, world, browse, prove):
    """The press of somebody who has not proven themselves used to draw the whole confirmation for anybody."""
    walk, batch, application = to_sign
    prove(False)
    stranger = world.cast.province(world.place("江苏省"))
    for person in (walk.leader_of(application), stranger):
        answer = browse(person).post(url(batch, "sign"), {"comment": "同意。", "version": batch.version})
        assert answer.status_code == 403
        assert application.number not in answer.content.decode()
        assert "您没有办理此事项的权限" in words(answer)
    # The planted positive: to the leader the same press shows what is asked.
    answer = browse(world.cast["leader"]).post(url(batch, "sign"), {"comment": "同意。", "version": batch.version})
    assert application.number in answer.content.decode()


def test_a_press_without_a_password_tells_the_site_nothing_of_its_scores(judged, world, browse, prove):
    walk, site = judged
    prove(False)
    mean = open_round(site).opinions.first().total
    answer = browse(walk.leader_of(site)).post(url(site, "conclude"), {"version": site.version})
    assert answer.status_code == 403
    assert f"{mean.normalize():f}" not in words(answer)


def test_a_stale_press_tells_outsiders_nothing_of_the_judging(world, stand, browse):
    walk, application = world.application(to="expert_review")
    one, other = application.reviews.select_related("expert").order_by("pk")[:2]
    walk.score(application, other.expert, Decimal(7))
    stand(walk.at)
    for person in (one.expert, walk.leader_of(application)):
        for code in ("withdraw", "conclude_review"):
            answer = browse(person).post(url(application, code), {"version": 0})
            assert "提交评审意见" not in words(answer), (person, code)
            assert "分派" not in words(answer) or person != one.expert
    answer = browse(world.cast["officer"]).post(url(application, "conclude_review"), {"version": 0})
    assert (answer.status_code, "提交评审意见" in words(answer)) == (409, True)


def test_a_site_does_not_learn_who_judges_it(judged, world, browse, prove):
    walk, site = judged
    prove(True)
    evaluation = Evaluation.objects.get(designation=site, concluded_at=None)
    names = {row.user.name for row in evaluation.members.select_related("user")}
    browser = browse(walk.leader_of(site))
    for code in ("give_opinion", "stand_aside", "conclude", "record_work", "replace_members"):
        for answer in (browser.get(url(site, code)), browser.post(url(site, code), {"version": site.version})):
            assert not [name for name in names if name in words(answer)], code
