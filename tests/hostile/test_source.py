"""What may not stand in our source at all: each rule has a line that breaks it, so that the rule is known to look."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("accounts", "approvals", "config", "notifications", "pilots", "templates", "workflows")
# Where markup is put together from parts that are escaped or fixed.
MARKUP = {"pilots/views/desk.py", "templates/templatetags/ui_marks.py"}


def _called(node):
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def faults(path, source):
    """What is wrong with a module: words with line numbers."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = _called(node)
            yield from (f"{node.lineno}: {words}" for words in _call_faults(node, name, path))
        if isinstance(node, ast.Assign) and ast.unparse(node) == "fields = '__all__'":
            yield f"{node.lineno}: fields = '__all__'"


_NEVER = {"raw": "puts text into SQL", "extra": "puts text into SQL", "RawSQL": "puts text into SQL", "eval": "runs text",
          "exec": "runs text", "delay": "goes past the durable jobs"}  # fmt: skip


def _call_faults(node, name, path):
    if name in _NEVER:
        yield f"{name}() {_NEVER[name]}"
    if name == "mark_safe" and path not in MARKUP:
        yield "mark_safe"
    owner = getattr(getattr(node.func, "value", None), "id", "")
    if name in {"now", "today", "utcnow"} and owner in {"datetime", "date"} and not node.args:
        yield f"{owner}.{name}() knows no zone"
    if name == "timedelta" and any(
        k.arg == "days" and getattr(k.value, "value", 0) in {365, 1095} for k in node.keywords
    ):
        yield "a year is not 365 days"
    if name in {"filter", "exclude", "get", "update", "create"} and _expanded(node):
        yield "a request opened into a query"


def _expanded(node):
    """True for a dictionary that came with the request, opened into names of columns (CVE-2025-64459)."""
    return any(one.arg is None and "request" in ast.unparse(one.value) for one in node.keywords)


def modules():
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_our_source_keeps_the_rules():
    found = [f"{path}:{fault}" for path, source in modules() for fault in faults(path, source)]
    assert found == []


def test_no_template_switches_escaping_off():
    found = [
        str(path.relative_to(ROOT)) for path in ROOT.joinpath("templates").rglob("*.html")
        if "|safe" in (text := path.read_text(encoding="utf-8")) or "autoescape off" in text
    ]  # fmt: skip
    assert found == []


@pytest.mark.parametrize("line", [
    "mark_safe(name)", "Case.objects.raw(sql)", "rows.extra(where=[x])", "eval(text)", "work.delay()", "datetime.now()",
    "date.today()", "timedelta(days=365)", "rows.filter(**request.GET.dict())", "class Meta:\n    fields = '__all__'",
])  # fmt: skip
def test_each_rule_looks(line):
    assert list(faults("pilots/x.py", line))
