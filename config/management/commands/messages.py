"""`./manage.py messages`: the English catalogue. Source strings are Chinese, English is in config/locale/en."""

import re
import tempfile
from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.core.management.commands import makemessages

CATALOGUE = Path(settings.BASE_DIR) / "config" / "locale" / "en" / "LC_MESSAGES" / "django.po"


class Command(BaseCommand):
    help = "Collects the texts to translate, checks that English is complete, or compiles the catalogue."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="fail when a text has no English")
        parser.add_argument("--compile", action="store_true", help="write django.mo")

    def handle(self, *args, **options):
        if options["compile"]:
            compile_catalogue()
            return
        found = collect()
        catalogue = polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else polib.POFile()
        known = {entry.msgid: entry for entry in catalogue}
        missing = [text for text, (plural, _places) in found.items() if not all(english(known.get(text), plural))]
        if options["check"]:
            wrong = [
                entry.msgid
                for entry in catalogue
                if any(text and names(entry.msgid) != names(text) for text in english(entry, entry.msgid_plural))
            ]
            if missing or wrong:
                raise CommandError("\n".join([f"no English for: {text}" for text in missing[:40]]
                                             + [f"placeholders differ: {text}" for text in wrong]
                                             + [f"{len(missing)} texts without English"]))  # fmt: skip
            compile_catalogue()
            self.stdout.write(f"{len(found)} texts, all with English")
            return
        write(found, known)
        self.stdout.write(f"{len(found)} texts, {len(missing)} without English")


def english(entry, plural):
    """The English of a text: one, or for a text that is counted the one for 1 and the one for all others."""
    if entry is None:
        return [""]
    return [entry.msgstr_plural.get(form, "") for form in (0, 1)] if plural else [entry.msgstr]


def names(text):
    """The placeholders of a text."""
    return sorted(set(re.findall(r"%\(\w+\)[sd]|\{\{ ?\w+ ?\}\}", text)))


class Collector(makemessages.Command):
    """Django's own collector; modules that need `_` for the lazy kind call the other one `_t`."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_t"]


def collect():
    """{text: (its plural or "", files it stands in)}; found by Django's own collector (needs gettext)."""
    from django.core.management import call_command  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "locale"
        link.mkdir()
        original = settings.LOCALE_PATHS
        settings.LOCALE_PATHS = [str(link)]
        try:
            # Seen as a folder of its own, config/locale would take the texts of config and lose all others.
            call_command(Collector(), locale=["en"], no_obsolete=True, verbosity=0,
                         ignore_patterns=[".venv/*", "tests/*", "var/*", "bench/*", "config/locale"])  # fmt: skip
        finally:
            settings.LOCALE_PATHS = original
        made = polib.pofile(str(link / "en" / "LC_MESSAGES" / "django.po"))
        return {
            entry.msgid: (entry.msgid_plural, sorted({place for place, _line in entry.occurrences})) for entry in made
        }


def write(found, known):
    """The catalogue in order of the texts, keeping the English there is; texts no longer used are dropped."""
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit",
                          "Language": "en", "Plural-Forms": "nplurals=2; plural=(n != 1);"}  # fmt: skip
    for text, (plural, places) in sorted(found.items()):
        words = [*english(known.get(text), plural), ""]
        given = (
            {"msgid_plural": plural, "msgstr_plural": {0: words[0], 1: words[1]}} if plural else {"msgstr": words[0]}
        )
        catalogue.append(polib.POEntry(msgid=text, **given, occurrences=[(place, "") for place in places[:2]]))
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(CATALOGUE))


def compile_catalogue():
    """django.mo beside the catalogue; nothing when there is no catalogue."""
    if CATALOGUE.exists():
        polib.pofile(str(CATALOGUE)).save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
