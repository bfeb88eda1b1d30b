"""The pages of 用印审批: from the pre-flight to the files, at what cost, for whom."""

import io
import zipfile

import pikepdf
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.models import SealUse
from notifications import jobs
from pilots import storage
from tests.office import codes
from workflows import perform
from workflows.refusals import NotNow

pytestmark = pytest.mark.django_db


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


def test_from_preflight_to_download_in_the_browser(office, browse, prove, stand):
    stand(office.walk.at)
    prove(True)
    officer, head = browse(office.cast["officer"]), browse(office.cast["head"])
    row = office.certificates().get()
    assert reverse("seal_use_new") in officer.get(reverse("seal_uses")).content.decode()
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
    assert "hx-get" in head.get(request.get_absolute_url()).content.decode()
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
