"""Pages of a draft of rules: who sees what, what is saved, what two people see of each other, what it costs."""

from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.urls import reverse

from accounts.models import Grant, User
from accounts.roles import Role
from pilots.authoring import reading
from pilots.authoring.parts import PARTS
from pilots.models import Programme, RulesDraft
from tests.pilots.conftest import words

pytestmark = pytest.mark.django_db
TRIAL = "service_cluster_trial_zone"


def somebody(world, name, role, programme=""):
    user = User.objects.create(username=name, name=name)
    Grant.objects.create(user=user, role=role, programme=programme, valid_from=world.start - timedelta(days=1))
    return user


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


def part_url(draft, part, at=""):
    return reverse("rules_part", args=[draft.uuid, part]) + (f"?at={at}" if at else "")


class Reader(HTMLParser):
    """The values a browser would send of a form."""

    def __init__(self):
        super().__init__()
        self.found, self.select, self.area = {}, None, None

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        name = given.get("name")
        if tag == "select":
            self.select = name
        elif tag == "option" and "selected" in given and self.select:
            self.found[self.select] = [given.get("value", "")]
        elif tag == "textarea":
            self.area, self.found[name] = name, [""]
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.found.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data):
        if self.area:
            self.found[self.area][0] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            # The first line break after the tag is the template's.
            self.found[self.area][0] = self.found[self.area][0].removeprefix("\n")
            self.area = None
        elif tag == "select":
            self.select = None


def posted(browser, url):
    """The form of a page as a browser would send it back, unchanged."""
    reader, html = Reader(), browser.get(url).content.decode()
    start = html.index('<form class="formpage"')
    reader.feed(html[start : html.index("</form>", start)])
    reader.found.pop("csrfmiddlewaretoken", None)
    return reader.found


# --- who sees what ----------------------------------------------------------------------------------------------------
def test_every_page_opens(officer, draft):
    assert "集聚" in officer.read(reverse("programmes"))
    for tab in ("facts", "versions", "confirm", "nonsense"):
        officer.read(reverse("programme", args=[TRIAL]) + f"?tab={tab}")
    for name in ("rules_draft", "rules_text", "rules_check", "rules_changes", "rules_history", "rules_preview"):
        officer.read(reverse(name, args=[draft.uuid]))
    for part in PARTS:
        assert str(part.label) in officer.read(part_url(draft, part.code))
    for at in ("section.0", "section.4"):
        officer.read(part_url(draft, "form", at))
    officer.read(part_url(draft, "judging", "acceptance.section.0"))
    for bad in ("section.99", "quota", "stage.0", "section.x"):
        assert officer.get(part_url(draft, "form", bad)).status_code == 404


def test_previews_are_the_real_thing(officer, draft):
    address = reverse("rules_preview", args=[draft.uuid])
    assert "项目名称" in officer.read(address)
    assert "专家评审" in officer.get(f"{address}?show=flow").content.decode()
    days = officer.read(f"{address}?show=calendar&on=2018-03-01")
    assert "2018-03-31" in days
    assert "公示期满" in days
    assert "示例市示例区人民政府" in officer.read(f"{address}?show=certificate")
    pdf = officer.get(reverse("rules_sample", args=[draft.uuid]))
    assert pdf.content.startswith(b"%PDF-")
    assert officer.get(f"{address}?show=other").status_code == 404


def test_the_head_and_the_auditor_read_and_do_not_write(world, draft, head, browse):
    auditor = browse(world.cast["auditor"] if "auditor" in world.cast.people else somebody(world, "aud", Role.AUDITOR))
    for reader in (head, auditor):
        html = reader.get(part_url(draft, "basics")).content.decode()
        assert 'name="stay"' not in html
        before = draft.rev
        reader.post(part_url(draft, "basics"), {"name.zh": "改", "rev": "x"})
        draft.refresh_from_db()
        assert draft.rev == before
    assert (
        reader.post(reverse("rules_save", args=[draft.uuid, "basics"]), {"field": "name.zh", "value": "x"}).status_code
        == 403
    )


def test_strangers_see_nothing(world, draft, browse):
    other = browse(somebody(world, "other", Role.PROGRAMME_OFFICER, "patent_navigation_centre"))
    assert other.get(reverse("rules_draft", args=[draft.uuid])).status_code == 404
    assert other.get(part_url(draft, "basics")).status_code == 404
    assert other.get(reverse("programme_copy", args=[TRIAL])).status_code == 403
    assert "复制为新版本" not in other.read(reverse("programme", args=[TRIAL]))
    expert = browse(world.cast["checker"])
    assert expert.get(reverse("programmes")).status_code == 403


def test_a_seat_in_one_programme_founds_no_other(world, draft, browse):
    user = somebody(world, "one", Role.PROGRAMME_OFFICER, TRIAL)
    one = browse(user)
    one.read(reverse("rules_draft", args=[draft.uuid]))
    assert one.get(reverse("programme_copy", args=[TRIAL]) + "?as=programme").status_code == 403
    assert (
        one.post(
            reverse("programme_copy", args=[TRIAL]), {"as": "programme", "name": "新项目", "short_name": "新"}
        ).status_code
        == 403
    )


