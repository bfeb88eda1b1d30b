"""Pages of the term: filing a change, the list to mend, successors of places, ended titles; costs at two sizes."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import clock
from accounts.models import Grant, Place, User
from accounts.roles import Role
from config.demo.answers import _PDF
from config.demo.paths import _to_acceptance, _to_site
from notifications.models import Deadline
from pilots.models import Change, Designation, FormerName, Upload
from tests.workflows.test_term import opened, revoke, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _paper(monkeypatch):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())


@pytest.fixture
def built(world, walk, stand):
    site = walk.paper(_to_site(walk, world.place("徐汇区")), "file_plan")
    stand(walk.at)
    return walk, site


def new_url(site, kind=""):
    return reverse("change_new", args=[site.uuid]) + (f"?kind={kind}" if kind else "")


def pdf(name="函.pdf", data=_PDF):
    return SimpleUploadedFile(name, data)


def test_a_change_is_previewed_with_its_consequence_then_filed(built, browse):
    walk, site = built
    mine = browse(walk.leader_of(site))
    text = mine.read(new_url(site))
    assert "延长期限" in text
    assert "起才可以申请提前验收" in text
    form = {"months": "2", "grounds": "疫情影响。", "letter_number": "沪府函〔2018〕9号"}
    seen = mine.post(new_url(site, "extension"), form | {"preview": "1", "evidence": pdf()})
    html = seen.content.decode()
    assert seen.status_code == 200
    assert f"期限止 {site.term_end}" in html
    assert "→" in html
    kept = Upload.objects.get(designation=site, material="change_pending")
    assert not Change.objects.exists()
    done = mine.post(new_url(site, "extension"), form | {"file": "1", "kept": str(kept.uuid)}, follow=True)
    change = Change.objects.get()
    assert done.redirect_chain[-1][0] == change.get_absolute_url()
    kept.refresh_from_db()
    assert kept.material == change.material
    assert "函.pdf" in done.content.decode()


def test_bad_input_is_told_and_nothing_is_lost(built, browse):
    walk, site = built
    mine = browse(walk.leader_of(site))
    form = {"months": "9", "grounds": "写好的理由", "letter_number": "", "file": "1", "kept": "x' or 1"}
    answer = mine.post(new_url(site, "extension"), form | {"evidence": pdf("函.exe", b"MZ")})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "写好的理由" in html
    assert "此处只收" in html
    assert not Change.objects.exists()
    missing = mine.post(new_url(site, "name"), {"name": site.holder_name, "grounds": "x", "file": "1"}).content.decode()
    assert "与现名称相同" in missing
    assert "请上传证明文件" in missing


def test_strangers_file_nothing(built, browse, world):
    walk, site = built
    assert browse(walk.province_of(site)).get(new_url(site)).status_code == 403
    world.cast.province(world.place("江苏省"))
    other = browse(world.cast.applicant(world.place("江宁区")))
    assert other.get(new_url(site)).status_code == 404


def test_the_page_of_a_change_leads_to_its_acts(built, browse, world):
    walk, site = built
    walk.change(site, "scope", area="徐家汇街道")
    change = Change.objects.get()
    text = browse(world.cast["head"]).read(change.get_absolute_url())
    assert "徐家汇街道" in text
    assert "变更已同意" in text
    foreign = world.cast.province(world.place("江苏省"))
    assert browse(foreign).get(change.get_absolute_url()).status_code == 404
    assert "徐家汇街道" in browse(walk.leader_of(site)).read(site.get_absolute_url())


def test_a_site_costs_the_same_with_more_changes(built, browse, world, django_assert_max_num_queries):
    walk, site = built
    head = browse(world.cast["head"])
    walk.change(site, "scope", area="甲")
    with django_assert_max_num_queries(20):
        head.get(site.get_absolute_url())
    with CaptureQueriesContext(connection) as few:
        head.get(site.get_absolute_url())
    for area in ("乙", "丙", "丁"):
        walk.change(Designation.objects.get(pk=site.pk), "scope", area=area)
    with CaptureQueriesContext(connection) as many:
        head.get(site.get_absolute_url())
    assert len(many) <= len(few)


def test_a_site_under_a_panel_costs_a_bounded_number(world, walk, stand, browse, django_assert_max_num_queries):
    site = opened(walk, _to_acceptance(walk, world.place("徐汇区")))
    stand(walk.at)
    lead = browse(walk.lead_of(site))
    lead.get(site.get_absolute_url())
    with django_assert_max_num_queries(20):
        lead.get(site.get_absolute_url())


def test_two_people_on_one_item_read_both_texts(world, walk, stand, browse):
    site = walk.conclude(_to_acceptance(walk, world.place("徐汇区")), "rectify")
    stand(walk.at)
    url = reverse("rectification", args=[site.uuid])
    mine = browse(walk.leader_of(site))
    assert "还有 2 项没有填写" in mine.read(url)
    assert mine.post(url, {"number": "1", "rev": "0", "answer": "甲写的"}).status_code == 302
    clash = mine.post(url, {"number": "1", "rev": "0", "answer": "乙写的"})
    html = clash.content.decode()
    assert clash.status_code == 409
    assert "甲写的" in html
    assert "乙写的" in html
    assert 'name="rev" value="1"' in html
    assert mine.post(url, {"number": "1", "rev": "1", "answer": "合并"}).status_code == 302
    assert mine.post(url, {"number": "9", "rev": "0", "answer": "x"}).status_code == 422
    assert "最多 3000 字" in mine.post(url, {"number": "2", "rev": "0", "answer": "长" * 3001}).content.decode()
    assert browse(walk.province_of(site)).post(url, {"number": "1", "rev": "2", "answer": "x"}).status_code == 403


def test_a_member_finds_the_opinion_among_the_to_dos(world, walk, stand, browse):
    site = opened(walk, _to_acceptance(walk, world.place("徐汇区")))
    stand(walk.at)
    member = site.awaited_members()[0].user
    browser = browse(member)
    assert site.get_absolute_url() in browser.get(reverse("tasks")).content.decode()
    assert "签署验收意见" in browser.read(site.get_absolute_url())
    walk.act(site, "give_opinion", member, data=sheet(site, "7") | {"comment": "同意。"})
    stand(walk.at)
    # Another member does not read the score, the division does.
    score = str(site.evaluations.get().opinions.get().total)
    other = Designation.objects.get(pk=site.pk).awaited_members()[0].user
    assert score not in browse(other).read(site.get_absolute_url())
    assert score in browse(world.cast["head"]).read(site.get_absolute_url())


def test_a_renamed_place_takes_its_titles_along_and_is_found_by_both_names(built, browse, world):
    walk, site = built
    clerk, old, paper = browse(world.cast["checker"]), site.place, site.certificates.first().words["paragraph"]
    officer = world.cast.province(world.place("上海市"))
    Grant.objects.create(user=officer, role=Role.PREFECTURE_OFFICER, place=old, valid_from=world.start)
    url = reverse("place_successor", args=[old.pk])
    form = {
        "what": "rename",
        "name": "新徐汇区",
        "valid_from": (clock.today(walk.at) - timedelta(days=2)).isoformat(),
        "decision": "国函〔2017〕1号",
    }
    assert "请填写新名称" in clerk.post(url, form | {"name": ""}).content.decode()
    assert clerk.post(url, form | {"valid_from": "2099-01-01"}).status_code == 422
    assert clerk.post(url, form).status_code == 302
    site = Designation.objects.get(pk=site.pk)
    new = Place.objects.get(name="新徐汇区")
    assert (site.place, "新徐汇区" in site.title) == (new, True)
    assert site.certificates.first().words["paragraph"] == paper
    assert {row.place_path for row in Deadline.objects.of(site).open()} == {new.path}
    assert Grant.objects.filter(user=officer, place=new).exists()
    assert FormerName.objects.filter(designation=site, what="title").exists()
    for word in ("新徐汇区", old.name):
        assert site.number in clerk.read(f"{reverse('sites')}?q={word}")
        assert site.number in clerk.read(f"{reverse('search')}?q={word}")
    assert "不能再次登记" in clerk.read(url)


def test_ended_titles_are_published(built, browse):
    walk, site = built
    assert "没有撤销或终止的试点" in browse().read(reverse("ended"))
    site = revoke(walk, site)
    text = browse().read(reverse("ended"))
    assert site.title in text
    assert site.end_document in text
    assert site.banned_until.isoformat() in text


def test_the_list_of_ended_titles_costs_little(built, browse, django_assert_max_num_queries):
    walk, site = built
    revoke(walk, site)
    with django_assert_max_num_queries(12):
        browse().get(reverse("ended"))


def test_who_may_not_move_a_title_moves_no_place(built, browse, world):
    _walk, site = built
    officer = User.objects.create(username="elsewhere", name="外项目主管")
    Grant.objects.create(
        user=officer, role=Role.PROGRAMME_OFFICER, programme="patent_navigation_centre", valid_from=world.start
    )
    form = {"what": "rename", "name": "新徐汇区", "valid_from": "2018-01-01", "decision": "国函〔2017〕1号"}
    answer = browse(officer).post(reverse("place_successor", args=[site.place_id]), form)
    assert answer.status_code == 422
    assert site.number in answer.content.decode()
    assert not Place.objects.filter(name="新徐汇区").exists()
    assert Place.objects.get(pk=site.place_id).valid_to is None


def test_a_proposal_that_was_overtaken_is_not_shown_as_open(built, browse, world):
    walk, site = built
    site = walk.act(site, "propose_revocation", world.cast["head"], reason="弄虚作假。", data={"evidence": "台账。"})
    assert "拟撤销试点资格" in browse(world.cast["head"]).read(site.get_absolute_url())
    Designation.objects.filter(pk=site.pk).update(state="exited", ended_on=clock.today(walk.at))
    assert "拟撤销试点资格" not in browse(world.cast["head"]).read(site.get_absolute_url())


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 12, "٣", "-1", ""])
def test_no_number_breaks_the_list_to_mend(world, walk, stand, browse, number):
    site = walk.conclude(_to_acceptance(walk, world.place("徐汇区")), "rectify")
    stand(walk.at)
    mine = browse(walk.leader_of(site))
    answer = mine.post(
        reverse("rectification", args=[site.uuid]), {"number": number, "rev": number, "answer": "已改。"}
    )
    assert answer.status_code in (409, 422)


def test_a_change_is_explained_on_its_own_page_of_evidence_and_on_its_sites(built, browse, world, stand):
    walk, site = built
    change = walk.change(site, "extension", months=2)
    stand(walk.at)
    head = browse(world.cast["head"])
    for kind, uuid in (("change", change.uuid), ("designation", site.uuid)):
        text = head.read(reverse("evidence", args=[kind, uuid]))
        assert "省局确认变更" in text
        assert "变更生效" in text
    mine = browse(walk.leader_of(site)).read(reverse("evidence", args=["change", change.uuid]))
    assert "省局确认变更" in mine
    assert browse(world.cast["expert1"]).get(reverse("evidence", args=["change", change.uuid])).status_code == 404
