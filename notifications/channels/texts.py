"""Texts of channels: files `templates/<name>.<language>.txt` beside the transport. Named placeholders, no template language.

Stored words (subjects, bodies, names) only ever fill a `$name`; they are never read as a template (trust.md H10).
"""

from functools import cache
from pathlib import Path
from string import Template

ROOT = Path(__file__).resolve().parent
CHINESE = "zh-hans"


def fill(channel: str, name: str, language: str, /, **values: object) -> str:
    """The text `name` of a channel in a language (Chinese where a language has none), filled in. KeyError: a gap."""
    return _template(channel, name, language).substitute({key: str(value) for key, value in values.items()})


@cache
def _template(channel: str, name: str, language: str) -> Template:
    folder = ROOT / channel / "templates"
    file = folder / f"{name}.{language}.txt"
    if not file.exists():
        file = folder / f"{name}.{CHINESE}.txt"
    return Template(file.read_text(encoding="utf-8").strip("\n"))
