"""`./manage.py messages`: the English catalogue. Source strings are Chinese; English lives in config/locale/en."""

import re
import tempfile
from pathlib import Path

import polib
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

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
        missing = [text for text in found if text not in known or not known[text].msgstr]
        if options["check"]:
            wrong = [entry.msgid for entry in catalogue if entry.msgstr and names(entry.msgid) != names(entry.msgstr)]
            if missing or wrong:
                raise CommandError("\n".join([f"no English for: {text}" for text in missing[:40]]
                                             + [f"placeholders differ: {text}" for text in wrong]
                                             + [f"{len(missing)} texts without English"]))  # fmt: skip
            compile_catalogue()
            self.stdout.write(f"{len(found)} texts, all with English")
            return
        write(found, known)
        self.stdout.write(f"{len(found)} texts, {len(missing)} without English")


def names(text):
    """The placeholders of a text."""
    return sorted(set(re.findall(r"%\(\w+\)s|\{\{ ?\w+ ?\}\}", text)))


def collect():
    """Every text marked for translation, with where it stands. Uses Django's own collector (needs gettext)."""
    from django.core.management import call_command  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / "locale"
        link.mkdir()
        original = settings.LOCALE_PATHS
        settings.LOCALE_PATHS = [str(link)]
        try:
            call_command("makemessages", locale=["en"], ignore_patterns=[".venv/*", "tests/*", "var/*", "bench/*"],
                         no_obsolete=True, verbosity=0)  # fmt: skip
        finally:
            settings.LOCALE_PATHS = original
        made = polib.pofile(str(link / "en" / "LC_MESSAGES" / "django.po"))
        return {entry.msgid: sorted({place for place, _line in entry.occurrences}) for entry in made}


def write(found, known):
    """The catalogue in order of the texts, keeping the English there is; texts no longer used are dropped."""
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Content-Transfer-Encoding": "8bit",
                          "Language": "en"}  # fmt: skip
    for text in sorted(found):
        catalogue.append(polib.POEntry(msgid=text, msgstr=known[text].msgstr if text in known else "",
                                       occurrences=[(place, "") for place in found[text][:2]]))  # fmt: skip
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(CATALOGUE))


def compile_catalogue():
    """django.mo beside the catalogue; nothing when there is no catalogue."""
    if CATALOGUE.exists():
        polib.pofile(str(CATALOGUE)).save_as_mofile(str(CATALOGUE.with_suffix(".mo")))


