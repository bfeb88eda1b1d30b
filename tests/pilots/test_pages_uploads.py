"""What is let in and what is not: a corpus of files, and how the stored ones are handed out."""

import io
import stat
import zipfile
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from pilots import uploads
from pilots.models import Upload

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 30
JPG = b"\xff\xd8\xff\xe0" + b"\x00" * 40 + b"\xff\xd9"
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 600
DOC = OLE + "WordDocument".encode("utf-16-le")
XLS = OLE + "Workbook".encode("utf-16-le")
EXE = b"MZ\x90\x00" + b"\x00" * 200


def packed(*members, method=zipfile.ZIP_DEFLATED):
    """A zip of (name or ZipInfo, bytes)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def office(part, *more):
    return packed(("[Content_Types].xml", b"<Types/>"), (part, b"<x/>"), *more)


DOCX, XLSX = office("word/document.xml"), office("xl/workbook.xml")


def material(*formats, max_mb=20):
    return SimpleNamespace(formats=list(formats), max_mb=max_mb)


ANY = material("pdf", "doc", "docx", "xls", "xlsx", "jpg", "png", "zip")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("承诺函.pdf", PDF, "pdf"),
        ("a.PDF", PDF, "pdf"),
        ("图.png", PNG, "png"),
        ("图.jpeg", JPG, "jpg"),
        ("旧.doc", DOC, "doc"),
        ("旧.xls", XLS, "xls"),
        ("方案.docx", DOCX, "docx"),
        ("表.xlsx", XLSX, "xlsx"),
        ("附件.zip", packed(("一.pdf", PDF)), "zip"),
        ("附件.zip", packed(("方案.docx", DOCX), ("表/表.xlsx", XLSX)), "zip"),
        ("带表.docx", office("word/document.xml", ("word/embeddings/sheet1.xlsx", XLSX)), "docx"),
    ],
)
def test_good_files_are_let_in(name, data, kind):
    assert uploads.check(ANY, name, data) == kind


def symlink():
    info = zipfile.ZipInfo("link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return packed((info, b"/etc/passwd"))


def locked():
    data = bytearray(packed(("a.txt", b"secret"), method=zipfile.ZIP_STORED))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    return bytes(data)


def raw_name(name):
    """A member whose stored name Python's own writer would tidy up."""
    data = packed(("x" * len(name), b"hi"), method=zipfile.ZIP_STORED)
    return data.replace(b"x" * len(name), name)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("空.pdf", b"", "空的"),
        ("无扩展名", PDF, "只收"),
        ("脚本.html", b"<script>", "只收"),
        ("a.pdf.exe", EXE, "只收"),
        ("假.pdf", EXE, "不是 pdf"),
        ("假.pdf", b"<html><script>alert(1)</script>%PDF-", "不是 pdf"),
        ("半截.pdf", b"%PDF-1.4\n1 0 obj", "不是 pdf"),
        ("假.png", JPG, "不是 png"),
        ("假.jpg", PNG, "看起来是 png"),
        ("假.doc", XLS, "不是 doc"),
        ("假.docx", XLSX, "不是 docx"),
        ("假.docx", packed(("a.txt", b"x")), "不是 docx"),
        ("假.xlsx", b"PK\x03\x04 broken", "不是 xlsx"),
        ("假.zip", b"Rar!\x1a\x07\x00", "不是 zip"),
        ("坏.zip", b"PK\x03\x04" + b"\x00" * 50, "损坏"),
        ("炸弹.zip", packed(("a", b"\x00" * (60 * 1024 * 1024))), "超过上限"),
        ("压缩比.zip", packed(("a", b"\x00" * (20 * 1024 * 1024))), "压缩比例异常"),
        (
            "炸弹.xlsx",
            office("xl/workbook.xml", ("xl/worksheets/sheet1.xml", b" " * (20 * 1024 * 1024))),
            "压缩比例异常",
        ),
        ("太多.zip", packed(*((f"{n}.txt", b"") for n in range(2001))), "2001 个文件"),
        ("套娃.zip", packed(("内.zip", packed(("a.txt", b"x")))), "还有压缩包"),
        ("改名套娃.zip", packed(("内.txt", packed(("a.txt", b"x")))), "还有压缩包"),
        ("rar.zip", packed(("内.dat", b"Rar!\x1a\x07\x00")), "还有压缩包"),
        (
            "三层.zip",
            packed(("方案.docx", office("word/document.xml", ("word/embeddings/x.xlsx", XLSX)))),
            "还有压缩包",
        ),
        ("上级.zip", packed(("../../etc/passwd", b"x")), "不安全的路径"),
        ("绝对.zip", packed(("/etc/passwd", b"x")), "不安全的路径"),
        ("反斜杠.zip", raw_name(b"..\\..\\win.ini"), "不安全的路径"),
        ("盘符.zip", packed(("C:/boot.ini", b"x")), "不安全的路径"),
        ("上级.docx", office("word/document.xml", ("../evil.xml", b"x")), "不安全的路径"),
        ("链接.zip", symlink(), "链接文件"),
        ("加密.zip", locked(), "密码"),
        ("宏.docx", office("word/document.xml", ("word/vbaProject.bin", b"x")), "宏"),
    ],
)
def test_bad_files_are_refused_by_name_in_words(name, data, why):
    with pytest.raises(ValidationError) as refusal:
        uploads.check(ANY, name, data)
    text = refusal.value.messages[0]
    assert name in text
    assert why in text


