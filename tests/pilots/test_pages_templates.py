"""Templates in the browser: copied, written beside their page, published by somebody else, used from then on."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from approvals import preflight, templating
from approvals.certificates import design
from approvals.certificates.fonts import KAI
from approvals.models import Certificate, CertificateTemplate, SiteFont
from tests.office import codes
from workflows import perform
from workflows.beginnings import begin_template
from workflows.refusals import Denied, NotNow

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(world, stand, browse, prove):
    """(world, a browser of the officer, one of the head)."""
    stand(world.start)
    prove(True)
    return world, browse(world.cast["officer"]), browse(world.cast["head"])


def copied(world, base="award_landscape", code="city_award"):
    return begin_template(base, code, by=world.cast["officer"], at=world.start).obj


def typed(row, **changes):
    files = row.files | changes
    return {"page_html": files["page.html"], "page_css": files["page.css"], "design_toml": files["design.toml"],
            "rev": row.rev, "which": "usual"}  # fmt: skip


def test_the_shelf_shows_every_packaged_template(desk):
    _world, officer, head = desk
    page = officer.read(reverse("templates"))
    for name in design.designs():
        assert name in page
        answer = officer.get(reverse("template_sample", args=[name]))
        assert answer["Content-Type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
    assert "复制" in page
    assert "还没有自己的模板" in head.read(reverse("templates"))


def test_a_copy_is_written_with_the_page_beside_it(desk):
    _world, officer, _head = desk
    officer.post(reverse("template_new"), {"base": "award_landscape", "code": "city_award"})
    row = CertificateTemplate.objects.get()
    assert (row.code, row.edition, row.state) == ("city_award", 1, "editing")
    assert "data:image/png;base64," in officer.get(row.get_absolute_url()).content.decode()
    # What is typed is shown before it is saved, and its faults by file and line.
    bad = typed(row, **{"page.html": row.files["page.html"] + '\n<script src="http://evil.example/x.js"></script>'})
    shown = officer.post(reverse("template_preview", args=[row.uuid]), bad).content.decode()
    assert "page.html:" in shown
    assert "script" in shown
    row.refresh_from_db()
    assert "script" not in row.files["page.html"]
    for which in ("shortest", "longest"):
        answer = officer.post(reverse("template_preview", args=[row.uuid]), typed(row) | {"which": which})
        assert "data:image/png" in answer.content.decode()
    # What cannot be read is saved all the same: nothing typed is lost.
    assert officer.post(row.get_absolute_url(), bad).status_code == 302
    row.refresh_from_db()
    assert "script" in row.files["page.html"]
    assert row.rev == 1


def test_two_people_do_not_overwrite_each_other(desk):
    _world, officer, _head = desk
    row = copied(_world)
    first = typed(row, **{"page.css": row.files["page.css"] + "\n.first { color: #112233 }\n"})
    second = typed(row, **{"page.css": row.files["page.css"] + "\n.second { color: #445566 }\n"})
    assert officer.post(row.get_absolute_url(), first).status_code == 302
    answer = officer.post(row.get_absolute_url(), second)
    assert answer.status_code == 409
    assert ".second" in answer.content.decode()
    row.refresh_from_db()
    assert ".first" in row.files["page.css"]


def test_a_code_is_taken_once_and_spelt_in_small_letters(desk):
    _world, officer, _head = desk
    copied(_world)
    for code in ("city_award", "City", "a", "x" * 41, "证书"):
        answer = officer.post(reverse("template_new"), {"base": "award_landscape", "code": code})
        assert answer.status_code in (200, 422)
        assert CertificateTemplate.objects.count() == 1
    assert officer.get(f"{reverse('template_new')}?base=nothing").status_code == 404


def test_somebody_else_publishes_and_faults_keep_it_back(desk):
    world, officer, _head = desk
    row = copied(world)
    with pytest.raises(Denied):
        perform(row, "publish", by=world.cast["officer"], at=world.start)
    CertificateTemplate.objects.filter(pk=row.pk).update(files=row.files | {"page.css": "p { background: url(x.png) }"})
    with pytest.raises(NotNow) as faulty:
        perform(row, "publish", by=world.cast["head"], at=world.start)
    assert codes(faulty) == {"fault"}
    assert "page.css" in faulty.value.reasons[0].text
    CertificateTemplate.objects.filter(pk=row.pk).update(files=row.files)
    row = perform(row, "publish", by=world.cast["head"], at=world.start).obj
    assert (row.state, row.sha256, row.gate["samples"]) == ("published", design.read(row.files).sha256, 3)
    assert officer.post(row.get_absolute_url(), typed(row)).status_code == 404, "a version never changes"


def test_a_sample_with_a_character_no_font_has_keeps_it_back(desk):
    world, _officer, _head = desk
    row = copied(world)
    toml = row.files["design.toml"].replace('holder = "', 'holder = "\U0002a6d6', 1)
    CertificateTemplate.objects.filter(pk=row.pk).update(files=row.files | {"design.toml": toml})
    with pytest.raises(NotNow) as glyph:
        perform(row, "publish", by=world.cast["head"], at=world.start)
    assert codes(glyph) == {"sample"}


def test_a_published_version_is_used_for_what_comes_and_not_for_what_was(office, browse):
    world_cast, at = office.cast, office.walk.at
    old = office.certificates().get()
    assert old.template is None
    row = begin_template("award_landscape", "award_landscape", by=world_cast["officer"], at=at).obj
    files = row.files | {"page.css": row.files["page.css"] + "\n.programme { color: #224466 }\n"}
    CertificateTemplate.objects.filter(pk=row.pk).update(files=files)
    row = perform(row, "publish", by=world_cast["head"], at=at).obj
    issued = office.sealed()
    assert issued.template is None
    perform(issued, "reissue", by=world_cast["officer"], at=at, reason="遗失")
    new = Certificate.objects.get(cause="reissue")
    assert new.template == row
    assert templating.design_of(new.template, "award_landscape").sha256 == row.sha256
    assert not preflight.inspect([new])[0].blocked
    preview = browse(world_cast["officer"]).get(reverse("certificate_preview", args=[new.uuid]))
    assert preview.content.startswith(b"%PDF-")


def test_rules_may_name_only_templates_that_exist(world):
    from pilots.rules.lint import lint

    text = world.programme().current.text
    bad = text.replace("[certificate]\n", '[certificate]\ndesign = "no_such_template"\n', 1)
    assert [item.path for item in lint(bad) if item.level == "error"] == ["certificate.design"]
    row = copied(world, code="no_such_template")
    perform(row, "publish", by=world.cast["head"], at=world.start)
    assert not [item for item in lint(bad) if item.level == "error"]


def test_an_office_brings_its_own_font_and_takes_it_back(desk):
    _world, officer, head = desk
    address = reverse("template_fonts")
    assert "系统自带" in officer.read(address)
    broken = officer.post(address, {"face": "kai", "file": SimpleUploadedFile("x.ttf", b"not a font")})
    assert broken.status_code == 422
    assert "不是可用的字体文件" in broken.content.decode()
    before = templating.fonts().sha256
    officer.post(address, {"face": "fangsong", "file": SimpleUploadedFile("仿宋.ttf", KAI.read_bytes())})
    row = SiteFont.objects.get()
    assert (row.face, row.name) == ("fangsong", "仿宋.ttf")
    assert templating.fonts().sha256 != before
    assert "仿宋.ttf" in head.read(address)
    assert "上传字体" not in head.read(address)
    officer.post(reverse("template_font_end", args=[row.pk]))
    assert templating.fonts().sha256 == before


def test_those_outside_the_office_see_no_template(office, browse):
    row = begin_template("plaque", "plaque", by=office.cast["officer"], at=office.walk.at).obj
    outsider = browse(office.walk.applications[0].created_by)
    for address in (reverse("templates"), reverse("template_fonts"), row.get_absolute_url()):
        assert outsider.get(address).status_code == 403
