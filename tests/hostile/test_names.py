"""Names of files are only text: nothing leads out of the store, nothing ends up in a header (trust.md H6)."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from pilots import storage, uploads
from pilots.uploads import safe_name
from tests.hostile.payloads import NAMES


def holds(name):
    """What must be true of a name that is kept."""
    kept = safe_name(name)
    assert len(kept) <= 200
    assert not set(kept) & set("/\\\x00\r\n\u2028\u202e\u200b")
    assert not kept.startswith(".")
    return kept


def test_each_trick_is_only_a_name():
    assert all(holds(name) is not None for name in NAMES)


@given(st.text(max_size=400))
def test_any_text_is_only_a_name(name):
    holds(name)


def test_where_a_file_lies_has_nothing_of_its_name(settings, tmp_path):
    settings.FILES_DIR = tmp_path
    pdf = b"%PDF-1.4\n%%EOF\n"
    for name in NAMES:
        file = SimpleUploadedFile("x.pdf", pdf)
        file.name = name + ".pdf"
        given = uploads.read(file, uploads.Limits(("pdf",), 1))
        assert re.fullmatch(r"[0-9a-f]{64}", storage.store(given.data))
    assert {path.parent.parent for path in tmp_path.rglob("*") if path.is_file()} == {tmp_path}
    # The planted positive: the names as they were given do lead out.
    assert any(not (tmp_path / name.replace("\x00", "")).resolve().is_relative_to(tmp_path) for name in NAMES[:3])
