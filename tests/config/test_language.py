"""Chinese first, English complete: the catalogue, the public pages, and texts nobody marked."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from accounts.models import Organisation, Place, User
from config.management.commands import messages
from pilots.models import Programme

ROOT = Path(settings.BASE_DIR)
HAN = re.compile(r"[\u4e00-\u9fff]+")
PACKAGES = ("accounts", "notifications", "pilots", "approvals", "workflows", "config", "templates")

# Templates whose Chinese is data: samples of the kit, and an official paper, Chinese in any language.
CHINESE_TEMPLATES = {"gallery.html", "approvals/document.html"}
# Modules and folders whose Chinese is data and no text of a page.
CHINESE_MODULES = (
    # Papers of the office, and titles of batches: data in Chinese.
    "pilots/agreements.py",
    "pilots/rounds.py",
    # Both languages side by side.
    "workflows/charts/",
    # Pairs of a message kind; what an attack of the self-test writes; the tool a third party runs.
    "workflows/outside.py",
    "workflows/attacks.py",
    "workflows/evidence/verify.py",
    "workflows/proofs/laws.py",
    "config/programme_pages.py",
    "config/rules_reference.py",
    # Words of the editor, both languages side by side; the label of a deadline; what a sample paper prints.
    "pilots/authoring/words/",
    "pilots/authoring/duties.py",
    "pilots/views/rules_preview.py",
    # The paper and the workbook are Chinese documents, like the certificate.
    "approvals/papers/",
    "approvals/documents/",  # what is printed in official documents
    "pilots/sheets/layout.py",
    "pilots/sheets/write.py",
    "accounts/passwords.py",  # the name of the product is no password, in its own letters
    "accounts/divisions.py",  # the shipped table and its faults, at the command line
    "accounts/divisions_csv.py",
    "accounts/models/user.py",  # a language is named in itself
    "approvals/certificates/",  # what is printed on certificates
    "approvals/deadlines.py",  # pairs of Chinese and English
    "approvals/issuing.py",  # what is printed in documents
    "approvals/printing.py",
    "approvals/rules/",  # document numbers, and reasons kept with the list
    "config/programme_pages.py",  # pages of the catalogue in both languages
    "config/demo/",  # invented people and answers
    "config/drills/",  # invented holders
    "notifications/words.py",  # pairs
    # Reasons of a message that did not arrive are stored in both languages, side by side; a language is named in itself.
    *(f"notifications/channels/{name}" for name in ("bots.py", "forms.py", "guard.py", "http.py", "tests/")),
    *(
        f"notifications/channels/{code}/{name}"
        for code in ("dingtalk", "email", "feishu", "inbox", "sms", "webhook", "wecom")
        for name in ("transport.py", "tests/")
    ),
    "notifications/models/endpoint.py",
    "notifications/workdays/",  # pairs
    "pilots/agreements.py",  # the text of an agreement, a paper of the office
    "pilots/rounds.py",  # titles of batches, kept in both languages
    "pilots/catalogue/",  # words for authors of rules documents
    "pilots/deadlines.py",  # pairs
    "pilots/forms/units.py",  # units as rules documents write them
    "pilots/rules/",  # words for authors of rules documents
    "pilots/terms.py",  # the wording of a term as printed
    "templates/gallery",  # samples of the kit
    "templates/pictures.py",  # names of provinces
    "workflows/charts/",  # pairs
    "workflows/proofs/",  # words for authors of rules documents
    "workflows/handlers.py",  # what is printed on certificates
)
MARKS = {"_", "_t", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
PAIRS = {"Words"}


# --- the catalogue
def test_every_text_has_english():
    call_command("messages", check=True)


def test_counted_texts_have_both_forms():
    known = messages.polib.pofile(str(messages.CATALOGUE))
    counted = [entry for entry in known if entry.msgid_plural]
    assert counted
    assert [entry.msgid for entry in counted if not all(messages.english(entry, entry.msgid_plural))] == []


def test_the_catalogue_speaks(settings):
    messages.compile_catalogue()
    translation.trans_real._translations.pop("en", None)
    with translation.override("en"):
        assert translation.gettext("试点通") == "Pilotage"
        assert translation.ngettext("找到 %(n)s 项", "找到 %(n)s 项", 1) % {"n": 1} == "1 result"
        assert translation.ngettext("找到 %(n)s 项", "找到 %(n)s 项", 2) % {"n": 2} == "2 results"


# --- pages in English
class _Readable(HTMLParser):
    """The words of a page: text and spoken attributes, without what is marked as another language."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt")
    VOID = ("meta", "link", "input", "img", "br", "hr", "path", "circle", "rect", "line", "use", "wbr")

    def __init__(self):
        super().__init__()
        self.words, self.chinese, self.skipped = [], 0, 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        lang = attrs.get("lang", "")
        inside = self.chinese or (lang.startswith("zh") and tag != "html")
        if inside and tag not in self.VOID:
            self.chinese += 1
        if tag in ("script", "style"):
            self.skipped += 1
        if not inside:
            self.words += [attrs[name] for name in self.SPOKEN if attrs.get(name)]

    def handle_endtag(self, tag):
        if self.chinese and tag not in self.VOID:
            self.chinese -= 1
        if tag in ("script", "style"):
            self.skipped -= 1

    def handle_data(self, data):
        if not self.chinese and not self.skipped:
            self.words.append(data)


