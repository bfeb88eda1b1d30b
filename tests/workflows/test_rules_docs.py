"""The document in docs/rules.md is a whole one: whoever writes one like it from the documents alone has a programme."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import rules_reference
from config.demo.paths import PATHS
from config.demo.world import first_place
from pilots import catalogue
from pilots.models import Programme, RulesVersion
from pilots.rules import loads
from pilots.rules.lint import lint
from workflows.proofs import prove

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def text():
    (found,) = re.findall(r"```toml\n(.*?)```", (DOCS / "rules.md").read_text(encoding="utf-8"), re.DOTALL)
    return found


def test_the_example_is_in_order_and_proved(text):
    assert [str(item) for item in lint(text, "", catalogue.codes())] == []
    assert prove(loads(text))


@pytest.mark.parametrize("name", [name for name, path in PATHS.items() if name != "upgrade"])
def test_the_example_lives(world, text, name, monkeypatch):
    monkeypatch.setattr("workflows.handlers.produce", lambda row, _at: b"%PDF-" + row.serial.encode())
    rules = loads(text)
    if not PATHS[name].possible(rules):
        return
    programme = Programme.objects.create(code=rules.code, name=rules.name.zh, shape=rules.shape)
    RulesVersion.objects.create(programme=programme, version=rules.version, text=text,
                                published_at=datetime(2014, 1, 1, tzinfo=UTC))  # fmt: skip
    walk = world.walk(rules.code)
    place = first_place(programme, world.cast)
    PATHS[name].live(walk, place)
    application = walk.batch.applications.get(place=place)
    site = getattr(application, "designation", None)
    end = PATHS[name].end(rules)
    assert (application.state, site and site.state) == (end.application, end.designation)


def test_the_reference_names_every_key():
    page = rules_reference.build()
    from pilots.rules import Rules

    for name, info in Rules.model_fields.items():
        assert f"`{info.alias or name}`" in page
    assert "(the document)" in page
    # Links lead to a heading of the page.
    for anchor in re.findall(r"\]\(#([a-z]+)\)", page):
        assert re.search(rf"^## {anchor}$", page, re.IGNORECASE | re.MULTILINE), anchor
