"""用印审批: nothing is sealed that nobody agreed to; everything that was agreed to is sealed once."""

import pytest
from django.urls import reverse

from approvals import preflight
from approvals.models import Certificate, SealUse
from notifications import jobs
from notifications.models import Job
from pilots import storage
from tests.office import codes
from workflows import perform
from workflows.beginnings import begin_seal_use
from workflows.ledger import verify
from workflows.refusals import Denied, NotNow

pytestmark = pytest.mark.django_db


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
    assert verify(row) == []
    assert verify(request) == []


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
    type(site).objects.filter(pk=site.pk).update(state="exited", ended_on="2018-01-01", end_reason="主动退出")
    (line,) = preflight.inspect(office.certificates().select_related(*Certificate.related))
    assert [finding.code for finding in line.findings] == ["title"]


def test_each_certificate_is_a_job_and_one_that_fails_does_not_hold_the_others(office, monkeypatch):
    office.multiply(4)
    request = office.approve(office.ask())
    assert Job.objects.filter(group=request.group).count() == 5
    bad = office.certificates()[2].serial
    real = jobs._handlers["certificate"]

    def torn(job, at, made):
        if made[0].serial == bad:
            raise OSError(28, "No space left on device")
        real(job, at, made)

    monkeypatch.setitem(jobs._handlers, "certificate", torn)
    jobs.work(office.walk.at)
    assert sorted(office.certificates().values_list("state", flat=True)) == ["issued"] * 4 + ["pending"]
    Job.objects.filter(group=request.group, state="queued").update(state="parked")
    monkeypatch.undo()
    hashes = dict(office.certificates().exclude(sha256="").values_list("pk", "sha256"))
    request = perform(request, "go_on", by=office.cast["officer"], at=office.walk.at).obj
    jobs.work(office.walk.at)
    assert set(office.certificates().values_list("state", flat=True)) == {"issued"}
    assert hashes.items() <= dict(office.certificates().values_list("pk", "sha256")).items(), (
        "the others were not made again"
    )


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


# --- the life of a certificate ---------------------------------------------------------------------------------


def test_suspension_is_said_on_the_page_and_taken_back(office, client):
    row = office.sealed()
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
    old = office.sealed()
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
    office.sealed()
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.state, new.state) == ("superseded", "issued")
    assert storage.read(old.sha256) == bytes_before
    page = client.get(reverse("verify_code", args=[old.code])).content.decode()
    assert "证书已被替换" in page
    assert reverse("verify_code", args=[new.code]) in page


def test_a_wrong_word_is_corrected_by_another_edition(office):
    old = office.sealed()
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
    old = office.sealed()
    perform(old, "reissue", by=office.cast["officer"], at=office.walk.at, reason="原证遗失")
    new = office.certificates().get(cause="reissue")
    perform(new, "revoke", by=office.cast["head"], at=office.walk.at, reason="原证已找回")
    perform(old, "reissue", by=office.cast["officer"], at=office.walk.at, reason="再次遗失")
    assert office.certificates().filter(cause="reissue").count() == 2


# --- large requests --------------------------------------------------------------------------------------------


def test_a_large_request_is_cast_and_says_the_same(office, monkeypatch):
    from approvals import printing, sealing
    from approvals.certificates.render import render

    office.multiply(11)
    slow = []
    monkeypatch.setattr(printing, "render", lambda *args, **more: slow.append(args[0]) or render(*args, **more))
    request = office.approve(office.ask())
    jobs.work(office.walk.at)
    rows = list(office.certificates())
    assert {row.state for row in rows} == {"issued"}
    assert len(slow) <= 1, "ordinary words are cast"
    for row in rows:
        pdf = storage.read(row.sha256)
        verdict = sealing.check(pdf)
        assert verdict.ok, (row.serial, verdict.reasons, verdict.detail)
        assert sealing.examine(pdf).certificate == row
    assert request.size == 12


def test_a_word_the_cast_is_not_sure_of_is_laid_out_slowly_and_issued_all_the_same(office):
    office.multiply(9)
    odd = office.certificates().last()
    words = odd.words | {"paragraph": odd.words["paragraph"] + "（ISO/IEC 27001:2022 — 100% · A-B）"}
    Certificate.objects.filter(pk=odd.pk).update(words=words)
    office.approve(office.ask())
    jobs.work(office.walk.at)
    assert set(office.certificates().values_list("state", flat=True)) == {"issued"}


def test_where_time_stamps_are_made_a_copy_follows_the_next_day(office, settings, monkeypatch):
    from datetime import timedelta

    from approvals import sealing

    settings.TSA_URL = "https://tsa.example.invalid/"
    made = []
    monkeypatch.setattr(sealing, "archive", lambda row, at: made.append(row.sha256) or storage.store(b"%PDF-copy"))
    row = office.sealed()
    assert (row.archive_sha256, made) == ("", [])
    jobs.work(office.walk.at + timedelta(days=1))
    row.refresh_from_db()
    assert storage.read(row.archive_sha256) == b"%PDF-copy"
    assert made == [row.sha256]
