"""Interim."""

from dataclasses import dataclass

from approvals.certificates.render import missing


@dataclass(frozen=True)
class F:
    level: str
    code: str
    message: object


def preflight(text):
    m = missing(text)
    return [F("error", "glyphs", f"缺字：{m}")] if m else []
