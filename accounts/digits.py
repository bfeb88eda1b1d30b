"""Numbers a request names in digits: keys, versions, positions. Whatever is not one is told apart, never an error."""

from collections.abc import Mapping

# More digits than any key or version of the database has; Python itself refuses to read some thousands of them.
MOST = 18
# What no case ever has: a form that names it has not seen the case as it is.
_NO_VERSION = -1


def whole(text: str, most: int = MOST) -> int | None:
    """The number `text` spells in at most `most` digits, without a sign; None where it spells none."""
    return int(text) if text.isdecimal() and len(text) <= most else None


def version_seen(posted: Mapping[str, str], name: str = "version") -> int | None:
    """The version of a case its reader decided by, from a form's hidden field.

    None where the form says nothing of it. What is garbled is no version at all: the act is refused as stale instead of
    being done without the check.
    """
    text = posted.get(name, "")
    if not text:
        return None
    seen = whole(text)
    return _NO_VERSION if seen is None else seen


def version_shown(posted: Mapping[str, str], present: int, *, late: bool) -> int | str:
    """What the hidden field of a form says when it is drawn again: what it said, so that a check is not lost on the way.

    Whoever was `late` has the case as it is now before them, and decides by that: its `present` version.
    """
    return present if late else posted.get("version") or present
