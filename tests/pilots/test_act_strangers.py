"""The page of an act before those who see the case and have no seat in it: nothing of what the act would do or ask."""

from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.acts import acts_of
from approvals.acts.acceptance import open_round
from approvals.models import Evaluation
from config.demo.paths import _to_acceptance
from pilots.models import Application, Batch, Designation
from tests.pilots.conftest import words
from workflows.explaining import seatless

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
    batch = walk.act(batch, "countersign", world.cast["countersigner"], data={"comment": "无不同意见。"})
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


def test_every_act_of_every_case_in_sight_is_closed_to_who_has_no_seat(judged, world, browse, prove, figures):
    """Looked at, pressed, pressed with an old number: told that they may not, and never shown what it would do or ask."""
    walk, site = judged
    prove(False)
    cases = (site, site.application, site.batch, site.certificates.get())
    people = (walk.leader_of(site), open_round(site).members.first().user, world.cast.province(world.place("江苏省")))
    cells, wrong = 0, []
    for person in people:
        browser = browse(person)
        for case in cases:
            seen = case.is_visible_to(person)
            for code, act in acts_of(case).items():
                if not act.offered or (seen and seatless(case, act, person, walk.at) is None):
                    continue
                address = url(case, code)
                looked, pressed = browser.get(address), browser.post(address, {"comment": "x"})
                late = browser.post(address, {"version": 0})
                allowed = {403} if seen else {404}
                cells += 3
                if (
                    looked.status_code not in ({200, 404} if seen else {404})
                    or 'class="confirm stack"' in looked.content.decode()
                    or {pressed.status_code, late.status_code} != allowed
                ):
                    wrong.append((str(person), case._meta.model_name, code, looked.status_code, pressed.status_code))
    figures(f"{cells} cells", f"{len(wrong)} wrong")
    assert wrong == []
    assert cells > 200
    # The planted positive: the lead of the panel is shown what a conclusion would do.
    assert "确认后将会" in words(browse(walk.lead_of(site)).post(url(site, "conclude"), {"version": site.version}))


def test_an_act_of_other_rules_is_no_fault_of_ours(world, stand, browse):
    """A programme without a public notice has no last day of one: the address of its act raised for everybody."""
    walk = world.walk("patent_navigation_centre")
    batch = walk.call()
    stand(walk.at)
    assert batch.rules.notice is None
    person = world.cast["checker"]
    assert browse(person).get(url(batch, "publish_notice")).status_code in (200, 404)
    assert browse(person).post(url(batch, "publish_notice"), {"version": batch.version}).status_code == 422


def test_a_site_does_not_learn_who_judges_it(judged, world, browse, prove):
    walk, site = judged
    prove(True)
    evaluation = Evaluation.objects.get(designation=site, concluded_at=None)
    names = {row.user.name for row in evaluation.members.select_related("user")}
    browser = browse(walk.leader_of(site))
    for code in ("give_opinion", "stand_aside", "conclude", "record_work", "replace_members"):
        for answer in (browser.get(url(site, code)), browser.post(url(site, code), {"version": site.version})):
            assert not [name for name in names if name in words(answer)], code


def test_the_pages_of_cases_name_officials_and_obstacles_to_officials(to_sign, world, browse):
    """Everybody with an account opens the page of a batch: who fell off a list that is not signed stood there as a reason."""
    walk, batch, application = to_sign
    Application.objects.filter(pk=application.pk).update(state="withdrawn", ended_at=walk.at)
    leader, place = world.cast["leader"].name, application.place.name
    stranger = world.cast.province(world.place("江苏省"))
    for person in (stranger, world.cast.experts[0]):
        text = browse(person).read(batch.get_absolute_url())
        assert leader not in text
        assert place not in text
    # The planted positive.
    text = browse(world.cast["officer"]).read(batch.get_absolute_url())
    assert leader in text
    assert place in text


def test_a_certificate_names_officials_to_officials(office, stand, browse):
    row = office.sealed()
    stand(office.walk.at)
    head = office.cast["head"].name
    assert head not in browse(office.walk.leader_of(row.designation)).read(row.get_absolute_url())
    assert head in browse(office.cast["officer"]).read(row.get_absolute_url())


def test_a_member_of_a_panel_reads_no_reasons_of_the_others(judged, browse):
    walk, site = judged
    stood, other = [row.user for row in open_round(site).members.select_related("user").order_by("pk")[:2]]
    site.evaluations.get(concluded_at=None).opinions.all().delete()
    walk.act(site, "stand_aside", stood, reason="与承担单位负责人是亲属")
    assert "亲属" not in browse(other).read(site.get_absolute_url())
    assert "亲属" in browse(walk.lead_of(site)).read(site.get_absolute_url())


def test_an_applicant_does_not_count_what_is_confidential(world, stand, browse):
    """「全部 N 条」 under the log counted scores and recusals as they came in."""
    walk, application = world.application(to="expert_review")
    stand(walk.at)
    pages = [browse(walk.leader_of(application)).read(application.get_absolute_url())]
    officer = browse(world.cast["officer"]).read(application.get_absolute_url())
    walk.score(application, application.reviews.first().expert, Decimal(7))
    pages.append(browse(walk.leader_of(application)).read(application.get_absolute_url()))
    assert pages[0] == pages[1]
    # The planted positive.
    assert officer != browse(world.cast["officer"]).read(application.get_absolute_url())
