"""Fonts a site brings are opened in a process of their own: whatever is in one, the page refuses it in words."""

import random
import sys

import pytest
import uharfbuzz as hb

from approvals.certificates.errors import FontRefused
from approvals.certificates.fonts import KAI, bringing
from approvals.certificates.fonts.bringing import bring
from approvals.certificates.fonts.prepare import SAMPLE, prepare

TRIED = 24


@pytest.fixture(scope="module")
def small():
    """A font with the few characters that are asked for."""
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(ord(character) for character in SAMPLE)
    return hb.subset(hb.Face(hb.Blob(KAI.read_bytes())), wanted).blob.data


def test_a_good_font_comes_back_as_it_is_prepared_here(small):
    """The planted positive."""
    assert bring(small, "kai") == prepare(small, "kai")


def test_what_is_no_font_is_refused(small):
    for data in (b"", b"GIF89a" + b"x" * 100, b"OTTO" + b"\0" * 200, small[:400]):
        with pytest.raises(FontRefused) as refused:
            bring(data, "kai")
        assert refused.value.message
    with pytest.raises(KeyError):
        bring(small, "comic")


def test_a_font_that_takes_too_much_ends_its_own_process(small):
    with pytest.raises(FontRefused):
        bring(small, "kai", memory=40_000_000)


def test_nothing_of_it_is_opened_here(small, monkeypatch):
    """Neither parser is called in the process of the page: both may fall over what they read."""
    calls = []
    sys.setprofile(lambda frame, event, _arg: calls.append(frame.f_code.co_filename) if event == "call" else None)
    try:
        bring(small, "kai")
    finally:
        sys.setprofile(None)
    assert any("confined.py" in name for name in calls), "the planted positive"
    assert [name for name in calls if "fontTools" in name or "uharfbuzz" in name] == []


def test_damaged_fonts_are_refused_or_prepared(small, figures):
    """Bytes changed at random all over the file: an answer each time, and never a fault or a dead page."""
    chance, refused = random.Random(20261128), 0
    for _one in range(TRIED):
        data = bytearray(small)
        for _flip in range(chance.choice((1, 8, 64))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        try:
            assert bring(bytes(data), "kai", cpu=5)
        except FontRefused:
            refused += 1
    figures(f"{TRIED} damaged fonts: {refused} refused, {TRIED - refused} prepared")


def test_a_child_that_is_anybody_s_is_believed_little(small, monkeypatch):
    for said in (b'{"why": ""}\n', b'{"why": ""}\n' + b"x" * (bringing.BIGGEST_RESULT + 1), b'{"why": "<script>"}\nx', b"", b"[]\nx",
                 b'{"why": []}\nx'):  # fmt: skip
        monkeypatch.setattr(bringing.confined, "ask", lambda *_args, said=said, **_more: said)
        with pytest.raises(FontRefused) as refused:
            bring(small, "kai")
        assert "script" not in refused.value.message
