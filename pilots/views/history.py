"""The ledger of a case as people may read it."""

from django.utils.translation import gettext as _

from accounts.acts import acts_of
from accounts.clock import SHANGHAI
from accounts.roles import Role
from workflows.models import LedgerEntry
from workflows.telling import TO_APPLICANT

# What an applicant never learns of: who reviews, who withdrew, how it was counted.
CONFIDENTIAL = frozenset({
    "score", "recuse", "add_expert", "conclude_review", "hold_discussion", "record_survey", "record_inspection",
    "stand_aside", "add_member", "reassign", "replace_members",
})  # fmt: skip
_TONES = {"danger": "bad", "primary": "ok"}


def stamp(moment):
    """「2026-11-18 16:40」 Shanghai time."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def entries(case):
    """Ledger rows of a case, newest first; kept on the object for the door, which asks who did what."""
    rows = list(LedgerEntry.objects.filter(case_uuid=case.uuid).order_by("-seq"))
    case.__dict__["_ledger"] = (case.version, rows)
    return rows


def doer(row, named):
    """Who did it, as a reader may know it: 「王颖（项目主管）」, or the seat alone."""
    role = Role(row.role).label if row.role in Role.values else row.role
    return _("%(name)s（%(role)s）") % {"name": row.actor_name, "role": role} if named and row.actor_id else role


def timeline(case, rows, *, inside=True, own=frozenset()):
    """Rows for the kit's timeline. Outsiders get no confidential acts, no names but those of their `own`
    people
    (user ids), and only reasons that were addressed to the applicant."""
    acts, shown = acts_of(case), []
    for row in rows:
        if not inside and row.act in CONFIDENTIAL:
            continue
        act = acts.get(row.act)
        named = inside or row.actor_id in own
        shown.append(
            {
                "title": act.done if act else row.act,
                "meta": f"{doer(row, named)}{_standing_in(row) if named and row.actor_id else ''}",
                "text": row.reason if inside or row.act in TO_APPLICANT or row.actor_id in own else "",
                "at": stamp(row.at),
                "tone": _TONES.get(act.tone, "info") if act else "neutral",
            }
        )
    return shown


def _standing_in(row):
    return _("，代%(name)s办理") % {"name": row.on_behalf_name} if row.on_behalf_name else ""


def changes(case, rows, *, inside):
    """Rows for the 409 page: what was done meanwhile and by which seat; outsiders get no confidential acts."""
    acts = acts_of(case)
    return [
        {
            "what": acts[row.act].done if row.act in acts else row.act,
            "who": Role(row.role).label if row.role in Role.values else row.actor_name,
            "at": stamp(row.at),
        }
        for row in rows
        if inside or row.act not in CONFIDENTIAL
    ]
