"""Is there anything alive in a page? Nodes and attributes a browser would carry out, found by a parser of HTML."""

from html.parser import HTMLParser

_ADDRESSES = {"href", "src", "action", "formaction", "xlink:href", "data", "poster", "srcset", "background"}
_SCHEMES = ("javascript:", "vbscript:", "data:text")
_NEVER = {"iframe", "object", "embed", "base", "applet", "frame", "frameset", "math", "style"}


class _Nodes(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found = []

    def handle_starttag(self, tag, attrs):
        given = {name.lower(): value or "" for name, value in attrs}
        if tag in _NEVER:
            self.found.append(f"<{tag}>")
        if tag == "script" and not given.get("src", "").startswith("/static/"):
            self.found.append(f"<script {given}>")
        if tag == "link" and not given.get("href", "/").startswith("/"):
            self.found.append(f"<link {given}>")
        if tag == "meta" and "http-equiv" in given:
            self.found.append(f"<meta {given}>")
        for name, value in given.items():
            if name.startswith("on") or name in {"srcdoc", "style"}:
                self.found.append(f"<{tag} {name}={value[:40]!r}>")
            # Browsers pass over control characters within a scheme.
            plain = "".join(char for char in value if char > " ").lower()
            if name in _ADDRESSES and plain.startswith(_SCHEMES):
                self.found.append(f"<{tag} {name}={value[:40]!r}>")


def live(html):
    """What would be carried out, as words; empty for a page that is safe."""
    nodes = _Nodes()
    nodes.feed(html)
    nodes.close()
    return nodes.found
