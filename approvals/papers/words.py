"""What stands on the papers: taken from rows that are never edited, so that a paper can be made again at any time."""

from typing import Any

from approvals.certificates.codes import pretty
from approvals.models import Letter
from approvals.papers import paper
from pilots.rules.parts import Words

# Where the rules give no text of their own (X).
LETTER = Words(
    zh="经审核，现就{batch}推荐 {n} 件，请予审核。推荐顺序和未予推荐的理由如下。",
    en="For {batch} we recommend {n} applications in the order below, with reasons for those not recommended.",
)
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


def letter_text(letter: Letter) -> str:
    """The letter's sentence, from the rules or the default."""
    rules = letter.batch.rules
    template = rules.recommendation.letter or LETTER
    values = {"province": letter.province.name, "batch": letter.batch.title, "programme": rules.name.zh,
              "n": len(letter.recommended)}  # fmt: skip
    text = template.zh
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", str(value))
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
