"""用印审批: nothing is sealed that nobody agreed to; everything that was agreed to is sealed once."""

import io
import zipfile
from dataclasses import dataclass

import pikepdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals import preflight
from approvals.certificates.codes import new_code
from approvals.models import Certificate, SealUse
from config.demo.paths import PATHS
from notifications import jobs
from notifications.models import Job
from pilots import storage
from workflows import perform
from workflows.beginnings import begin_seal_use
from workflows.ledger import verify
from workflows.refusals import Denied, NotNow

pytestmark = pytest.mark.django_db


@dataclass
class Office:
    """A batch whose certificates wait for the seal, and the people of the office."""

    walk: object

    @property
    def cast(self):
        return self.walk.cast

    def certificates(self):
        return Certificate.objects.filter(designation__batch=self.walk.batch).order_by("pk")

    def multiply(self, number):
        """*number* more certificates of the same title, each for a holder of its own."""
        first = self.certificates().first()
        for index in range(number):
            words = first.words | {"holder": f"示例单位{index:04d}"}
            Certificate.objects.create(
                designation=first.designation, revision=100 + index, serial=f"JJQ〔2017〕第9{index:04d}号", code=new_code(),
                words=words, valid_from=first.valid_from, valid_to=first.valid_to, version=1,
            )  # fmt: skip

    def ask(self, rows=None, by=None):
        rows = self.certificates() if rows is None else rows
        return begin_seal_use(rows, by=by or self.cast["officer"], at=self.walk.at).obj

    def approve(self, request):
        return perform(request, "approve", by=self.cast["head"], at=self.walk.at).obj


@pytest.fixture
def office(world, monkeypatch):
    """The happy road up to the document; nobody has asked for the seal yet."""
    walk = world.walk()
    monkeypatch.setattr(type(walk), "seal", lambda _self: None)
    PATHS["return"].live(walk, world.place("徐汇区"))
    monkeypatch.undo()
    return Office(walk)


def codes(refusal):
    return {reason.code for reason in refusal.value.reasons}


def test_nothing_is_made_before_somebody_agreed(office):
    row = office.certificates().get()
    assert (row.state, row.seal_use, row.sha256) == ("pending", None, "")
    assert not Job.objects.filter(kind="certificate").exists()
    request = office.ask()
    jobs.work(office.walk.at)
    row.refresh_from_db()
    assert (row.state, request.state, request.size) == ("pending", "waiting", 1)
    request = office.approve(request)
    jobs.work(office.walk.at)
    row.refresh_from_db()
    assert (row.state, request.state) == ("issued", "approved")
    assert storage.read(row.sha256).startswith(b"%PDF-")
    assert verify(row).intact
    assert verify(request).intact


def test_who_asked_does_not_agree_and_strangers_do_neither(office):
    request = office.ask()
    with pytest.raises(Denied):
        perform(request, "approve", by=office.cast["officer"], at=office.walk.at)
    with pytest.raises(Denied):
        perform(request, "approve", by=office.cast["leader"], at=office.walk.at)
    stranger = office.walk.applications[0].created_by
    other = Certificate.objects.get()
    Certificate.objects.update(seal_use=None)
    with pytest.raises((Denied, NotNow)):
        begin_seal_use([other], by=stranger, at=office.walk.at)


def test_a_certificate_is_in_one_request_at_a_time(office):
    request = office.ask()
    with pytest.raises(NotNow) as twice:
        office.ask()
    assert "taken" in codes(twice)
    request = perform(request, "send_back", by=office.cast["head"], at=office.walk.at, reason="持证单位名称有误").obj
    assert request.state == "returned"
    again = office.ask()
    assert again.number != request.number
    assert office.certificates().get().seal_use == again


