"""What a person saw when they began to type: a short print of every field, carried by the page itself.

Two people fill in one form. A save says which value it started from; when another one stands there now,
nobody's
words are lost: the save is refused and both versions are shown. The page needs no session and no version per
field.
"""

import hashlib

_LENGTH = 10


def tidy(value):
    """A value as it counts: one kind of line break, no empty cells, no outer blanks; "" for nothing."""
    if isinstance(value, dict):
        kept = {key: tidy(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item != ""} or ""
    if isinstance(value, (list, tuple)):
        return [item for item in map(tidy, value) if item != ""] or ""
    return "" if value is None else str(value).replace("\r\n", "\n").strip()


def clean(value):
    """A posted value as it is stored: like typed, with one kind of line break."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n")
    return "" if value is None else value


def fingerprint(value):
    """A short print of a value; equal values have equal prints."""
    tidied = tidy(value)
    return hashlib.sha256(repr(tidied).encode()).hexdigest()[:_LENGTH] if tidied != "" else "-"


class Seen:
    """Prints of a section's fields, in the order of the rules; `str()` is what the page carries as `rev`."""

    def __init__(self, section, prints):
        self.names = [spec.code for spec in section.fields]
        self.prints = dict(zip(self.names, prints, strict=False))

    @classmethod
    def of(cls, section, answers):
        """Prints of what is stored now."""
        return cls(section, [fingerprint(answers.get(spec.code, "")) for spec in section.fields])

    @classmethod
    def parse(cls, section, text):
        """Prints as a page sent them back; anything that does not fit counts as "saw nothing"."""
        parts = (text or "").split(".")
        return cls(section, parts if len(parts) == len(section.fields) else ["-"] * len(section.fields))

    def __str__(self):
        return ".".join(self.prints[name] for name in self.names)

    def changed(self, values):
        """The part of `values` that differs from what was seen."""
        return {name: value for name, value in values.items() if fingerprint(value) != self.prints.get(name)}

    def base(self, answers, values):
        """For `save_section(base=…)`: the stored value where it is still what was seen, else something no
        stored
        value equals, so that the save raises Conflict unless both typed the same."""
        return {
            name: answers.get(name, "") if fingerprint(answers.get(name, "")) == self.prints.get(name) else None
            for name in values
        }

    def saw(self, name, value):
        """From now on the page knows this value of the field."""
        self.prints[name] = fingerprint(value)
