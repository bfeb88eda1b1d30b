"""Answers to OWASP ASVS 5.0.0, level 2: each of its 253 rows has a test, or a reason in words.

The source is docs/security/asvs.csv; the page is made from it. Subjects are our own words: what a row asks for is read in
the standard (CC BY-SA), under its number.
"""

import csv
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SOURCE, PAGE = ROOT / "docs" / "security" / "asvs.csv", ROOT / "docs" / "security" / "asvs.md"
ANSWERS = {
    "test": "held by a test that runs with every change",
    "design": "held by how it is built, or by a document; no test of its own",
    "duty": "the operator's, and written down for them",
    "none": "does not apply: there is no such thing here",
    "open": "not met, or not answered yet; the reason says what is missing",
}
CHAPTERS = {
    1: "Encoding and sanitization", 2: "Validation and business logic", 3: "Web front end", 4: "API and web service",
    5: "Files", 6: "Authentication", 7: "Sessions", 8: "Authorization", 9: "Self-contained tokens", 10: "OAuth and OIDC",
    11: "Cryptography", 12: "Secure communication", 13: "Configuration", 14: "Data protection", 15: "Secure coding and architecture",
    16: "Logging and errors", 17: "WebRTC",
}  # fmt: skip
HEAD = """# OWASP ASVS 5.0.0, level 2

Made by `./manage.py asvs` from `docs/security/asvs.csv`; do not edit. A test holds that all 253 rows are here, that each named test exists,
and that every other row has a reason. Our own answers, given by whoever builds this; nobody else has assessed it. Subjects are our
own short words: what a row asks for stands in the standard under its number.
"""
_DEF = re.compile(r"^\s*def (test_\w+)\(", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    """One requirement: its number, level (1 or 2), how it is answered, in a word what it is about, tests, reason."""

    id: str
    level: str
    answer: str
    subject: str
    where: str
    why: str

    @property
    def tests(self) -> list[str]:
        return self.where.split()


def rows() -> list[Row]:
    """All rows, in the standard's order."""
    with SOURCE.open(encoding="utf-8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file)]


def missing(node: str) -> bool:
    """True when there is no such test in this tree (`file::test`)."""
    file, _colons, name = node.partition("::")
    path = ROOT / file
    return not path.is_file() or name not in _DEF.findall(path.read_text(encoding="utf-8"))


def page() -> str:
    """The page of all answers."""
    found = rows()
    count = Counter(row.answer for row in found)
    lines = [HEAD, "| answer | rows | meaning |", "|---|---|---|"]
    lines += [f"| {name} | {count[name]} | {words} |" for name, words in ANSWERS.items()]
    lines.append(f"| | {len(found)} | |\n")
    for number, title in CHAPTERS.items():
        lines += [f"## V{number} {title}\n", "| row | L | about | answer | by |", "|---|---|---|---|---|"]
        for row in found:
            if row.id.split(".")[0] == str(number):
                by = " ".join([*[f"`{test}`" for test in row.tests], row.why]).strip()
                lines.append(f"| {row.id} | {row.level} | {row.subject} | {row.answer} | {by} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"