def test_what_changed_since_is_not_sealed(office):
    request = office.ask()
    row = office.certificates().get()
    with pytest.raises(NotNow) as fixed:
        perform(row, "amend", by=office.cast["officer"], at=office.walk.at, reason="x",
                data={"holder": "别的单位", "paragraph": row.words["paragraph"]})  # fmt: skip
    assert codes(fixed) == {"asked"}
    # Past the door, by somebody with a database client.
    Certificate.objects.filter(pk=row.pk).update(words=row.words | {"holder": "别的单位"})
    with pytest.raises(NotNow) as changed:
        office.approve(request)
    assert codes(changed) == {"list_changed"}


def test_errors_of_the_preflight_keep_a_certificate_out(office):
    row = office.certificates().get()
    perform(row, "amend", by=office.cast["officer"], at=office.walk.at, reason="核对",
            data={"holder": "生僻\U0002a6d6字单位", "paragraph": row.words["paragraph"]})  # fmt: skip
    (line,) = preflight.inspect(office.certificates().select_related(*Certificate.related))
    assert line.blocked
    assert "\U0002a6d6" in line.findings[0].text
    with pytest.raises(NotNow) as glyphs:
        office.ask()
    assert row.serial in glyphs.value.reasons[0].text
    row.refresh_from_db()
    perform(row, "amend", by=office.cast["officer"], at=office.walk.at, reason="改用通用字",
            data={"holder": "常用字单位", "paragraph": row.words["paragraph"]})  # fmt: skip
    assert office.ask().size == 1


def test_a_second_paper_for_the_same_holder_is_a_warning_that_travels_with_the_request(office):
    office.multiply(1)
    first, second = office.certificates()
    Certificate.objects.filter(pk=second.pk).update(words=first.words)
    lines = preflight.inspect(office.certificates().select_related(*Certificate.related))
    # The same title twice is one holder; another title is what would be a mistake.
    assert not any(line.findings for line in lines)


def test_a_title_that_was_lost_gets_no_paper(office):
    site = office.certificates().get().designation
    type(site).objects.filter(pk=site.pk).update(state="exited", ended_at=office.walk.at)
    (line,) = preflight.inspect(office.certificates().select_related(*Certificate.related))
    assert [finding.code for finding in line.findings] == ["title"]


def test_each_certificate_is_a_job_and_one_that_fails_does_not_hold_the_others(office, monkeypatch):
    office.multiply(4)
    request = office.approve(office.ask())
    assert Job.objects.filter(group=request.group).count() == 5
    bad = office.certificates()[2].serial
    real = jobs._handlers["certificate"]

    def torn(job, at):
        if Certificate.objects.get(pk=job.payload["certificate"]).serial == bad:
            raise OSError(28, "No space left on device")
        real(job, at)

    monkeypatch.setitem(jobs._handlers, "certificate", torn)
    jobs.work(office.walk.at)
    assert sorted(office.certificates().values_list("state", flat=True)) == ["issued"] * 4 + ["pending"]
    Job.objects.filter(group=request.group, state="queued").update(state="parked")
    monkeypatch.undo()
    hashes = dict(office.certificates().exclude(sha256="").values_list("pk", "sha256"))
    request = perform(request, "go_on", by=office.cast["officer"], at=office.walk.at).obj
    jobs.work(office.walk.at)
    assert set(office.certificates().values_list("state", flat=True)) == {"issued"}
    assert hashes.items() <= dict(office.certificates().values_list("pk", "sha256")).items(), "the others were not made again"


def test_stopping_keeps_what_is_issued_and_goes_on_later(office):
    office.multiply(3)
    request = office.approve(office.ask())
    jobs.work(office.walk.at, limit=1)
    request = perform(request, "stop", by=office.cast["head"], at=office.walk.at).obj
    jobs.work(office.walk.at)
    assert office.certificates().filter(state="issued").count() == 1
    perform(request, "go_on", by=office.cast["head"], at=office.walk.at)
    jobs.work(office.walk.at)
    assert office.certificates().filter(state="issued").count() == 4
    with pytest.raises(NotNow) as done:
        perform(SealUse.objects.get(), "stop", by=office.cast["head"], at=office.walk.at)
    assert codes(done) == {"nothing"}