# --- saving -----------------------------------------------------------------------------------------------------------
def test_a_page_sent_back_as_it_was_changes_nothing(officer, draft):
    for part in PARTS:
        given = posted(officer, part_url(draft, part.code))
        assert officer.post(part_url(draft, part.code), given | {"stay": "1"}).status_code == 302
        draft.refresh_from_db()
        assert draft.rev == 0, part.code
    given = posted(officer, part_url(draft, "form", "section.0"))
    officer.post(part_url(draft, "form", "section.0"), given)
    draft.refresh_from_db()
    assert draft.rev == 0


def test_values_are_saved_and_faults_stand_beside_them(officer, draft):
    url = part_url(draft, "applicants")
    given = posted(officer, url)
    officer.post(url, given | {"quota.places": ["三个"], "recommendation.ranked": []})
    draft.refresh_from_db()
    data = reading.data_of(draft.text)
    assert data["quota"]["places"] == "三个"
    assert data["recommendation"]["ranked"] is False
    html = officer.get(url).content.decode()
    assert "须为整数" in html
    assert 'value="三个"' in html
    assert "1 处须修改" in officer.read(reverse("rules_draft", args=[draft.uuid]))
    check = officer.get(reverse("rules_check", args=[draft.uuid])).content.decode()
    assert f"{part_url(draft, 'applicants')}#id_quota_places" in check


def test_rows_work_without_script(officer, draft):
    url = part_url(draft, "form", "section.0")
    given = posted(officer, url)
    answer = officer.post(url, given | {"section.0.field.0.name.zh": ["新题名"], "do": ["add:section.0.field"]})
    assert answer.status_code == 302
    assert answer.url.endswith("#row_section_0_field_6")
    draft.refresh_from_db()
    fields = reading.data_of(draft.text)["section"][0]["field"]
    assert fields[0]["name"]["zh"] == "新题名", "what was typed is saved with the button"
    assert fields[6]["code"] == "field_1"
    officer.post(url, posted(officer, url) | {"do": ["up:section.0.field.6"]})
    officer.post(url, posted(officer, url) | {"do": ["del:section.0.field.5"]})
    draft.refresh_from_db()
    assert len(reading.data_of(draft.text)["section"][0]["field"]) == 6
    assert "恢复" in officer.read(url)
    officer.post(url, posted(officer, url) | {"do": ["undo"]})
    draft.refresh_from_db()
    assert len(reading.data_of(draft.text)["section"][0]["field"]) == 7


def test_a_stage_takes_its_place(officer, draft):
    url = part_url(draft, "stages")
    officer.post(url, posted(officer, url) | {"new_stage": ["PREF"], "do": ["add:stage"]})
    draft.refresh_from_db()
    assert [row["code"] for row in reading.data_of(draft.text)["stage"]][:4] == ["CALL", "DRAFT", "PREF", "PROV"]
    assert reading.errors(reading.findings(draft.text)) == []


def test_autosave_keeps_one_value_and_says_what_is_wrong(officer, draft):
    url = reverse("rules_save", args=[draft.uuid, "applicants"])
    rev = posted(officer, part_url(draft, "applicants"))["rev"][0]
    answer = officer.post(url, {"field": "quota.places", "value": "9", "rev": rev}).json()
    assert answer["error"] == ""
    assert answer["rev"] != rev
    wrong = officer.post(url, {"field": "quota.places", "value": "x", "rev": answer["rev"]}).json()
    assert "整数" in wrong["error"]
    assert officer.post(url, {"field": "code", "value": "x", "rev": wrong["rev"]}).status_code == 400
    assert officer.post(url, {"field": "nothing.here", "value": "x", "rev": wrong["rev"]}).status_code == 400


def test_two_people_see_each_others_words(world, officer, draft, browse):
    second = browse(somebody(world, "second", Role.PROGRAMME_OFFICER))
    url = part_url(draft, "applicants")
    mine, theirs = posted(officer, url), posted(second, url)
    assert second.post(url, theirs | {"quota.places": ["7"]}).status_code == 302
    clash = officer.post(url, mine | {"quota.places": ["8"]})
    html = clash.content.decode()
    assert clash.status_code == 409
    assert 'value="8"' in html, "what was typed is still there"
    assert "现在保存的：7" in words(clash)
    draft.refresh_from_db()
    assert reading.data_of(draft.text)["quota"]["places"] == 7
    # Another part is nobody's conflict.
    basics = part_url(draft, "basics")
    given = posted(officer, basics)
    second.post(url, posted(second, url) | {"quota.places": ["6"]})
    assert officer.post(basics, given | {"short_name.zh": ["简称"]}).status_code == 302
    auto = officer.post(
        reverse("rules_save", args=[draft.uuid, "applicants"]), {"field": "quota.places", "value": "5", "rev": "old"}
    )
    assert auto.status_code == 409
    assert set(draft.editors.values_list("username", flat=True)) == {"second"}


