"""Bodies that are too long are refused before they are read; those that were cut short are half of nothing (trust.md H1, F8)."""

import io
import tracemalloc
from urllib.parse import urlencode

import pytest
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import reverse

from config import bodies
from pilots import storage
from pilots.models import Upload
from tests.pilots.test_pages_edit import form_of, stored
from tests.pilots.test_pages_edit import url as url_of

pytestmark = pytest.mark.django_db
# Every piece of it ends as a file should: what is cut off does not show in the bytes.
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def send(draft, mine, settings, tmp_path):
    """`send(share)`: hands in a file of 2 MB whose body arrives up to that share, as from a client that hung up."""
    settings.FILES_DIR = tmp_path / "files"
    file = io.BytesIO(PDF * (2 * 1024 * 1024 // len(PDF)))
    file.name = "承诺函.pdf"
    body = encode_multipart(BOUNDARY, {"commitment": file})
    url = reverse("application_edit", args=[draft[1].uuid, "materials"])

    def _send(share):
        return post(mine, url, io.BytesIO(body[: int(len(body) * share)]), len(body))

    return _send


def post(browser, url, body, length, kind=MULTIPART_CONTENT):
    """Posts what `body` gives as a form of the announced length."""
    more = {"wsgi.input": body, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind}
    return browser.generic("POST", url, **more)


def left_over():
    return list(storage.incoming().glob("*")) if storage.incoming().exists() else []


def test_a_body_that_came_whole_is_kept(send):
    """The planted positive: nothing but the cut keeps the file out below."""
    before = Upload.objects.count()
    assert send(1.0).status_code == 302
    assert Upload.objects.count() == before + 1
    assert left_over() == []


def test_a_body_that_was_cut_leaves_no_file(send):
    before = Upload.objects.count()
    for share in (0.0, 0.0001, 0.1, 0.25, 0.4, 0.5, 0.75, 0.9, 0.99, 0.99999):
        send(share)
        assert (share, Upload.objects.count(), left_over()) == (share, before, [])


@pytest.fixture
def type_half(draft, mine):
    """Sends a section of the form whose last answer is cut off in the middle; what is stored of it afterwards."""
    application = draft[1]
    typed = form_of(application)
    name = [key for key, value in typed.items() if isinstance(value, str) and key != "rev"][-1]
    typed[name] = typed.pop(name) + "一二三四五六七八九十" * 3
    body = urlencode(typed, doseq=True).encode()

    def _type_half():
        post(mine, url_of(application), io.BytesIO(body[:-90]), len(body), "application/x-www-form-urlencoded")
        return stored(application)[name], application.answers["overview"][name]

    return _type_half


def test_half_a_text_is_not_saved(type_half):
    now, before = type_half()
    assert now == before


def test_without_the_check_half_a_text_would_be_saved(type_half, monkeypatch):
    """Why it is there: neither the server nor the parser of forms minds."""
    monkeypatch.setattr(bodies, "Whole", lambda stream, _length: stream)
    now, before = type_half()
    assert now != before
    assert "十" in now


class Unread:
    """A body nobody may touch."""

    def read(self, *_args):
        raise AssertionError("read")

    readline = read


@pytest.mark.parametrize("address", ["/desk/", "/accounts/login/", "/verify/", "/nowhere/"])
def test_a_body_that_is_too_long_is_refused_unread(client, settings, address):
    settings.REQUEST_MB = 3
    answer = post(client, address, Unread(), 3 * 1024 * 1024 + 1)
    assert answer.status_code == 413
    assert "不能超过 3 MB" in answer.content.decode()
    assert answer.headers["Connection"] == "close"


def test_a_large_file_costs_little_memory(draft, mine, settings, tmp_path):
    """60 MB are written to the volume as they come, and refused by their size: never in memory as a whole."""
    settings.FILES_DIR = tmp_path / "files"
    large = tmp_path / "大.pdf"
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="commitment"; filename="a.pdf"\r\n\r\n'.encode()
    with large.open("wb") as out:
        out.write(head)
        out.truncate(60 * 1024 * 1024)
        out.seek(0, 2)
        out.write(f"\r\n--{BOUNDARY}--\r\n".encode())
    url = reverse("application_edit", args=[draft[1].uuid, "materials"])
    with large.open("rb") as body:
        tracemalloc.start()
        try:
            answer = post(mine, url, body, large.stat().st_size)
            _now, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert answer.status_code == 422
    assert "超过上限" in answer.content.decode()
    assert peak < 30 * 1024 * 1024
    assert left_over() == []
