"""Where in a TOML text a value stands. The standard parser keeps no positions, so we walk the text again."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

Path = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t]*")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}\n#]*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_SYNTAX = re.compile(r"at line (\d+)")


class LineMap:
    """Lines of tables, keys and elements by their path; arrays of tables are numbered as they come.

    The text must be valid TOML: it is read after the standard parser has accepted it.
    """

    def __init__(self, text: str) -> None:
        # The parser folds CRLF before it counts; only line feeds make lines, whatever else Unicode calls one.
        self._text = text
        self._feeds = [match.start() for match in re.finditer("\n", text)]
        self._at = 0
        self._counts: dict[Path, int] = defaultdict(int)
        self._lines: dict[Path, int] = {(): 1}
        self._document()

    def find(self, location: Sequence[str | int]) -> int:
        """The line of the value at `location`, or of the nearest thing around it."""
        path = tuple(location)
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    @staticmethod
    def of_syntax_error(message: str, text: str) -> int:
        """The line a message of tomllib names; a text that ends too early is at fault in its last line."""
        found = _SYNTAX.findall(message)
        return int(found[-1]) if found else len(text.rstrip().split("\n"))

    def _mark(self, path: Path, at: int) -> None:
        self._lines.setdefault(path, bisect_left(self._feeds, at) + 1)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        assert match is not None  # noqa: S101 - every pattern used here matches the empty text or was looked for
        self._at = match.end()
        return match[0]

    def _next(self) -> str:
        return self._text[self._at : self._at + 1]

    def _document(self) -> None:
        here: Path = ()
        while True:
            self._skip(_SPACE)
            start = self._at
            if self._at >= len(self._text):
                return
            if self._next() != "[":
                self._pair(here)
                continue
            width = 2 if self._text.startswith("[[", start) else 1
            self._at += width
            here = self._table(self._key(), is_array=width == 2)
            self._at += width
            self._mark(here, start)

    def _table(self, parts: list[str], *, is_array: bool) -> Path:
        path: Path = ()
        for depth, part in enumerate(parts):
            path = (*path, part)
            if is_array and depth == len(parts) - 1:
                self._counts[path] += 1
            if self._counts[path]:
                path = (*path, self._counts[path] - 1)
        return path

    def _key(self) -> list[str]:
        """A key with its dots; stands on what follows it afterwards."""
        parts: list[str] = []
        while True:
            self._skip(_BLANK)
            parts.append(self._skip(_STRING)[1:-1] if self._next() in "\"'" else self._skip(_BARE_KEY))
            self._skip(_BLANK)
            if self._next() != ".":
                return parts
            self._at += 1

    def _pair(self, here: Path) -> None:
        start, path = self._at, here
        for part in self._key():
            path = (*path, part)
            self._mark(path, start)
        self._at += 1
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(_BLANK)
        first = self._next()
        if first == "[":
            self._members(path, "]")
        elif first == "{":
            self._members(path, "}")
        else:
            self._skip(_STRING if first in "\"'" else _BARE_VALUE)

    def _members(self, path: Path, end: str) -> None:
        """The elements of an array or the pairs of an inline table."""
        self._at += 1
        number = 0
        while True:
            self._skip(_SPACE)
            if self._next() in (end, ","):
                self._at += 1
                if self._text[self._at - 1] == end:
                    return
            elif end == "}":
                self._pair(path)
            else:
                self._mark((*path, number), self._at)
                self._value((*path, number))
                number += 1
