"""The closed language of a design's page: plain HTML with marked places, read strictly into an element tree.

The tree that was checked is the tree that is drawn: WeasyPrint never parses the author's text again, so there is no
second reading by which something could slip through. Text put into a place is text of a node, never markup.
"""

import copy
from collections.abc import Mapping
from html.parser import HTMLParser
from xml.etree.ElementTree import Element, SubElement

from approvals.certificates.findings import Fault
from approvals.certificates.text import Paragraph

PAGE = "page.html"
BIGGEST = 64_000  # bytes of one file
MOST_ELEMENTS = 300
DEEPEST = 20
WIDEST_SPAN = 12

CONTAINERS = frozenset(
    [
        "div",
        "section",
        "header",
        "footer",
        "main",
        "article",
        "p",
        "h1",
        "h2",
        "h3",
        "span",
        "strong",
        "em",
        "dl",
        "dt",
        "dd",
        "ul",
        "ol",
        "li",
        "table",
        "tbody",
        "tr",
        "td",
        "th",
    ]
)
VOID = frozenset({"br", "img"})

#: Places for one line of text -> the most characters they take.
LINES = {
    "title": 24, "programme": 60, "serial": 60, "holder": 160, "issuer": 60, "grade": 20, "mark": 24, "date": 24,
    "year_month": 16, "valid_from": 24, "valid_to": 24, "term": 60, "address": 200, "code": 24,
}  # fmt: skip
PARAGRAPHS = "paragraphs"
MOST_CHARACTERS = 1_200  # of all paragraphs together
IMAGES = {"qr": "核验二维码，内容是本页所印的核验网址", "seal": "演示印章：{word}"}
REQUIRED = ("holder", "issuer")

ATTRIBUTES = frozenset({"class", "data-slot", "data-if", "data-step"})
SPANS = frozenset({"colspan", "rowspan"})


