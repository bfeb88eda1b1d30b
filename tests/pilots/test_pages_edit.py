"""Beginning, filling in, attaching, previewing: nothing typed is ever lost."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pilots.models import Application
from pilots.views.seen import Seen, fingerprint, tidy

pytestmark = pytest.mark.django_db


def url(application, section="overview"):
    return reverse("application_edit", args=[application.uuid, section])


def save_url(application, section="overview"):
    return reverse("application_save", args=[application.uuid, section])


def stored(application, section="overview"):
    return Application.objects.get(pk=application.pk).answers[section]


def form_of(application, section="overview", **changes):
    """What a browser posts: the stored answers, the print of what it saw, and the changes."""
    found = next(item for item in application.rules.sections if item.code == section)
    answers = application.answers.get(section, {})
    data = {"rev": str(Seen.of(found, answers))}
    data |= {name: value for name, value in answers.items() if isinstance(value, (str, list))}
    return data | changes


# --- beginning ------------------------------------------------------------------------------------
@pytest.fixture
def call(walk, world, stand):
    walk.call()
    stand(walk.at)
    return walk.batch, world.cast.applicant(world.place("徐汇区"))


def answers_to_begin(batch, user, place, answer="yes"):
    screen = {f"screen_{n}": answer for n in range(len(batch.rules.applicants.screen))}
    return {"organisation": user.organisation_id, "place": place.pk, **screen}


def test_beginning_makes_a_draft_and_opens_its_first_section(call, world, browse):
    batch, user = call
    answer = browse(user).post(
        reverse("application_new", args=[batch.uuid]), answers_to_begin(batch, user, world.place("徐汇区"))
    )
    application = Application.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, url(application))
    assert application.state == "draft"


def test_a_no_is_explained_and_nothing_begins(call, world, browse):
    batch, user = call
    answer = browse(user).post(
        reverse("application_new", args=[batch.uuid]),
        answers_to_begin(batch, user, world.place("徐汇区"), "no"),
    )
    assert answer.status_code == 422
    assert "不符合条件" in answer.content.decode()
    assert not Application.objects.exists()


def test_a_second_application_of_a_place_is_refused_with_the_reason(draft, mine):
    walk, application = draft
    page = reverse("application_new", args=[walk.batch.uuid])
    assert application.number in mine.read(page)
    answer = mine.post(page, answers_to_begin(walk.batch, walk.leader_of(application), application.place))
    assert answer.status_code == 422
    assert "本批次已有一份申报" in answer.content.decode()
    assert Application.objects.count() == 1


def test_only_places_within_ones_own_are_offered(call, world, browse):
    batch, user = call
    answer = browse(user).post(
        reverse("application_new", args=[batch.uuid]), answers_to_begin(batch, user, world.place("江宁区"))
    )
    assert answer.status_code == 422
    assert not Application.objects.exists()


def test_officials_do_not_begin(call, world, browse):
    browse(world.cast["officer"]).read(reverse("application_new", args=[call[0].uuid]), status=403)


# --- a section ------------------------------------------------------------------------------------
def test_every_section_opens(draft, mine):
    _walk, application = draft
    for section in application.rules.sections:
        assert str(section.name) in mine.read(url(application, section.code))
    mine.read(url(application, "no_such"), status=404)


def test_a_good_section_is_saved_and_leads_on(draft, mine):
    _walk, application = draft
    answer = mine.post(url(application), form_of(application, core_area="东至上地东路"))
    assert answer["Location"] == url(application, "foundation")
    assert stored(application)["core_area"] == "东至上地东路"


def test_wrong_answers_are_saved_too_and_named_beside_their_fields(draft, mine):
    _walk, application = draft
    answer = mine.post(url(application), form_of(application, floor_space="很多", core_area="东至上地东路"))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert stored(application)["floor_space"] == "很多"
    assert stored(application)["core_area"] == "东至上地东路"
    assert 'value="很多"' in html
    assert 'id="id_floor_space_error"' in html
    assert "<title>错误：" in html


def test_coming_from_what_is_missing_the_faults_are_shown_at_once(draft, mine):
    _walk, application = draft
    mine.post(url(application), form_of(application, floor_space="很多"))
    assert "有 1 处需要修改" not in mine.read(url(application))
    assert "有 1 处需要修改" in mine.read(url(application) + "?check=1")


def test_the_title_of_the_case_follows_the_form(draft, mine):
    _walk, application = draft
    mine.post(url(application), form_of(application, title="徐汇区新名称"))
    assert Application.objects.get(pk=application.pk).title == "徐汇区新名称"


def test_nobody_else_fills_it_in(draft, world, browse):
    _walk, application = draft
    browse(world.cast["officer"]).read(url(application), status=404)
    stranger = browse(world.cast.applicant(world.place("江宁区")))
    stranger.read(url(application), status=404)
    assert stranger.post(save_url(application), {"field": "title", "value": "x"}).status_code == 404


def test_after_submission_the_form_is_closed(world, stand, browse):
    walk, application = world.application()
    stand(walk.at)
    browser = browse(walk.leader_of(application))
    before = stored(application)
    assert browser.get(url(application))["Location"] == application.get_absolute_url()
    assert (
        browser.post(url(application), form_of(application, title="偷改"))["Location"] == application.get_absolute_url()
    )
    assert browser.post(save_url(application), {"field": "title", "value": "偷改"}).status_code == 403
    assert stored(application) == before


def test_a_section_costs_few_statements(draft, mine):
    _walk, application = draft
    with CaptureQueriesContext(connection) as queries:
        mine.read(url(application))
    assert len(queries) <= 12


# --- autosave -------------------------------------------------------------------------------------
def autosave(browser, application, field, value, rev, section="overview"):
    return browser.post(save_url(application, section), {"field": field, "value": value, "rev": rev})


def test_one_field_is_saved_as_it_is_typed(draft, mine):
    _walk, application = draft
    answer = autosave(mine, application, "core_area", "东至上地东路", form_of(application)["rev"])
    body = json.loads(answer.content)
    assert (answer.status_code, body["error"]) == (200, "")
    assert stored(application)["core_area"] == "东至上地东路"
    again = autosave(mine, application, "core_area", "东至上地东路，西至京藏", body["rev"])
    assert again.status_code == 200


def test_a_wrong_field_is_saved_and_the_fault_told(draft, mine):
    _walk, application = draft
    body = json.loads(autosave(mine, application, "floor_space", "很多", form_of(application)["rev"]).content)
    assert "可用于服务机构的办公面积" in body["error"]
    assert stored(application)["floor_space"] == "很多"


def test_several_choices_and_unknown_fields(draft, mine):
    _walk, application = draft
    rev = form_of(application, "goals")["rev"]
    assert autosave(mine, application, "positioning", ["agency", "legal"], rev, "goals").status_code == 200
    assert stored(application, "goals")["positioning"] == ["agency", "legal"]
    for name in ("nonsense", "state", "policies-0-nonsense", ""):
        assert autosave(mine, application, name, "x", rev, "goals").status_code == 400


def test_cells_of_tables_go_into_their_table(draft, mine):
    _walk, application = draft
    rev = form_of(application, "foundation")["rev"]
    body = json.loads(autosave(mine, application, "policies-2-policy_title", "第三份", rev, "foundation").content)
    rows = stored(application, "foundation")["policies"]
    assert (len(rows), rows[1], rows[2]) == (3, {}, {"policy_title": "第三份"})
    assert rows[0] == application.answers["foundation"]["policies"][0]
    body = json.loads(
        autosave(mine, application, "policies-0-policy_year", "二〇一七", body["rev"], "foundation").content
    )
    assert "不是数字" in body["error"]
    rev = form_of(application, "goals")["rev"]
    autosave(mine, application, "indicators-service_firms-target", "99", rev, "goals")
    assert stored(application, "goals")["indicators"]["service_firms"]["target"] == "99"
    assert autosave(mine, application, "policies-999-policy_title", "x", rev, "foundation").status_code == 400


def test_two_people_in_one_field_get_both_versions_and_lose_nothing(draft, mine, browse):
    walk, application = draft
    colleague = browse(walk.leader_of(application))
    rev = form_of(application)["rev"]
    autosave(mine, application, "core_area", "甲的四至", rev)
    answer = autosave(colleague, application, "core_area", "乙的四至", rev)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "甲的四至" in html
    assert "乙的四至" in html
    assert stored(application)["core_area"] == "甲的四至"
    # Another field of the same section is nobody's conflict.
    assert autosave(colleague, application, "floor_space", "120", rev).status_code == 200


def test_a_whole_section_saved_over_another_persons_field_is_a_conflict_in_that_field_only(draft, mine, browse):
    walk, application = draft
    data = form_of(application, core_area="乙的四至", floor_space="120")
    autosave(mine, application, "core_area", "甲的四至", data["rev"])
    colleague = browse(walk.leader_of(application))
    answer = colleague.post(url(application), data)
    assert answer.status_code == 409
    assert 'value="乙的四至"' in answer.content.decode()
    print_ = fingerprint("甲的四至")
    assert f'value="core_area:{print_}"' in answer.content.decode()
    # They decide for their own …
    answer = colleague.post(url(application), data | {"mine": f"core_area:{print_}"})
    assert answer.status_code == 302
    assert stored(application)["core_area"] == "乙的四至"
    assert stored(application)["floor_space"] == "120"


def test_deciding_for_the_other_version_keeps_it_and_saves_the_rest(draft, mine, browse):
    walk, application = draft
    data = form_of(application, core_area="乙的四至", floor_space="120")
    autosave(mine, application, "core_area", "甲的四至", data["rev"])
    answer = browse(walk.leader_of(application)).post(url(application), data | {"theirs": "core_area"})
    assert answer["Location"] == url(application)
    assert stored(application)["core_area"] == "甲的四至"
    assert stored(application)["floor_space"] == "120"


def test_fields_one_did_not_touch_are_not_written_back(draft, mine, browse):
    walk, application = draft
    data = form_of(application, floor_space="120")
    autosave(mine, application, "core_area", "甲的四至", data["rev"])
    assert browse(walk.leader_of(application)).post(url(application), data).status_code == 302
    assert stored(application)["core_area"] == "甲的四至"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a\r\nb", "a\nb"),
        ("  a ", "a"),
        ([], ""),
        (None, ""),
        ([{}, {"x": ""}], ""),
        ({"r": {"c": " 1"}}, {"r": {"c": "1", "d": ""}}),
    ],
)
def test_what_means_the_same_has_the_same_print(one, other):
    assert tidy(one) == tidy(other)
    assert fingerprint(one) == fingerprint(other)


def test_a_print_that_does_not_fit_the_section_saw_nothing(draft):
    section = draft[1].rules.sections[0]
    assert set(Seen.parse(section, "abc").prints.values()) == {"-"}
    assert set(Seen.parse(section, None).prints.values()) == {"-"}
