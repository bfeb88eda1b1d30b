"""A draft's text as data, as rules, and with everything there is to say about it. Kept by text: pages ask again."""

import hashlib
import tomllib
from functools import lru_cache

from django.core.cache import cache
from django.utils.translation import get_language

from pilots import catalogue
from pilots.catalogue import proving
from pilots.models import Programme
from pilots.rules.document import RulesError, loads
from pilots.rules.lint import Finding, lint

# Seconds a proof is kept; a text that changes has another key.
PROOF_KEPT = 24 * 3600


@lru_cache(maxsize=64)
def _read(text):
    try:
        return loads(text), None
    except RulesError as error:
        return None, error


def read(text):
    """The rules of a text. Raises RulesError with every fault."""
    rules, error = _read(text)
    if error is not None:
        raise RulesError(error.faults, error.source)
    return rules


def rules_or_none(text):
    """The rules, or None while the text has faults."""
    return _read(text)[0]


@lru_cache(maxsize=64)
def _data(text):
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def data_of(text):
    """The text as plain tables and values, or None when it is no TOML. Read, never changed, by all who ask."""
    return _data(text)


def known_codes():
    """Codes of every programme there is: published ones and those of the catalogue."""
    return tuple(sorted({*catalogue.codes(), *Programme.objects.values_list("code", flat=True)}))


@lru_cache(maxsize=64)
def _findings(text, codes):
    return tuple(lint(text, catalogue=codes))


def findings(text, codes=None, own=""):
    """What the linter says. `own` is the draft's code, which need not be published yet."""
    codes = known_codes() if codes is None else codes
    return list(_findings(text, tuple(sorted({*codes, own} - {""}))))


def proof(text):
    """What the provers say: they live whole lives by the rules, which takes seconds. Kept by text, and by the provers
    there are, in the shared cache: the act that submits a text is done under a lock and must not wait for it again."""
    key = f"proof:{get_language()}:{proving.signature()}:{hashlib.sha256(text.encode()).hexdigest()}"
    found = cache.get(key)
    if found is None:
        found = [(item.line, item.level, item.path, item.text) for item in proving.proof_of(text)]
        cache.set(key, found, PROOF_KEPT)
    return [Finding(*item) for item in found]


def errors(found):
    """Those that keep a document from publication."""
    return [item for item in found if item.level == "error"]


__all__ = ["Finding", "data_of", "errors", "findings", "known_codes", "proof", "read", "rules_or_none"]
