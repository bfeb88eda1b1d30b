"""Saving a draft as it is typed. Not an act: nothing is decided, but nothing typed may be lost either."""

import hashlib
import json
from dataclasses import dataclass

from django.db import transaction

from accounts.authority import Authority
from accounts.roles import Role
from pilots.authoring import reading
from pilots.authoring.writing import Writing
from pilots.models import RulesDraft, RulesDraftState

WRITERS = (Role.PROGRAMME_OFFICER,)
_PRINT = 16


class NotEditable(Exception):
    """The draft is not being written, or not by this person."""


class Unreadable(Exception):
    """The text is no TOML: values cannot be changed one by one until it is mended as text."""


class Conflict(Exception):
    """Somebody else saved the same part meanwhile; `draft` is as it stands now."""

    def __init__(self, draft):
        self.draft = draft
        super().__init__("another person saved this part meanwhile")


@dataclass(frozen=True)
class Seen:
    """What of a document a page shows: some keys, one element, or (neither) the whole text."""

    keys: tuple = ()
    at: tuple = ()

    def print_of(self, text):
        """A short print of that part; equal parts have equal prints, whatever was saved elsewhere."""
        data = reading.data_of(text)
        if data is None or not (self.keys or self.at):
            part = text
        elif self.at:
            part = _walk(data, self.at)
        else:
            part = {key: data.get(key) for key in self.keys}
        plain = json.dumps(part, ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()[:_PRINT]


def _walk(data, at):
    for part in at:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def may_write(draft, user, at=None):
    """True when `user` writes this draft now."""
    return draft.state == RulesDraftState.EDITING and Authority.of(user, at).seat(WRITERS, draft.scope()) is not None


def save(draft, change, *, by, at, seen, rev, keep_undo=False):
    """Changes the text under the draft's row lock. `change` takes a `Writing`, or is the whole new text.

    `rev` is the print of the part the person started from; a part that was changed under them raises Conflict, and
    nothing is written. Raises NotEditable, Unreadable, WrongPlace.
    """
    with transaction.atomic():
        row = RulesDraft.objects.select_for_update(of=("self",)).select_related("programme", "base").get(pk=draft.pk)
        if not may_write(row, by, at):
            raise NotEditable
        if seen.print_of(row.text) != rev:
            raise Conflict(row)
        text = change if isinstance(change, str) else _written(row.text, change)
        if text != row.text:
            if keep_undo:
                row.undo, row.undo_rev = row.text, row.rev + 1
            _store(row, text, by, at)
    for name in ("text", "rev", "title", "saved_at", "saved_by", "undo", "undo_rev"):
        setattr(draft, name, getattr(row, name))
    return seen.print_of(draft.text)


def put_back(draft, *, by, at):
    """Brings back what was taken away last, where nothing has been saved since; False when it is too late."""
    with transaction.atomic():
        row = RulesDraft.objects.select_for_update(of=("self",)).get(pk=draft.pk)
        if not may_write(row, by, at):
            raise NotEditable
        if row.undo_rev != row.rev:
            return False
        _store(row, row.undo, by, at)
    return True


def _written(text, change):
    if reading.data_of(text) is None:
        raise Unreadable
    writing = Writing(text)
    change(writing)
    return writing.text


def _store(row, text, by, at):
    row.text, row.rev, row.saved_by, row.saved_at = text, row.rev + 1, by, at
    name = (reading.data_of(text) or {}).get("name")
    name = name.get("zh") if isinstance(name, dict) else name
    row.title = str(name or row.title)[:80]
    # Not `save()`: version and head belong to the door.
    RulesDraft.objects.filter(pk=row.pk).update(
        text=text, rev=row.rev, title=row.title, saved_by=by, saved_at=at, undo=row.undo, undo_rev=row.undo_rev
    )
    if by.pk != row.author_id:
        row.editors.add(by)
