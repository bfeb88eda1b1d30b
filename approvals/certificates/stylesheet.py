"""What a design's style sheet may say: lengths, colours and places; no address, no font of its own, no script-like rule.

Checked token by token with the parser WeasyPrint itself uses, so escapes and comments are read the same way.
"""

from collections.abc import Iterable

import tinycss2

from approvals.certificates.findings import Fault

SHEET = "page.css"
MOST_RULES = 300

_SIDES = ("top", "right", "bottom", "left")
_NAMES = """
position left top right bottom z-index display width height min-width max-width min-height max-height margin padding
color background-color font-family font-size line-height letter-spacing text-align text-align-last text-indent
vertical-align white-space overflow-wrap word-break text-decoration-line text-decoration-color border border-color
border-style border-width border-radius border-collapse border-spacing table-layout break-before break-after
break-inside orphans widows list-style-type box-sizing float clear
"""
PROPERTIES = frozenset(
    _NAMES.split()
    + [f"{name}-{side}" for name in ("margin", "padding", "border") for side in _SIDES]
    + [f"border-{side}-{part}" for side in _SIDES for part in ("color", "style", "width")]
)
FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "calc", "var", "not", "is", "where", "nth-child", "nth-of-type"})


def check(source: str, roles: frozenset[str]) -> list[Fault]:
    """Every fault of the style sheet *source*; *roles* are the font roles it may name."""
    faults: list[Fault] = []
    rules = tinycss2.parse_stylesheet(source, skip_comments=True, skip_whitespace=True)
    if len(rules) > MOST_RULES:
        faults.append(_fault(rules[MOST_RULES], "css_rules", limit=MOST_RULES))
    for rule in rules:
        if rule.type == "error":
            faults.append(_fault(rule, "css_syntax", why=rule.message))
        elif rule.type == "at-rule":
            faults.append(_fault(rule, "css_rule", name=rule.at_keyword))
        else:
            faults += _tokens(rule.prelude)
            faults += _declarations(rule.content, roles)
    return faults


def _fault(node: tinycss2.ast.Node, code: str, **values: object) -> Fault:
    return Fault(SHEET, node.source_line, code, values)


def _declarations(content: list[tinycss2.ast.Node], roles: frozenset[str]) -> Iterable[Fault]:
    for item in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if item.type == "error":
            yield _fault(item, "css_syntax", why=item.message)
        elif item.type == "at-rule":
            yield _fault(item, "css_rule", name=item.at_keyword)
        elif item.type != "declaration":
            # A nested rule would carry declarations past this check.
            yield _fault(item, "css_syntax", why="nested rule")
        elif item.lower_name not in PROPERTIES:
            yield _fault(item, "css_property", name=item.name)
        elif item.lower_name == "font-family":
            if not _is_role(item.value, roles):
                yield _fault(item, "css_font")
        else:
            yield from _tokens(item.value)


def _is_role(value: list[tinycss2.ast.Node], roles: frozenset[str]) -> bool:
    tokens = [token for token in value if token.type not in ("whitespace", "comment")]
    if len(tokens) != 1 or tokens[0].type != "function" or tokens[0].lower_name != "var":
        return False
    names = [token for token in tokens[0].arguments if token.type not in ("whitespace", "comment")]
    return len(names) == 1 and names[0].type == "ident" and names[0].value.removeprefix("--") in roles


def _tokens(tokens: list[tinycss2.ast.Node]) -> Iterable[Fault]:
    for token in tokens:
        if token.type == "url":
            yield _fault(token, "css_address", name=token.value[:60])
        elif token.type == "function":
            if token.lower_name not in FUNCTIONS:
                yield _fault(token, "css_function", name=token.name)
            yield from _tokens(token.arguments)
        elif token.type.endswith("block"):
            yield from _tokens(token.content)
        elif token.type == "error":
            yield _fault(token, "css_syntax", why=token.message)
