"""The tables of docs/security name tests that exist, reasons where there are none, and leave no row out."""

import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from config import asvs

ROOT = Path(settings.BASE_DIR)
SECURITY = ROOT / "docs" / "security"
# Requirements of levels 1 and 2 in each chapter of version 5.0.0, counted in the standard's own list.
COUNTS = {
    1: 27,
    2: 11,
    3: 19,
    4: 10,
    5: 9,
    6: 35,
    7: 18,
    8: 7,
    9: 7,
    10: 29,
    11: 14,
    12: 9,
    13: 13,
    14: 9,
    15: 13,
    16: 16,
    17: 7,
}


def test_every_row_of_the_standard_is_here_once():
    rows = asvs.rows()
    assert len({row.id for row in rows}) == len(rows) == 253
    assert Counter(int(row.id.split(".")[0]) for row in rows) == COUNTS
    assert Counter(row.level for row in rows) == {"1": 70, "2": 183}


def test_every_row_has_a_test_or_a_reason():
    for row in asvs.rows():
        assert row.answer in asvs.ANSWERS, row.id
        assert row.subject, row.id
        if row.answer == "test":
            assert row.tests, row.id
        else:
            assert row.why, row.id
            assert not row.tests, row.id


def test_every_test_that_is_named_exists():
    assert asvs.missing("tests/config/test_asvs.py::test_nobody_wrote"), "the planted positives"
    assert asvs.missing("tests/nowhere.py::test_x")
    named = {test for row in asvs.rows() for test in row.tests}
    assert len(named) > 80
    assert [test for test in sorted(named) if asvs.missing(test)] == []


def test_at_least_eight_of_ten_rows_that_apply_are_held_by_tests():
    """The rest is documents, duties, and what is open; a row that loses its test shows here."""
    count = Counter(row.answer for row in asvs.rows())
    assert count["test"] / (253 - count["none"]) >= 0.8


def test_duties_name_where_they_are_written():
    for row in asvs.rows():
        for name in re.findall(r"\b(?:docs/[\w/]+\.\w+|SECURITY\.md)", row.why):
            assert (ROOT / name).exists(), (row.id, name)
        if row.answer == "duty":
            assert re.search(r"docs/|SECURITY\.md", row.why), row.id
        for section in re.findall(r"docs/operate\.md, ([A-Z][\w' ]+)", row.why):
            headings = re.findall(
                r"^#+ (.+)$", (ROOT / "docs" / "operate.md").read_text(encoding="utf-8"), re.MULTILINE
            )
            assert section.strip() in headings, (row.id, section)


def test_the_page_is_fresh(monkeypatch, tmp_path):
    call_command("asvs", check=True)
    monkeypatch.setattr(asvs, "PAGE", tmp_path / "asvs.md")
    with pytest.raises(CommandError, match="stale"):
        call_command("asvs", check=True)


@pytest.mark.parametrize("page", sorted(SECURITY.glob("*.md")), ids=lambda page: page.name)
def test_tests_and_files_named_in_the_pages_exist(page):
    text = page.read_text(encoding="utf-8")
    assert [node for node in re.findall(r"`((?:tests|notifications)/[\w/.]+::\w+)`", text) if asvs.missing(node)] == []
    links = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in links if target and not (page.parent / target).exists()] == []


def test_no_fault_is_left_out():
    """The list of faults has each once, and each is played by a test (docs/security/faults.md)."""
    rows = re.findall(
        r"^\| ([FRHA]\d+) \|.*\| ([^|]*) \|$", (SECURITY / "faults.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    wanted = [
        f"{kind}{number}" for kind, most in (("F", 21), ("R", 8), ("H", 15), ("A", 17)) for number in range(1, most + 1)
    ]
    assert [name for name, _played in rows] == wanted
    assert len(wanted) == 61
    assert [name for name, played in rows if "::test_" not in played] == []


def test_nobody_claims_to_be_compliant():
    """Only an assessment body may say so."""
    for page in [*SECURITY.glob("*.md"), ROOT / "SECURITY.md"]:
        text = page.read_text(encoding="utf-8").lower()
        assert not re.search(r"\b(is|are|we are|fully) (compliant|certified)\b", text), page.name
