"""Approvals and corrections: every numbered `Document` row (programmes.md §7.1, §7.3), in the kind its rules name.

通知, 名单通知, 批复 and 决定 are files with a red head; 函 and 委托函 are letters. The words were frozen when the number was
given; whom it is addressed to follows from the applications of its list.
"""

from approvals.documents import wording
from approvals.documents.kinds import revocation
from approvals.documents.kinds.common import agencies, agency, instant, numbered, specimen
from approvals.documents.model import Annex, Imprint, Sheet, Signature, Table
from approvals.documents.text import apart
from approvals.models import Document
from pilots import terms
from pilots.models import Application, Designation
from pilots.rules import Rules

LETTERS = frozenset({"函", "委托函"})
# More than so many names in one line say less than one word for all of them.
MOST_NAMES = 8
_FIXED = frozenset({"document_date", "stated_month"})


def sheet(document: Document) -> Sheet:
    """The sheet of a numbered document. At most three statements, whatever its length."""
    rules, batch = document.batch.rules, document.batch
    blocks, closing = apart(document.body)
    name = agency(rules)
    # A decision about one title is the lead's own; a list is signed by all who determined it.
    ended = _ended(document)
    signers = (name,) if ended else agencies(rules)
    letter = document.kind in LETTERS
    people = _people(document.corrects if document.corrects_id else document)
    open_to_all = not rules.confidential and batch.intake != "commissioned"
    note = wording.words(wording.NOTE, document.at, batch.programme.code, {"batch": batch.title})[1]
    return Sheet(
        form="letter" if letter else "file",
        title=document.title if document.title.startswith(name) else f"{_by(signers)}{document.title}",
        blocks=blocks,
        at=instant(document.at),
        agencies=signers,
        number=document.number,
        addressee=ended.holder_name if ended else _addressee(document, people, letter=letter),
        closing=closing,
        annexes=annexes(document, rules),
        signature=Signature(signers, document.dated),
        note=note if open_to_all else "",
        imprint=Imprint(
            "，".join(_offices(_of(ended))) if ended else _copies(document, people, letter=letter), name, document.dated
        ),
        specimen=specimen(),
        protected=_names(document, rules),
    )


def _ended(document: Document) -> Designation | None:
    """The site a decision without a list ended, or None."""
    if document.kind != revocation.KIND or document.annex or document.corrects_id:
        return None
    rows = Designation.objects.filter(batch=document.batch_id, end_document=document.number)
    return rows.select_related("application__province").first()


def _of(site: Designation) -> list[tuple[str, str]]:
    return [(site.application.province.name, site.holder_name)] if site.application_id else []


def _by(signers: tuple[str, ...]) -> str:
    """The agencies before the subject of a title: all of a pair, the lead and their number where there are more."""
    return "\u3000".join(signers) if len(signers) < 3 else f"{signers[0]}等{len(signers)}部门"


def _people(document: Document) -> list[tuple[str, str]]:
    """(province, holder) of the applications of the list, in its order."""
    numbers = [row["number"] for row in document.annex if row.get("number")]
    rows = Application.objects.filter(batch=document.batch_id, number__in=numbers)
    found = {
        number: (province, holder)
        for number, province, holder in rows.values_list("number", "province__name", "organisation__name")
    }
    return [found[number] for number in numbers if number in found]


def _addressee(document: Document, people: list[tuple[str, str]], *, letter: bool) -> str:
    """A letter goes to those who asked; everything else to the provinces' offices (programmes.md §7.3)."""
    if document.kind == "决定":
        # A prize is announced, not answered.
        return ""
    names = dict.fromkeys(holder for _province, holder in people) if letter else _offices(people)
    if not names:
        return ""
    if len(names) > MOST_NAMES:
        return "各有关承担单位" if letter else "有关省、自治区、直辖市知识产权局"
    return "、".join(names)


def _offices(people: list[tuple[str, str]]) -> dict[str, None]:
    return dict.fromkeys(f"{province}知识产权局" for province, _holder in people if province)


def _copies(document: Document, people: list[tuple[str, str]], *, letter: bool) -> str:
    """Copies go to the holders, of a letter to the provinces' offices."""
    names = _offices(people) if letter else dict.fromkeys(holder for _province, holder in people)
    if len(names) > MOST_NAMES:
        return wording.words(
            wording.COPIES, document.at, document.batch.programme.code, {"batch": document.batch.title}
        )[1]
    return "，".join(names)


def annexes(document: Document, rules: Rules) -> tuple[Annex, ...]:
    """The list as an annex; corrections have none. The term is printed where the document's date fixes it."""
    if not document.annex:
        return ()
    by_place = rules.applicants.per == "place"
    awards = any(row.get("award") for row in document.annex)
    term = _term(document, rules)
    head = [
        "序号",
        "地方" if by_place else "项目名称",
        *(["奖项等级"] if awards else []),
        "承担单位",
        *(["期限"] if term else []),
    ]
    widths = [2, 6, *([3] if awards else []), 7, *([5] if term else [])]
    rows = [
        (
            row["place"] if by_place else row.get("title") or row["place"],
            *((row.get("award", ""),) if awards else ()),
            row["holder"],
            *((term,) if term else ()),
        )
        for row in document.annex
    ]
    return (Annex(f"{rules.name.zh}名单", (Table(numbered(rows), tuple(head), tuple(widths), (0,)),)),)


def _term(document: Document, rules: Rules) -> str:
    """「2017年12月至2020年12月」, or "" where another day than the document's begins the term (programmes.md §6.1)."""
    if rules.term.months is None and rules.term.style != "stated":
        return ""
    if rules.term.anchor not in _FIXED and rules.term.style != "stated":
        return ""
    return str(terms.of_designation(rules, document.dated)[2])


def _names(document: Document, rules: Rules) -> tuple[str, ...]:
    places = {str(row.get("place", "")) for row in document.annex[:MOST_NAMES]}
    return tuple(sorted({rules.short_name.zh, document.batch.title, *places} - {""}))
