"""The last pages of the form: files, and the preview before submission."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from pilots import storage
from pilots.models import Upload
from tests.pilots.test_pages_edit import form_of, url

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def test_files_are_taken_replaced_and_removed(draft, mine):
    _walk, application = draft
    page = url(application, "materials")
    answer = mine.post(page, {"commitment": SimpleUploadedFile("承诺函.pdf", PDF)})
    assert answer["Location"] == page
    row = Upload.objects.get(application=application, material="commitment", replaced_at=None)
    assert (row.name, storage.read(row.sha256)) == ("承诺函.pdf", PDF)
    assert Upload.objects.filter(material="commitment", replaced_at__isnull=False).count() == 1
    assert "承诺函.pdf" in mine.read(page)
    mine.post(page, {"remove": "commitment"})
    assert not Upload.objects.filter(material="commitment", replaced_at=None).exists()


def test_a_refused_file_is_named_and_the_others_are_kept(draft, mine):
    _walk, application = draft
    answer = mine.post(
        url(application, "materials"),
        {
            "commitment": SimpleUploadedFile("承诺函.pdf", b"MZ\x90\x00 not a pdf"),
            "form_scan": SimpleUploadedFile("扫描件.pdf", PDF),
        },
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "“承诺函.pdf”没有上传" in html
    assert "扫描件.pdf" in html
    assert Upload.objects.filter(name="扫描件.pdf", replaced_at=None).exists()
    assert not Upload.objects.filter(name="承诺函.pdf").exists()


def test_after_submission_no_file_slips_in(world, stand, browse):
    walk, application = world.application()
    stand(walk.at)
    count = Upload.objects.count()
    browse(walk.leader_of(application)).post(
        url(application, "materials"), {"commitment": SimpleUploadedFile("晚到.pdf", PDF)}
    )
    assert Upload.objects.count() == count


def test_the_preview_names_what_is_missing_and_leads_there(draft, mine):
    _walk, application = draft
    assert "各项已填写完整" in mine.read(url(application, "preview"))
    mine.post(url(application), form_of(application, floor_space=""))
    mine.post(url(application, "materials"), {"remove": "commitment"})
    html = mine.get(url(application, "preview")).content.decode()
    assert f"{url(application)}?check=1#id_floor_space" in html
    assert f"{url(application, 'materials')}#id_commitment" in html
    assert reverse("act", args=["application", application.uuid, "submit"]) not in html


def test_the_preview_leads_to_submission(draft, mine):
    _walk, application = draft
    html = mine.get(url(application, "preview")).content.decode()
    assert reverse("act", args=["application", application.uuid, "submit"]) in html
    assert mine.post(url(application, "preview")).status_code == 405
