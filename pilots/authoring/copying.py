"""The text a new draft begins with: a published version under a new number, or under new names."""

from pilots.authoring import numbers
from pilots.authoring.writing import Writing


def new_version(version, year):
    """(text, proposed number) of a draft of the same programme."""
    number = numbers.next_version(version.programme, year)
    writing = Writing(version.text)
    writing.set(("version",), number)
    return writing.text, number


def new_programme(version, year, *, code, name, name_en="", short_name, prefix):
    """The text of a programme that does not exist yet. What would collide or mislead is taken out or renamed."""
    writing = Writing(version.text)
    rules = version.rules
    writing.set(("code",), code)
    writing.set(("version",), f"{year}.1")
    writing.set(("name", "zh"), name)
    writing.set(("name", "en"), name_en)
    writing.set(("short_name", "zh"), short_name)
    writing.set(("short_name", "en"), "")
    writing.set(("number_prefix",), prefix)
    if rules.certificate is not None:
        # Certificates of one series are numbered together.
        writing.set(("certificate", "series"), code[:50])
    for key in ("takes_over", "absorbs"):
        if getattr(rules, key):
            writing.set((key,), "")
    if rules.upgrade is not None and rules.upgrade.target == code:
        writing.remove(("upgrade",))
    return writing.text


def proposed_code(name):
    """A code and a prefix for a name, by its first letters in pinyin."""
    letters = numbers.initials(name) or "programme"
    return letters[:40], letters.upper()[: numbers.PREFIX_LETTERS].ljust(2, "X")