class _Reader(HTMLParser):
    """Builds the tree and collects faults; what is faulty is left out of the tree."""

    def __init__(self, steps: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("div", {"class": "sheet"})
        self.faults: list[Fault] = []
        self.slots: list[str] = []
        self._steps = steps
        self._open = [(self.root, 1)]
        self._count = 0

    def fault(self, code: str, **values: object) -> None:
        self.faults.append(Fault(PAGE, self.getpos()[0], code, values))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in CONTAINERS and tag not in VOID:
            self.fault("element", name=tag)
        self._count += 1
        if self._count == MOST_ELEMENTS + 1:
            self.fault("elements", limit=MOST_ELEMENTS)
        kept = {name: value or "" for name, value in attrs if self._permitted(tag, name, value or "")}
        parent = self._open[-1][0]
        if "data-slot" in parent.attrib:
            self.fault("slot_not_empty", name=parent.get("data-slot"))
        if self._count > MOST_ELEMENTS or len(self._open) > DEEPEST:
            element = Element(tag, kept)
        else:
            element = SubElement(parent, tag, kept)
        if tag == "img" and "data-slot" not in kept:
            self.fault("attribute", element="img", name="(data-slot)")
        if tag not in VOID:
            if len(self._open) == DEEPEST + 1:
                self.fault("depth", limit=DEEPEST)
            self._open.append((element, self.getpos()[0]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or len(self._open) == 1 or self._open[-1][0].tag != tag:
            self.fault("nesting", name=f"</{tag}>")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        parent = self._open[-1][0]
        if "data-slot" in parent.attrib and data.strip():
            self.fault("slot_not_empty", name=parent.get("data-slot"))
        elif len(parent):
            parent[-1].tail = (parent[-1].tail or "") + data
        else:
            parent.text = (parent.text or "") + data

    def handle_decl(self, decl: str) -> None:
        self.fault("declaration")

    def handle_pi(self, data: str) -> None:
        self.fault("declaration")

    def unknown_decl(self, data: str) -> None:
        self.fault("declaration")

    def _permitted(self, tag: str, name: str, value: str) -> bool:
        if name in SPANS and tag in ("td", "th"):
            if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= WIDEST_SPAN):
                self.fault("span", name=name, limit=WIDEST_SPAN)
                return False
            return True
        if name not in ATTRIBUTES:
            self.fault("attribute", element=tag, name=name)
            return False
        if name == "data-slot":
            return self._slot(tag, value)
        if name == "data-if" and value not in LINES:
            self.fault("slot", name=value)
            return False
        if name == "data-step" and value not in self._steps:
            self.fault("step", name=value)
            return False
        return True

    def _slot(self, tag: str, name: str) -> bool:
        if name not in LINES and name not in IMAGES and name != PARAGRAPHS:
            self.fault("slot", name=name)
            return False
        # An image stands on img, paragraphs where paragraphs may stand, a line on anything that holds text.
        fits = (tag == "img") == (name in IMAGES) and (name != PARAGRAPHS or tag in ("div", "section", "main"))
        if not fits or tag in ("table", "tbody", "tr", "ul", "ol", "dl", "br"):
            self.fault("slot_element", name=name, element=tag)
            return False
        self.slots.append(name)
        return True

    def finish(self) -> None:
        for element, line in self._open[1:]:
            self.faults.append(Fault(PAGE, line, "nesting", {"name": f"<{element.tag}>"}))
        for name in REQUIRED:
            if name not in self.slots:
                self.faults.append(Fault(PAGE, 1, "slot_absent", {"name": name}))


def read_page(source: str, steps: frozenset[str]) -> tuple[Element, tuple[str, ...], list[Fault]]:
    """The tree of *source*, the slots in order of appearance, and every fault. *steps* are the slots with size steps."""
    reader = _Reader(steps)
    try:
        reader.feed(source)
        reader.close()
    except AssertionError:  # html.parser asserts on some malformed declarations
        reader.fault("declaration")
    reader.finish()
    _tidy(reader.root)
    return reader.root, tuple(dict.fromkeys(reader.slots)), reader.faults


def _tidy(element: Element) -> None:
    """Drops line breaks between elements: inside a line they would become a visible space."""
    for node in element.iter():
        if node.text and not node.text.strip():
            node.text = None
        if node.tail and not node.tail.strip():
            node.tail = None


def fill(
    sheet: Element, lines: Mapping[str, str], paragraphs: tuple[Paragraph, ...], steps: Mapping[str, str],
    alternatives: Mapping[str, str],
) -> Element:  # fmt: skip
    """A copy of *sheet* with the text in its places.

    *lines* is what each line slot prints, *steps* the class of each slot with size steps, *alternatives* the words
    that stand for each image. An element with ``data-if`` goes when its slot is empty.
    """
    filled = copy.deepcopy(sheet)
    _drop(filled, lines)
    for node in list(filled.iter()):
        if step := node.attrib.pop("data-step", ""):
            node.set("class", f"{node.get('class', '')} {step}-{steps[step]}".strip())
        slot = node.attrib.get("data-slot", "")
        if slot in IMAGES:
            node.set("src", f"certificate:/{slot}")
            node.set("alt", alternatives[slot])
        elif slot == PARAGRAPHS:
            _put_paragraphs(node, paragraphs)
        elif slot:
            node.text = lines[slot]
    return filled


def _drop(element: Element, lines: Mapping[str, str]) -> None:
    before: Element | None = None
    for child in list(element):
        if (condition := child.attrib.pop("data-if", "")) and not lines[condition]:
            # The text behind an element is no part of it and stays.
            if before is None:
                element.text = ((element.text or "") + (child.tail or "")) or None
            else:
                before.tail = ((before.tail or "") + (child.tail or "")) or None
            element.remove(child)
        else:
            _drop(child, lines)
            before = child


def _put_paragraphs(place: Element, paragraphs: tuple[Paragraph, ...]) -> None:
    for number, runs in enumerate(paragraphs):
        node = SubElement(place, "p", {"class": "paragraph", "data-paragraph": str(number)})
        last: Element | None = None
        for text, strong in runs:
            if strong:
                last = SubElement(node, "strong")
                last.text = text
            elif last is None:
                node.text = (node.text or "") + text
            else:
                last.tail = (last.tail or "") + text
