"""A programme's rules: one TOML document, read once, never changed after publication."""

from .document import RulesError, load, loads
from .schema import Rules

__all__ = ["Rules", "RulesError", "load", "loads"]
