"""A million characters take no pattern of ours longer than a second (trust.md H15)."""

import importlib
import pkgutil
import re
import time

import pytest

from tests.hostile.payloads import slow

PACKAGES = ("accounts", "approvals", "config", "notifications", "pilots", "templates", "workflows")
SECOND = 1.0


def patterns():
    """{name: pattern} of every compiled pattern that lives in a module of ours."""
    found = {}
    for package in PACKAGES:
        for info in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if any(
                part in info.name for part in (".migrations", ".tests", ".management", ".drills", "evidence.verify")
            ):
                continue
            module = importlib.import_module(info.name)
            for name, value in vars(module).items():
                for index, one in enumerate(value if isinstance(value, tuple | list) else [value]):
                    if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                        found[f"{info.name}.{name}[{index}]"] = one
    return found


def seconds(pattern, text):
    """How long the dearest way of asking takes (processor time)."""
    began = time.process_time()
    pattern.fullmatch(text)
    pattern.match(text)
    next(iter(pattern.finditer(text)), None)
    return time.process_time() - began


@pytest.mark.timeout(600)
def test_no_pattern_of_ours_is_slow():
    found, texts = patterns(), slow()
    assert len(found) > 30
    dear = {
        (name, label): round(seconds(pattern, text), 2)
        for name, pattern in found.items()
        for label, text in texts.items()
    }
    assert {key: value for key, value in dear.items() if value > SECOND} == {}


def test_a_careless_one_would_be_seen():
    assert seconds(re.compile(r"(a+)+$"), "a" * 24 + "!") > 0.1