def test_running_every_job_twice_issues_nothing_twice(office):
    request = office.approve(office.ask())
    jobs.work(office.walk.at)
    before = office.certificates().values_list("version", "sha256").get()
    Job.objects.filter(group=request.group).update(state="queued", finished_at=None)
    jobs.work(office.walk.at)
    assert office.certificates().values_list("version", "sha256").get() == before


def test_all_files_come_as_one_zip_and_one_file_for_the_printer(office, browse):
    office.multiply(2)
    request = office.approve(office.ask())
    with pytest.raises(NotNow) as early:
        perform(request, "print_file", by=office.cast["officer"], at=office.walk.at)
    assert codes(early) == {"unfinished"}
    jobs.work(office.walk.at)
    client = browse(office.cast["officer"])
    answer = client.get(reverse("seal_use_zip", args=[request.uuid]))
    assert answer.streaming
    data = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) == 3
        assert {archive.read(name) for name in archive.namelist()} == {
            storage.read(row.sha256) for row in office.certificates()
        }  # fmt: skip
    assert b"".join(client.get(reverse("seal_use_zip", args=[request.uuid])).streaming_content) == data
    request = perform(SealUse.objects.get(), "print_file", by=office.cast["officer"], at=office.walk.at).obj
    jobs.work(office.walk.at)
    request.refresh_from_db()
    printed = b"".join(client.get(reverse("seal_use_print", args=[request.uuid])).streaming_content)
    with pikepdf.open(io.BytesIO(printed)) as pdf:
        assert len(pdf.pages) == 3
    single = office.certificates().first().size
    assert len(printed) < 3 * single, "the drawing all pages share is there once"


# --- the life of a certificate ---------------------------------------------------------------------------------


def sealed(office):
    office.approve(office.ask(preflight.waiting(office.cast["officer"])))
    jobs.work(office.walk.at)
    return office.certificates().first()


def test_suspension_is_said_on_the_page_and_taken_back(office, client):
    row = sealed(office)
    address = reverse("verify_code", args=[row.code])
    with pytest.raises(NotNow):
        perform(row, "suspend", by=office.cast["head"], at=office.walk.at)
    row = perform(row, "suspend", by=office.cast["head"], at=office.walk.at, reason="投诉核查期间暂停").obj
    page = client.get(address).content.decode()
    assert "证书已暂停" in page
    assert "投诉核查期间暂停" in page
    perform(row, "resume", by=office.cast["head"], at=office.walk.at, reason="核查无误")
    assert "证书有效" in client.get(address).content.decode()


def test_a_lost_paper_is_issued_anew_under_the_next_number(office, client):
    old = sealed(office)
    bytes_before = storage.read(old.sha256)
    perform(old, "reissue", by=office.cast["officer"], at=office.walk.at, reason="原证遗失，已登报声明")
    new = office.certificates().get(cause="reissue")
    assert (new.state, new.supersedes, new.valid_to) == ("pending", old, old.valid_to)
    assert new.serial != old.serial
    assert new.code != old.code
    # Until the new one is sealed the old one counts, and there is no third.
    assert "证书有效" in client.get(reverse("verify_code", args=[old.code])).content.decode()
    with pytest.raises(NotNow) as third:
        perform(old, "reissue", by=office.cast["officer"], at=office.walk.at, reason="再补")
    assert codes(third) == {"another"}
    sealed(office)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, new.state) == ("superseded", "issued")
    assert storage.read(old.sha256) == bytes_before
    page = client.get(reverse("verify_code", args=[old.code])).content.decode()
    assert "证书已被替换" in page
    assert reverse("verify_code", args=[new.code]) in page


