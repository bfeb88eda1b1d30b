"""The documents agree with the code: names of acts and states, environment variables, links, commands."""

import argparse
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError
from django.urls import Resolver404, resolve
from django.utils.translation import override

from accounts.acts import every_act
from approvals.models import CertificateState, ObjectionState
from config.management.commands import docs
from pilots.models import ApplicationState, BatchState, ChangeState, DesignationState, RulesDraftState

ROOT = Path(settings.BASE_DIR)
DOCS = ROOT / "docs"
PAGES = [
    *sorted(DOCS.glob("*.md")),
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY", "CHANGELOG")),
]
STATES = (
    BatchState,
    ApplicationState,
    DesignationState,
    ObjectionState,
    CertificateState,
    ChangeState,
    RulesDraftState,
)


def _named(text):
    return "".join((DOCS / name).read_text(encoding="utf-8") for name in ("glossary.md", "acts.md")).count(
        f"| {text} |"
    )


@pytest.mark.parametrize("states", STATES, ids=lambda states: states.__name__)
def test_every_state_is_explained(states):
    with override("zh-hans"):
        missing = [str(label) for label in states.labels if not _named(label)]
    assert missing == []


def test_every_act_is_explained():
    with override("zh-hans"):
        missing = [f"{model}.{act.code} {act.label}" for model, act in every_act() if not _named(act.label)]
    assert missing == []


def test_acts_md_is_fresh():
    assert (DOCS / "acts.md").read_text(encoding="utf-8") == docs.page(), "run ./manage.py docs"


def test_a_stale_page_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(docs, "TARGET", tmp_path / "acts.md")
    with pytest.raises(CommandError, match="stale"):
        call_command("docs", check=True)
    (tmp_path / "acts.md").write_text("something else", encoding="utf-8")
    with pytest.raises(CommandError, match="stale"):
        call_command("docs", check=True)


def test_every_environment_variable_is_documented():
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text(encoding="utf-8")))
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", (DOCS / "operate.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert len(read) > 10
    assert read == told


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        file, _hash, anchor = target.partition("#")
        if "://" in target or file.endswith(".png"):
            continue
        there = (page.parent / file) if file else page
        if not there.exists() or (anchor and anchor not in _anchors(there)):
            broken.append(target)
    assert broken == []


def _anchors(page):
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_commands_of_the_readme_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)", text.partition("## At the command line")[2], re.MULTILINE))
    assert "play" in named
    assert named <= set(get_commands())


def options(parser):
    """Every `--option` of a command and of its parts."""
    found = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= set().union(*map(options, action.choices.values()))
    return found


def strangers(text):
    """What a text has `manage.py` do that it cannot: commands and options that do not exist."""
    for name, rest in re.findall(r"manage\.py (\w+)([^`|#&>\n]*)", text):
        if name not in get_commands():
            yield name
            continue
        command = load_command_class(get_commands()[name], name)
        known = options(command.create_parser("manage.py", name))
        yield from (f"{name} {option}" for option in re.findall(r"(?<!\S)--[\w-]+", rest) if option not in known)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_named_in_the_documents_exist(page):
    planted = "manage.py fly\nmanage.py backup --to /x --sideways 3"
    assert list(strangers(planted)) == ["fly", "backup --sideways"], "the planted positives"
    assert list(strangers(page.read_text(encoding="utf-8"))) == []


def test_addresses_named_to_an_operator_exist():
    text = (DOCS / "operate.md").read_text(encoding="utf-8")
    found = set(re.findall(r"`(/(?:[a-z]+/)+|/healthz|/readyz|/metrics)`", text)) - {"/source/"}
    folders = {"/var/", "/srv/", "/etc/", "/opt/"}
    assert len(found) > 8
    missing = [one for one in sorted(found) if not one.startswith(tuple(folders)) and not _resolves(one)]
    assert missing == []
    assert not _resolves("/nowhere/at/all/"), "the planted positive"


def _resolves(address):
    try:
        resolve(address)
    except Resolver404:
        return False
    return True


def test_identities_of_the_readme_are_those_of_the_demonstration():
    from config.demo.cast import EXPERTS, STAFF

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text.partition("### Who is in the demonstration")[2].partition("## At the command line")[0]
    named = set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE))
    assert named == {"applicant", "province", EXPERTS[0].key} | {seat.key for seat in STAFF}


def test_paths_of_the_readme_are_those_of_play():
    from config.demo.paths import PATHS

    sentence = (ROOT / "README.md").read_text(encoding="utf-8").partition("knows the paths")[2].partition(";")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == set(PATHS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_named_in_the_documents_exist(page):
    packages = "accounts|approvals|config|notifications|pilots|templates|tests|workflows"
    named = re.findall(rf"`((?:{packages})/[\w/.]+)`", page.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []
