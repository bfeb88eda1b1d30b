"""From documents in the catalogue to published versions in the database."""

from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from pilots import catalogue
from pilots.catalogue import schemes
from pilots.catalogue.proved import doubts
from pilots.models import Programme, RulesVersion
from pilots.rules import Rules, RulesError, loads
from pilots.rules.document import read
from pilots.rules.lint import Finding, remarks


class RefusedError(Exception):
    """A document that is not published, with the reasons in words for the author."""


@dataclass(frozen=True)
class Published:
    """One document after publication; `new` is False when this very text had been published before."""

    code: str
    version: str
    new: bool


def findings(path: Path) -> list[Finding]:
    """What the linter says of a file of rules. Raises OSError when the file cannot be read."""
    try:
        text = read(path)
        rules = loads(text, str(path))
    except RulesError as error:
        return [Finding(fault.line, "error", fault.path, fault.text) for fault in error.faults]
    found = remarks(rules, text, catalogue.codes())
    named = rules.code == path.stem or any(item.level == "error" for item in found)
    if path.parent == catalogue.FOLDER and not named:
        found.insert(0, Finding(1, "error", "code", f"目录中的文件须以项目代码为名：{rules.code}.toml"))
    return found


@transaction.atomic
def publish(codes, at, by=None):
    """Publishes the catalogue's documents of `codes`; all of them or, when one is refused, none.

    Returns a `Published` for each. Raises RefusedError for an unknown code, a document with errors, and a
    version number that already stands for another text: a batch may have pinned it.
    """
    known = {path.stem: path for path in catalogue.files()}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise RefusedError(f"目录中没有：{'、'.join(unknown)}。现有：{'、'.join(known)}")
    faults = [f"{known[code]}:{item}" for code in codes for item in findings(known[code]) if item.level == "error"]
    faults += (
        [f"{known[code]}:{item}" for code in codes for item in doubts(code, read(known[code]))] if not faults else []
    )
    if faults:
        raise RefusedError("\n".join(faults))
    done = [_once(read(known[code]), at, by) for code in codes]
    if any(item.new for item in done):
        schemes.refresh()
    return done


def _once(text: str, at, by) -> Published:
    """Publishes a text; one that was published before is left as it is."""
    rules = loads(text)
    stored = RulesVersion.objects.filter(programme__code=rules.code, version=rules.version).first()
    if stored and stored.published_at and stored.text == text:
        return Published(rules.code, rules.version, new=False)
    _store(text, at, by)
    return Published(rules.code, rules.version, new=True)


def store(text: str, at, by) -> RulesVersion:
    """The published version of a text that is in order; its programme comes into being with the first one.

    Raises RefusedError for a number that already stands for another text, or was published before.
    """
    version = _store(text, at, by)
    schemes.refresh()
    return version


def _store(text: str, at, by) -> RulesVersion:
    rules = loads(text)
    programme = Programme.objects.filter(code=rules.code).first() or Programme(code=rules.code)
    if programme.pk is None:
        _describe(programme, rules)
    stored = RulesVersion.objects.filter(programme=programme, version=rules.version).first()
    if stored and (stored.published_at or stored.text != text):
        raise RefusedError(
            f"{rules.code} 的版本 {rules.version} 已存有不同的文本；已发布的规则不能修改，请把 version 改为新的版本号。"
        )
    version = stored or RulesVersion(programme=programme, version=rules.version, text=text)
    version.published_at, version.published_by = at, by
    version.save()
    _describe(programme, rules)
    return version


def _describe(programme: Programme, rules: Rules) -> None:
    """The programme is listed under the names of its newest version."""
    programme.name, programme.name_en, programme.shape = rules.name.zh, rules.name.en, rules.shape
    programme.save()