def _chinese_in(response, *, known):
    page = _Readable()
    page.feed(response.content.decode())
    text = "\n".join(page.words)
    for name in sorted(known, key=len, reverse=True):
        text = text.replace(name, "")
    return HAN.findall(text)


def _names():
    """Names that stay Chinese: the product and its mark, places, organisations, people, programmes."""
    return {
        "试点通",
        "试",
        *Place.objects.values_list("name", flat=True),
        *Place.objects.values_list("short_name", flat=True),
        *Organisation.objects.values_list("name", flat=True),
        *User.objects.values_list("name", flat=True),
        *Programme.objects.values_list("name", flat=True),
    }


@pytest.fixture
def english(client):
    messages.compile_catalogue()
    translation.trans_real._translations.pop("en", None)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


@pytest.mark.parametrize(
    "name", ["home", "calls", "notices", "ended", "objection_track", "account_login", "verify", "source"]
)
def test_public_pages_are_english(world, english, name):
    response = english.get(reverse(name))
    assert response.status_code == 200
    assert response.headers["Content-Language"] == "en"
    assert _chinese_in(response, known=_names()) == []


def test_a_code_that_is_not_known_is_answered_in_english(world, english):
    response = english.get(reverse("verify_code", args=["K29FY0WDSN"]))
    assert _chinese_in(response, known=_names()) == []
    assert "No such certificate" in response.content.decode()


def test_chinese_is_found_where_it_is(world, client):
    assert _chinese_in(client.get(reverse("home")), known=_names())


def test_the_browser_language_is_not_asked(world, client):
    response = client.get(reverse("home"), headers={"accept-language": "en"})
    assert response.headers["Content-Language"] == "zh-hans"


# --- texts nobody marked
COMMENTS = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", re.DOTALL)
BLOCKS = re.compile(r"(\{% blocktranslate\b.*?%\}).*?\{% endblocktranslate %\}", re.DOTALL)
MARKED = re.compile(r"""(?<=\{% translate )"[^"]*"|_\("[^"]*"\)|_\('[^']*'\)""")
# The other language's switch says so in that language.
OTHER_LANGUAGE = re.compile(r'<(\w+)[^<>]*\blang="zh-Hans"[^<>]*>.*?</\1>', re.DOTALL)


def unmarked(text):
    """Chinese of a template outside of translation tags and comments."""
    for pattern, kept in ((COMMENTS, ""), (BLOCKS, r"\1"), (MARKED, ""), (OTHER_LANGUAGE, "")):
        text = pattern.sub(kept, text)
    return HAN.findall(text)


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_templates_mark_their_texts(path):
    if path.relative_to(ROOT / "templates").as_posix() in CHINESE_TEMPLATES:
        return
    assert unmarked(path.read_text(encoding="utf-8")) == []


def test_unmarked_texts_are_found():
    assert unmarked('<p>申报</p>{% translate "推荐" %}') == ["申报"]
    assert unmarked('{% blocktranslate with a=b|default:"项" %}共 {{ a }}{% endblocktranslate %}') == ["项"]
    assert unmarked('{# 说明 #}{% translate "推荐" as x %}{{ y|default:_("同意") }}') == []


def bare(tree):
    """(line, text) of every Chinese literal that is neither marked nor a docstring."""
    fine = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name in MARKS:
                fine |= {id(inner) for argument in node.args for inner in ast.walk(argument)}
            elif name in PAIRS and {"zh", "en"} <= {keyword.arg for keyword in node.keywords}:
                # Both languages stand side by side.
                fine |= {id(keyword.value) for keyword in node.keywords}
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            fine.add(id(node.value))
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value)
        and id(node) not in fine and not _is_pattern(node.value)
    ]  # fmt: skip


def _is_pattern(text):
    return text.startswith("^") and text.endswith("$")


def _modules():
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith(CHINESE_MODULES) and not {"migrations", "management"} & set(path.parts):
                yield pytest.param(path, id=name)


@pytest.mark.parametrize("path", list(_modules()))
def test_modules_mark_their_texts(path):
    found = bare(ast.parse(path.read_text(encoding="utf-8")))
    # The mark of the product is a picture that happens to be a character.
    assert [item for item in found if ">试<" not in item[1]] == []


def test_bare_literals_are_found():
    code = 'def f():\n    """说明"""\n    return "申报", _("推荐"), f"第{1}位"\n'
    assert [text for _line, text in bare(ast.parse(code))] == ["申报", "第", "位"]


def test_the_allow_list_names_what_exists():
    assert [name for name in CHINESE_MODULES if not list(ROOT.glob(f"{name}*"))] == []
    assert [name for name in CHINESE_TEMPLATES if not (ROOT / "templates" / name).exists()] == []