def test_rows_that_moved_meanwhile_lose_nothing_typed(world, officer, draft, browse):
    second = browse(somebody(world, "second", Role.PROGRAMME_OFFICER))
    url = part_url(draft, "materials")
    mine = posted(officer, url)
    second.post(url, posted(second, url) | {"do": ["del:material.3"]})
    clash = officer.post(url, mine | {"material.3.name.zh": ["我改的材料"]})
    assert clash.status_code == 409
    assert "我改的材料" in clash.content.decode()


def test_text_is_kept_when_it_cannot_be_read(officer, draft):
    url = reverse("rules_text", args=[draft.uuid])
    rev = officer.get(url).context["rev"]
    broken = draft.text.replace("[quota]", "[quota", 1)
    officer.post(url, {"text": broken, "rev": rev})
    draft.refresh_from_db()
    assert draft.text == broken
    assert "不是有效的 TOML" in officer.read(url)
    assert officer.get(part_url(draft, "basics")).url == url
    assert "不能读取" in officer.read(reverse("rules_draft", args=[draft.uuid]))
    for name in ("rules_check", "rules_preview", "rules_changes", "rules_history"):
        officer.read(reverse(name, args=[draft.uuid]))
    stale = officer.post(url, {"text": "我的文本", "rev": rev})
    assert stale.status_code == 409
    assert "我的文本" in stale.content.decode()


# --- copies -----------------------------------------------------------------------------------------------------------
def test_a_copy_is_the_next_version(draft, world):
    rules = reading.read(draft.text)
    assert rules.version == f"{world.start.year}.1"
    assert draft.programme.code == TRIAL
    assert draft.base.version == "2026.2"


def test_a_new_programme_gets_names_of_its_own(officer):
    url = reverse("programme_copy", args=[TRIAL])
    taken = officer.post(url, {"as": "programme", "name": "新项目", "short_name": "新", "code": TRIAL, "prefix": "JJQ"})
    assert taken.status_code == 422
    assert "已有代码为" in taken.content.decode()
    assert "前缀 JJQ 已用于" in taken.content.decode()
    done = officer.post(url, {"as": "programme", "name": "知识产权服务出口基地", "short_name": "出口基地"})
    assert done.status_code == 302
    draft = RulesDraft.objects.get()
    rules = reading.read(draft.text)
    assert (rules.code, rules.number_prefix, rules.version) == ("zscqfwckjd", "ZSCQFW", "2017.1")
    assert rules.certificate.series == "zscqfwckjd"
    assert draft.programme is None
    assert "知识产权服务出口基地" in officer.read(reverse("programmes"))
    again = officer.post(url, {"as": "programme", "name": "另一个", "short_name": "另", "code": "zscqfwckjd"})
    assert again.status_code == 422


# --- lists and costs --------------------------------------------------------------------------------------------------
def test_the_list_can_be_narrowed(officer, draft):
    url = reverse("programmes")
    assert "强市" not in officer.get(url + "?q=trial_zone").content.decode().split('id="list"')[1].split("<tbody>")[1]
    assert "没有符合条件的项目" in officer.read(url + "?q=nothing")
    assert "试验区" in officer.read(url + "?show=drafts")
    assert "已忽略" in officer.read(url + "?shape=IX")


def test_versions_are_compared(officer, world):
    from pilots.models import RulesVersion

    programme = Programme.objects.get(code=TRIAL)
    text = programme.current.text.replace("places = 2", "places = 4").replace(
        'version = "2026.2"', 'version = "2026.3"'
    )
    RulesVersion.objects.create(programme=programme, version="2026.3", text=text, published_at=world.start)
    page = officer.read(reverse("programme", args=[TRIAL]) + "?tab=versions")
    assert "推荐配额 › 每省名额" in page
    same = officer.read(reverse("programme", args=[TRIAL]) + "?tab=versions&old=2026.2&new=2026.2")
    assert "2026.2" in same


@pytest.mark.parametrize("more", [0, 6])
def test_costs_do_not_grow(officer, draft, world, more, django_assert_max_num_queries):
    for _n in range(more):
        officer.post(reverse("programme_copy", args=[TRIAL]), {"as": "version"})
        world.walk().prepare()
    officer.get(reverse("programmes"))
    with django_assert_max_num_queries(12):
        officer.get(reverse("programmes"))
    with django_assert_max_num_queries(20):
        officer.get(reverse("programme", args=[TRIAL]) + "?tab=versions")
    for name in ("rules_draft", "rules_text", "rules_check", "rules_changes", "rules_history", "rules_preview"):
        with django_assert_max_num_queries(20):
            officer.get(reverse(name, args=[draft.uuid]))
    with django_assert_max_num_queries(20):
        officer.get(part_url(draft, "stages"))
