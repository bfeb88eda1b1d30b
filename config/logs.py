"""How a line of the log looks: one line per event, nothing in it that a stranger can break a line with, and no secret.

The formats differ in dress only. Both say request, person, case, act and job where they are known (`accounts.trail`).
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from accounts import trail

HIDDEN = "[hidden]"
# Shorter ones would blot out half of every line; `check --deploy` refuses such keys besides.
_SHORTEST = 6
_SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|PASSWD|_PIN|PIN_|API_?KEY|PRIVATE", re.IGNORECASE)
# Control characters, line and paragraph separators, and what turns the direction of writing.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
# What a record has by itself; the rest was said by whoever logged.
_OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {
    "message",
    "asctime",
    "taskName",
    "request",
    "server_time",
}


def tame(text: str) -> str:
    """The text with every character that could begin a line or disguise one written as an escape."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


# --- secrets --------------------------------------------------------------------------------------------------------
def secrets() -> Iterator[str]:
    """Every secret the settings know, and what stands in the files they name."""
    from django.conf import settings  # noqa: PLC0415 - logging is set up while settings are read

    for name in dir(settings):
        if name.isupper():
            yield from _inside(name, getattr(settings, name, None))


def _inside(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _inside(str(key), one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _inside(name, one)
    elif isinstance(value, Path | str) and value and "file" in name.lower() and _SECRET.search(name):
        file = Path(value)
        # A process that may not read the file cannot write it into its log either.
        with suppress(OSError):
            if file.is_file() and file.stat().st_size < 10_000:
                yield file.read_text(encoding="utf-8", errors="replace").strip()
    elif isinstance(value, str):
        if _SECRET.search(name):
            yield value
        if "://" in value and (password := urlsplit(value).password):
            yield password
            yield unquote(password)


@lru_cache(maxsize=1)
def _hiding() -> re.Pattern[str] | None:
    words: set[str] = set()
    for word in secrets():
        if len(word) >= _SHORTEST:
            words |= {word, quote(word), quote(word, safe=""), tame(word), json.dumps(word)[1:-1],
                      json.dumps(word, ensure_ascii=False)[1:-1]}  # fmt: skip
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True)))) if words else None


def hide(text: str) -> str:
    """The text without any secret of this installation."""
    found = _hiding()
    return found.sub(HIDDEN, text) if found else text


def forget() -> None:
    """Reads the secrets again at the next line; for tests, and when settings changed."""
    _hiding.cache_clear()


# --- formats --------------------------------------------------------------------------------------------------------
class Json(logging.Formatter):
    """One JSON object a line: at, level, logger, event, then who and what, then what was said besides."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname, "logger": record.name, "event": record.getMessage(), **trail.here(), **_more(record),
        }  # fmt: skip
        said["process"] = record.process
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        line = json.dumps(said, ensure_ascii=False, default=str, separators=(",", ":"))
        return hide(tame(line))


class Plain(logging.Formatter):
    """For people at a terminal; a traceback follows indented, so that it cannot be taken for events."""

    def format(self, record: logging.LogRecord) -> str:
        words = {**trail.here(), **_more(record)}
        tail = "".join(f" {name}={tame(str(value))}" for name, value in words.items())
        at = datetime.fromtimestamp(record.created, UTC).isoformat(sep=" ", timespec="milliseconds")
        lines = [f"{at} {record.levelname} {record.name} {tame(record.getMessage())}{tail}"]
        if record.exc_info:
            lines += [f"  | {tame(line)}" for line in self.formatException(record.exc_info).splitlines()]
        return hide("\n".join(lines))


def _more(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _OWN}
