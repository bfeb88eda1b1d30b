"""The check code of a certificate: ten symbols that can be read aloud, and found mistyped before a look-up.

Nine symbols are random (45 bits), the tenth checks them. The alphabet is Crockford's base 32, which has no
I, L, O or U. The check is a polynomial over the field of 32 elements: position *i* has the weight α^i, and as
these weights are distinct and never zero, every single wrong symbol and every exchange of two symbols shows.
"""

import secrets
import unicodedata
from typing import Protocol

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
GROUP = 5

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)}
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_SEPARATORS = " -_\u00a0\u2010\u2011\u2012\u2013\u2014\u2212\t\r\n"
_FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)
_FIELD_SIZE = 32


class Chooser(Protocol):
    """What is asked of a source of chance: the modules `secrets` and `random` both fit."""

    def choice(self, seq: str, /) -> str: ...


def _times_alpha(value: int) -> int:
    doubled = value << 1
    return doubled ^ _FIELD_POLYNOMIAL if doubled >= _FIELD_SIZE else doubled


def _remainder(symbols: str) -> int:
    total = 0
    for symbol in symbols:
        total = _times_alpha(total) ^ _VALUES[symbol]
    return total


def new_code(rng: Chooser = secrets) -> str:
    """A fresh code of ten symbols; the last is the check symbol. Uniqueness is the caller's constraint."""
    body = "".join(rng.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + ALPHABET[_times_alpha(_remainder(body))]


def normalise(text: str) -> str | None:
    """The code somebody typed, in its stored form, or None when it cannot be a code of ours.

    Lower case, full-width letters, spaces and hyphens are accepted; O is read as 0, I and L as 1.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    symbols = "".join(c for c in plain if c not in _SEPARATORS).translate(_LOOKALIKES)
    if len(symbols) != LENGTH or any(symbol not in _VALUES for symbol in symbols):
        return None
    return symbols if _remainder(symbols) == 0 else None


def pretty(code: str) -> str:
    """*code* in groups of five, as it is printed: 0A1B2 C3D4E."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))
