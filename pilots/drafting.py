"""Saving a draft as it is typed. Not an act: nothing is decided, but nothing typed may be lost either."""

from dataclasses import dataclass

from django.db import transaction

from accounts.authority import Authority
from pilots.acts.application import APPLICANT
from pilots.completeness import section_faults
from pilots.models import Application
from pilots.models.application import EDITABLE


class NotEditable(Exception):
    """The application is not being filled in, or not by this person."""


class Conflict(Exception):
    """Somebody else saved the same field meanwhile. `theirs` is what stands there now."""

    def __init__(self, theirs, rev):
        self.theirs, self.rev = theirs, rev
        super().__init__("another person saved this field meanwhile")


@dataclass(frozen=True)
class Saved:
    rev: int
    # The fault of the field just saved, in words, or "".
    fault: str


def may_edit(application, user, at=None, part=None):
    """True when `user` fills in this application now: the applicant all of it, a collaborator the parts asked for.

    `part` is the code of a section or "materials"; None asks for the application as a whole.
    """
    if application.state not in EDITABLE:
        return False
    if Authority.of(user, at).seat(APPLICANT, application.scope()) is not None:
        return True
    return part is not None and part in application.helper_sections(user)


def save_section(application, section, values, by, *, base=None):
    """Stores values of a section, wrong ones too: a draft keeps what was typed.

    `base` holds the values the person started from; a field that changed under them raises Conflict.
    """
    with transaction.atomic():
        row = (
            Application.objects.select_for_update(of=("self",))
            .select_related("batch__rules_version", "rules_version", "batch__programme", "place")
            .get(pk=application.pk)
        )
        if not may_edit(row, by, part=section.code):
            raise NotEditable
        stored = dict(row.answers.get(section.code, {}))
        for name, value in values.items():
            if base is not None and name in base and stored.get(name, "") not in (base[name], value):
                raise Conflict(stored.get(name, ""), row.rev)
        stored |= values
        row.answers[section.code] = stored
        row.rev += 1
        if section.fields and section.fields[0].code == "title" and stored.get("title"):
            row.title = str(stored["title"])[:80]
        Application.objects.filter(pk=row.pk).update(answers=row.answers, rev=row.rev, title=row.title)
    application.answers, application.rev, application.title = row.answers, row.rev, row.title
    faults = {item.field: item.text for item in section_faults(row.rules, section, stored)}
    return Saved(row.rev, next((faults[name] for name in values if name in faults), ""))
