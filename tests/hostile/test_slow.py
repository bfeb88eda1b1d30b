"""No pattern of ours can be made slow by what somebody types (trust.md H15): every one is tried on texts that make careless ones so."""

import ast
import re
import signal
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.hostile.payloads import slow

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("accounts", "approvals", "config", "notifications", "pilots", "templates", "workflows")
_CALLS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer", "RegexValidator"}
# A pattern that takes the square of the length needs seconds for this; one that takes the length, a millisecond.
LENGTH, LIMIT = 20_000, 0.25


def patterns():
    """{"file:line": pattern} of every pattern written in the product."""
    found = {}
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if "migrations" in path.parts or "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and node.args and _is_pattern(node):
                    found[f"{path.relative_to(ROOT)}:{node.lineno}"] = node.args[0].value
    return found


def _is_pattern(node):
    match node.func:
        case ast.Attribute(attr=name, value=ast.Name(id="re" | "validators")) | ast.Name(id=name):
            pass
        case _:
            return False
    first = node.args[0]
    return name in _CALLS and isinstance(first, ast.Constant) and isinstance(first.value, str | bytes)


class TooSlow(Exception):
    pass


@contextmanager
def at_most(seconds):
    """Ends what takes more processor time: the engine of patterns looks for signals while it works."""

    def end(_signal, _frame):
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def slow_ones(pattern, texts):
    """The texts that take a pattern longer than the limit."""
    compiled = re.compile(pattern)
    for name, text in texts.items():
        given = text.encode() if isinstance(pattern, bytes) else text
        try:
            with at_most(LIMIT):
                compiled.search(given)
                compiled.fullmatch(given)
                compiled.sub(b"" if isinstance(pattern, bytes) else "", given)
        except TooSlow:
            yield name


def test_the_check_sees_a_careless_pattern():
    texts = slow(LENGTH)
    for careless in (r"\s+$", r"(a+)b", r"\d+\d+x"):
        assert list(slow_ones(careless, texts))
    assert list(slow_ones(r"^[a-z]+$", texts)) == []


@pytest.mark.timeout(600)
def test_no_pattern_of_ours_is_slow():
    texts, found = slow(LENGTH), patterns()
    assert len(found) > 30
    wrong = [
        f"{where}: {pattern!r} on {name}" for where, pattern in found.items() for name in slow_ones(pattern, texts)
    ]
    assert wrong == []