def test_only_the_formats_of_the_material_are_let_in():
    with pytest.raises(ValidationError, match="只收 pdf 格式"):
        uploads.check(material("pdf"), "方案.docx", DOCX)


def test_the_size_limit_is_the_materials_own():
    data = PDF + b"\n" * (1024 * 1024) + b"%%EOF"
    assert uploads.check(material("pdf", max_mb=2), "a.pdf", data) == "pdf"
    with pytest.raises(ValidationError, match="超过上限 1 MB"):
        uploads.check(material("pdf", max_mb=1), "a.pdf", data)


def test_a_file_that_says_it_is_too_big_is_not_even_read():
    class Huge:
        name, size = "大.pdf", 10**12

        def read(self):
            raise AssertionError("read")

    with pytest.raises(ValidationError, match="超过上限"):
        uploads.attach(SimpleNamespace(), material("pdf"), Huge(), by=None, at=None)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\承诺函.pdf", "承诺函.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("换\n行\x00.pdf", "换行.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("", ""),
        (" . ", ""),
    ],
)
def test_names_are_only_text(given_name, kept):
    assert uploads.safe_name(given_name) == kept


def verdict(name, data):
    """The format that was let in, or the words of the refusal."""
    try:
        return uploads.check(ANY, name, data)
    except ValidationError as refusal:
        return refusal.messages[0]


@given(st.binary(max_size=300), st.sampled_from(ANY.formats), st.booleans())
@settings(max_examples=300, deadline=None)
def test_whatever_the_bytes_the_answer_is_yes_or_words(data, ending, zipped):
    answer = verdict(f"a.{ending}", (b"PK\x03\x04" if zipped else b"") + data)
    assert answer in ANY.formats or "没有上传" in answer


@given(st.integers(0, 400), st.integers(0, 255))
@settings(max_examples=300, deadline=None)
def test_a_zip_with_any_byte_changed_never_breaks_the_check(place, value):
    data = bytearray(packed(("方案.docx", DOCX), ("一.pdf", PDF)))
    data[place % len(data)] = value
    answer = verdict("a.zip", bytes(data))
    assert answer == "zip" or "没有上传" in answer


def fetch(browser, row):
    """The answer to a download, read to its end, where the test client closes it."""
    answer = browser.get(reverse("upload", args=[row.uuid]))
    answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


# --- handing out ----------------------------------------------------------------------------------
@pytest.fixture
def submitted(world, stand):
    walk, application = world.application()
    stand(walk.at)
    return walk, application, Upload.objects.filter(application=application).first()


@pytest.mark.django_db
def test_a_file_is_a_download_and_never_a_page(submitted, world, browse):
    _walk, _application, row = submitted
    Upload.objects.filter(pk=row.pk).update(name='承诺"函\u2019.pdf')
    answer = fetch(browse(world.cast["officer"]), row)
    assert answer.status_code == 200
    assert answer.body.startswith(b"%PDF")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    name = "%E6%89%BF%E8%AF%BA%22%E5%87%BD%E2%80%99.pdf"
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{name}"


@pytest.mark.django_db
def test_files_are_seen_by_those_who_see_the_case(submitted, world, browse):
    walk, application, row = submitted
    url = reverse("upload", args=[row.uuid])
    assert fetch(browse(walk.leader_of(application)), row).status_code == 200
    browse(world.cast.province(world.place("江苏省"))).read(url, status=404)
    assert browse().get(url).status_code == 302


@pytest.mark.django_db
def test_a_file_that_was_never_submitted_is_the_applicants_own(submitted, world, browse):
    walk, application, row = submitted
    other = Upload.objects.create(
        application=application,
        material="commitment",
        name="草稿.pdf",
        format="pdf",
        size=row.size,
        sha256=row.sha256,
        at=walk.at,
        by=walk.leader_of(application),
        replaced_at=walk.at,
    )
    url = reverse("upload", args=[other.uuid])
    browse(world.cast["officer"]).read(url, status=404)
    assert fetch(browse(walk.leader_of(application)), other).status_code == 200


@pytest.mark.django_db
def test_a_blind_reviewer_gets_a_name_that_tells_nothing(world, stand, browse, monkeypatch):
    walk, application = world.application(to="expert_review")
    rules = application.rules
    blind = rules.model_copy(update={"scoring": rules.scoring.model_copy(update={"blind": True})})
    monkeypatch.setattr("pilots.models.programme.cached", lambda text: blind)
    stand(walk.at)
    row = Upload.objects.filter(application=application).first()
    answer = fetch(browse(application.reviews.first().expert), row)
    assert answer["Content-Disposition"] == f'attachment; filename="{application.number}-{row.material}.pdf"'


def test_a_full_volume_takes_no_file_and_says_so(draft, browse, world, monkeypatch, settings):
    """What is left on the volume is for certificates; who sends a file reads why, and officers see it on every page."""
    settings.STORAGE_RESERVE_MB = 500
    usage = SimpleNamespace(free=400 * 1024 * 1024)
    monkeypatch.setattr("pilots.storage.shutil.disk_usage", lambda _folder: usage)
    given = SimpleUploadedFile("承诺函.pdf", PDF)
    with pytest.raises(ValidationError, match="服务器存储空间不足（只剩 400"):
        uploads.read(given, ANY)
    assert "服务器存储空间不足" in browse(world.cast["officer"]).read("/desk/")
    usage.free = 501 * 1024 * 1024
    assert uploads.read(given, ANY).format == "pdf"
    assert "服务器存储空间不足" not in browse(world.cast["officer"]).read("/desk/")
