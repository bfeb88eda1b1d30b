"""What stands on the papers: taken from rows that are never edited, so that a paper can be made again at any time."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from approvals.certificates.codes import pretty
from approvals.models import Letter
from approvals.papers import paper
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


def receipt(application: Any, revision: Any) -> bytes:
    """The receipt of one submission as PDF. Its words are those of the revision, whatever was edited since."""
    names = {material.code: material.name.zh for material in application.rules.materials}
    channel = next((one for one in application.rules.recommendation.channels if one.code == application.channel), None)
    rules = application.rules
    return paper(
        "receipt",
        {
            "number": receipt_number(application, revision), "applicant": application.organisation.name,
            "batch": application.batch.title, "case": application.number, "title": _title(rules, revision),
            "place": application.place.name, "channel": channel.name.zh if channel else "", "by": revision.by.name,
            "revision": revision.number, "sha256": revision.sha256, "code": check_code(revision.sha256),
            "division": rules.division.zh,
            "files": [
                {"material": names.get(file["material"], file["material"]), "name": file["name"], "size": file["size"],
                 "sha256": _grouped(file["sha256"])}
                for file in revision.files
            ],
        },
        revision.at,
    )  # fmt: skip


def _title(rules: Any, revision: Any) -> str:
    """The title as submitted: the first field of the form, where that is one."""
    section = rules.sections[0] if rules.sections else None
    return str(revision.answers.get(section.code, {}).get("title", "")) if section else ""


def _grouped(digest: str) -> str:
    return " ".join(digest[index : index + 8] for index in range(0, len(digest), 8))


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


def letter(row: Letter) -> bytes:
    """A province's letter as PDF."""
    office = row.by.organisation.name if row.by.organisation_id else row.province.name
    return paper(
        "letter",
        {
            "number": row.number, "programme": row.batch.rules.name.zh, "division": row.batch.rules.division.zh,
            "text": letter_text(row), "opinion": row.opinion, "recommended": row.recommended,
            "declined": row.declined, "joint": row.joint, "office": office,
        },
        row.at,
    )  # fmt: skip
