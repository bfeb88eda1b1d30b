"""What the keys and values of a rules document are called in the editor, by their place in the schema.

A test holds these tables against the schema: a new key without words fails it. Tuples are (中文, English) or
(中文, English, 说明, help).
"""

from django.utils.translation import get_language

from accounts.roles import Role
from pilots.rules.expertise import EXPERTISE
from pilots.rules.stages import STAGE_LABELS

from .applying import APPLYING
from .basics import BASICS, BLOCKS
from .judging import JUDGING
from .values import VALUES
from .years import YEARS

LABELS = BASICS | APPLYING | JUDGING | YEARS

_STAGES = frozenset({"Stage.code", "Omitted.stage", "Period.stop_clock"})
_ROLES = frozenset({"Stage.owner", "Channel.role", "Party.role"})


def in_english():
    """True when the reader's language is English."""
    return (get_language() or "").startswith("en")


def _pick(pair):
    return pair[1] if in_english() else pair[0]


def label(name):
    """What `Model.field` is called; its own name where nobody has written words for it yet."""
    found = LABELS.get(name)
    return _pick(found) if found else name.rpartition(".")[2]


def help_of(name):
    """The sentence under the input, or ""."""
    found = LABELS.get(name, ())
    return _pick(found[2:]) if len(found) > 2 else ""


def value(name, given):
    """What a value of a fixed list is called; itself where it is not in the list."""
    given = str(given)
    if name in _STAGES and given in STAGE_LABELS:
        return (
            f"{_pick(STAGE_LABELS[given])}（{given}）"
            if not in_english()
            else f"{_pick(STAGE_LABELS[given])} ({given})"
        )
    if name in _ROLES and given in Role.values:
        return str(Role(given).label)
    if name == "Scoring.fields" and given in EXPERTISE:
        return _pick(EXPERTISE[given])
    found = VALUES.get(name, {}).get(given)
    return _pick(found) if found else given


def block(name):
    """(heading, sentence) of a part of the document that is a table of its own."""
    found = BLOCKS.get(name)
    return (_pick(found), _pick(found[2:]) if len(found) > 2 else "") if found else (label(name), help_of(name))