def test_a_wrong_word_is_corrected_by_another_edition(office):
    old = sealed(office)
    data = {"holder": old.words["holder"], "paragraph": old.words["paragraph"]}
    with pytest.raises(NotNow):
        perform(old, "correct", by=office.cast["officer"], at=office.walk.at, reason="x", data=data)
    data["holder"] = "上海市徐汇区人民政府"
    perform(old, "correct", by=office.cast["officer"], at=office.walk.at, reason="单位名称漏写市名", data=data)
    new = office.certificates().get(cause="correction")
    assert new.words["holder"] == "上海市徐汇区人民政府"
    old.refresh_from_db()
    assert old.words["holder"] != new.words["holder"]


def test_an_edition_that_came_to_nothing_makes_room_for_another(office):
    old = sealed(office)
    perform(old, "reissue", by=office.cast["officer"], at=office.walk.at, reason="原证遗失")
    new = office.certificates().get(cause="reissue")
    perform(new, "revoke", by=office.cast["head"], at=office.walk.at, reason="原证已找回")
    perform(old, "reissue", by=office.cast["officer"], at=office.walk.at, reason="再次遗失")
    assert office.certificates().filter(cause="reissue").count() == 2


# --- pages -----------------------------------------------------------------------------------------------------


def test_from_preflight_to_download_in_the_browser(office, browse, prove, stand):
    stand(office.walk.at)
    prove(True)
    officer, head = browse(office.cast["officer"]), browse(office.cast["head"])
    row = office.certificates().get()
    assert reverse("seal_use_new") in officer.read(reverse("seal_uses"))
    address = f"{reverse('seal_use_new')}?programme={office.walk.programme.code}"
    page = officer.read(address)
    assert row.serial in page
    assert "无误" in page
    preview = officer.get(reverse("certificate_preview", args=[row.uuid]))
    assert preview["Content-Type"] == "application/pdf"
    nothing = officer.post(address, {"note": "年底前颁发", "ask": "1"})
    assert nothing.status_code == 422
    assert "年底前颁发" in nothing.content.decode(), "what was typed is not lost"
    shown = officer.post(address, {"certificates": [str(row.uuid)], "note": "年底前颁发", "preview": "1"})
    assert "对 1 份证书申请用印" in shown.content.decode()
    assert not SealUse.objects.exists()
    made = officer.post(address, {"certificates": [str(row.uuid)], "note": "年底前颁发", "ask": "1"})
    request = SealUse.objects.get()
    assert made["Location"] == request.get_absolute_url()
    assert "审批用印" in head.read(reverse("tasks"))
    decide = reverse("act", args=["sealuse", request.uuid, "approve"])
    assert row.words["holder"] in head.read(decide)
    head.post(decide, {"version": request.version})
    assert "hx-get" in head.read(request.get_absolute_url())
    jobs.work(office.walk.at)
    assert "已签发 1 份证书" in head.read(request.get_absolute_url())
    assert "下载全部" in officer.read(request.get_absolute_url())


def test_pages_cost_the_same_at_any_size(office, browse, stand):
    stand(office.walk.at)
    officer = browse(office.cast["officer"])
    new = f"{reverse('seal_use_new')}?programme={office.walk.programme.code}"

    def cost(address):
        with CaptureQueriesContext(connection) as captured:
            assert officer.get(address).status_code == 200
        return len(captured)

    costs = [(cost(reverse("seal_uses")), cost(new))]
    office.multiply(60)
    costs.append((cost(reverse("seal_uses")), cost(new)))
    assert costs[0] == costs[1]
    assert max(costs[1]) <= 12
    small = office.ask(list(office.certificates()[:1]))
    large = office.ask(list(office.certificates()[1:]))
    for request in (small, large):
        office.approve(request)
    alone, many = cost(small.get_absolute_url()), cost(large.get_absolute_url())
    assert many <= alone
    assert many <= 20


def test_those_outside_the_office_see_no_request(office, browse):
    request = office.ask()
    outsider = browse(office.walk.applications[0].created_by)
    for name in ("seal_use", "seal_use_progress", "seal_use_zip", "seal_use_print"):
        assert outsider.get(reverse(name, args=[request.uuid])).status_code == 403
    assert outsider.get(reverse("seal_uses")).status_code == 403
