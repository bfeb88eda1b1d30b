"""What of a hostile text would come alive in a page: nodes, handlers and addresses that a browser would act on."""

import re
from html.parser import HTMLParser

# Every payload carries one of these (tests/hostile/payloads.py).
MARKS = ("zqx", "evil.example")
_ADDRESSES = {"src", "href", "action", "formaction", "data", "xlink:href", "poster", "background", "cite", "hx-get", "hx-post"}  # fmt: skip
# A picture drawn by the page itself is none; pictures are not run.
_DANGEROUS = re.compile(r"(javascript|vbscript):|data:(?!image/png;base64,)|(https?:)?//evil\.example")
_RAW = ("script", "style")


class _Tag(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, attrs))


def live(html):
    """[what would come alive] of the payloads in a page; an empty list when they are nothing but text.

    A page is cut at its tags: what is escaped holds no `<`, so a payload can only be text, part of a tag, or a tag.
    """
    lower = html.lower()
    if not any(mark in lower for mark in MARKS):
        return []
    return [
        fault for piece in html.split("<")[1:] if any(mark in piece.lower() for mark in MARKS) for fault in _of(piece)
    ]


def _of(piece):
    tag, _end, text = piece.partition(">")
    if tag.lower().startswith(_RAW) and "application/json" not in tag and any(mark in text.lower() for mark in MARKS):
        yield f"inside <{tag[:60]}>: {text[:80]}"
    if not any(mark in tag.lower() for mark in MARKS):
        return
    parser = _Tag()
    parser.feed(f"<{tag}>")
    for name, attrs in parser.found:
        for key, value in attrs:
            said = re.sub(r"[\x00-\x20]", "", value or "").lower()
            if (
                key.startswith("on")
                or key in {"srcdoc", "style"}
                or ((key in _ADDRESSES or (name == "meta" and key == "content")) and _DANGEROUS.match(said))
                or (name == "meta" and key == "http-equiv" and "refresh" in said)
            ):
                yield f"<{name} {key}={said[:80]}>"
