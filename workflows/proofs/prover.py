"""The proof as the publisher of rules asks for it: findings with the line they begin at."""

from pilots.rules import RulesError, loads
from pilots.rules.lines import LineMap, Path
from pilots.rules.lint import Finding

from .proof import prove

# Where a law is usually broken; the story says the rest.
_WHERE: dict[str, Path] = {
    "bands": ("acceptance",), "success": ("acceptance",), "silence": ("stage",), "owner": ("stage",),
    "separation": ("stage",), "timer": ("stage",), "notice": ("notice",), "objection": ("notice",),
}  # fmt: skip


def findings(text: str) -> list[Finding]:
    """One error per law that does not hold, with its story; nothing for a text that cannot be read at all."""
    try:
        rules = loads(text)
    except RulesError:
        return []  # the linter says why
    lines = LineMap(text)
    return [
        Finding(lines.find(_WHERE.get(item.law, ())), "error", item.law, str(item)) for item in prove(rules).broken
    ]  # fmt: skip
