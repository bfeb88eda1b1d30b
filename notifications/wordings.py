"""The words an office wrote itself: which count now, which counted on a day, and a new version of them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.kept import kept
from notifications.models import Wording
from notifications.words import KINDS, LANGUAGES, Text

Key = tuple[str, str, str]  # kind, programme, language


class Clash(Exception):
    """Somebody else saved a version meanwhile."""


class Book:
    """Every wording that counts at one moment; one query for any number of messages."""

    def __init__(self, rows: Iterable[Wording]) -> None:
        self._rows: dict[Key, Wording] = {}
        for row in rows:
            self._rows[row.kind, row.programme, row.language] = row

    def row(self, kind: str, language: str, programme: str = "") -> Wording | None:
        """The newest version written for exactly this programme ("": all), None where nobody wrote one."""
        return self._rows.get((kind, programme, language))

    def text(self, kind: str, language: str, programme: str = "") -> Text:
        """The programme's own words, else those for all programmes, else those that came with the system."""
        for level in dict.fromkeys((programme, "")):
            row = self.row(kind, language, level)
            if row is not None and not row.reset:
                return row.subject, row.body
        return KINDS[kind].fallback(language)

    def level(self, kind: str, language: str, programme: str = "") -> str:
        """Whose words count: "programme", "all" or "system"."""
        for level in dict.fromkeys((programme, "")):
            row = self.row(kind, language, level)
            if row is not None and not row.reset:
                return "programme" if level else "all"
        return "system"


def book(at: datetime | None = None) -> Book:
    """The words that count now, or that counted at `at`."""
    rows = Wording.objects.select_related("by").order_by("version")
    return Book(rows.filter(at__lte=at)) if at is not None else kept("wordings", lambda: Book(rows))


def save(key: Key, text: Text | None, *, seen: int, by: Any, at: datetime, note: str = "") -> Wording:
    """The next version of the words of `key`; None goes back to the level above. `seen` is the version the writer saw.

    Check `words.faults` first. Raises Clash when another version came meanwhile: nothing is overwritten unseen.
    """
    kind, programme, language = key
    if kind not in KINDS or language not in LANGUAGES:
        raise KeyError(key)
    rows = Wording.objects.filter(kind=kind, programme=programme, language=language)
    newest = rows.order_by("-version").values_list("version", flat=True).first() or 0
    if newest != seen:
        raise Clash
    subject, body = text or ("", "")
    try:
        with transaction.atomic():
            return Wording.objects.create(
                kind=kind, programme=programme, language=language, version=newest + 1, subject=subject.strip(),
                body=body.strip().replace("\r\n", "\n"), reset=text is None, note=note, by=by, at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Clash from error
