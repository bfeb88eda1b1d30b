"""What stands on the papers: taken from rows that are never edited, so that a paper can be made again at any time."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from approvals.certificates.codes import pretty
from approvals.documents.kinds import letter as letters
from approvals.documents.kinds import receipt as receipts
from approvals.documents.model import Sheet
from approvals.documents.pdf import pdf_bytes
from approvals.models import Letter
from notifications import wordings
from notifications.words import Kind, Placeholder, fill, register
from pilots.models import Batch

# Where the rules give no text of their own (X); an office may write another (page 通知文字).
LETTER = "letter"


def _cases(authority: Any, programme: str) -> list[tuple[str, dict[str, str]]]:
    """Letters a person may see, the newest first, with what would stand in them."""
    batches = Batch.objects.visible_to(authority)
    rows = Letter.objects.filter(batch__in=batches).select_related(
        "batch__programme", "batch__rules_version", "province"
    )
    if programme:
        rows = rows.filter(batch__programme__code=programme)
    return [(f"{row.number} {row.province.name}", _values(row)) for row in rows.order_by("-at", "-pk")[:20]]


register(Kind(
    LETTER, "letter", _("推荐函正文"),
    (
        Placeholder("province", _("推荐的省"), "江苏省"), Placeholder("batch", _("批次"), "2026 年第一批"),
        Placeholder("programme", _("项目"), "国家知识产权服务业集聚发展试验区"), Placeholder("n", _("推荐件数"), "2"),
    ),
    {"zh-hans": ("", "经审核，现就$batch推荐 $n 件，请予审核。推荐顺序和未予推荐的理由如下。")},
    needed=("batch",), cases=_cases,
))  # fmt: skip
_SYMBOLS = 10


def check_code(sha256: str) -> str:
    """Ten symbols by which two prints of one submission are compared: the first of its own hash, in groups of five."""
    return pretty(sha256[:_SYMBOLS].upper())


def receipt_number(application: Any, revision: Any) -> str:
    """The number of the receipt of one submission: the application's own, and which submission it was."""
    return f"{application.number}-HZ{revision.number:02d}"


def receipt_sheet(application: Any, revision: Any) -> Sheet:
    """The receipt of one submission. Its words are those of the revision, whatever was edited since."""
    number = receipt_number(application, revision)
    return receipts.sheet(application, revision, number=number, code=check_code(revision.sha256))


def receipt(application: Any, revision: Any) -> bytes:
    """The receipt of one submission as PDF."""
    return pdf_bytes(receipt_sheet(application, revision))


def _values(letter: Letter) -> dict[str, str]:
    return {"province": letter.province.name, "batch": letter.batch.title, "programme": letter.batch.rules.name.zh,
            "n": str(len(letter.recommended))}  # fmt: skip


def letter_text(letter: Letter) -> str:
    """The letter's sentence: from the rules, else in the words that counted on the day of the letter."""
    template, values = letter.batch.rules.recommendation.letter, _values(letter)
    if template is None:
        text = wordings.book(letter.at).text(LETTER, "zh-hans", letter.batch.programme.code)
        return fill(text, values)[1]
    text = template.zh
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return text


def letter_sheet(row: Letter) -> Sheet:
    """A province's letter."""
    return letters.sheet(row, letter_text(row))


def letter(row: Letter) -> bytes:
    """A province's letter as PDF."""
    return pdf_bytes(letter_sheet(row))
