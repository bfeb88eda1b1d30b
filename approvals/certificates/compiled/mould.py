"""A mould: one page WeasyPrint made, with the marks of its variable lines cut out, and everything around it ready to write."""

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pydyf
from weasyprint import VERSION

from approvals.certificates.compiled.errors import Unsure
from approvals.certificates.compiled.reading import Flow, Width
from approvals.certificates.metadata import declare_accessible, object_at

# Put where the words of one certificate go in its metadata; no text can contain them, because control characters are
# refused before.
TITLE, AUTHOR, SUBJECT = "\x01t\x01", "\x01a\x01", "\x01s\x01"


@dataclass(frozen=True)
class Slit:
    """Where the text of one piece goes: operators before it, its style's font, and how it joins the piece before."""

    run: int
    gap: float  # pixels between the end of the piece before and its start
    top: bytes  # of the text matrix: everything after x
    font: bytes  # the Tf operator


@dataclass(frozen=True)
class Rail:
    """One line of a variable flow: alignment, the coordinate it is aligned at, its pieces."""

    align: str
    at: float
    slits: tuple[Slit, ...]


@dataclass
class Mould:
    """Everything of a file that does not change, and the numbers of the objects that do."""

    chunks: list[bytes | tuple[int, int, int]]  # operators, or flow, line and piece
    rails: dict[int, tuple[Rail, ...]]  # by flow
    prefix: bytes
    rows: bytes  # of the cross-reference stream, seven bytes an object
    count: int  # objects, the free one included
    catalog: bytes  # without the closing >>
    page: bytes  # without the closing >>
    metadata: bytes
    numbers: Mapping[str, int]
    state: Any = field(repr=False)  # SHA-256 of the prefix, to be copied

    @property
    def size(self) -> int:
        """Bytes of the part all its certificates share."""
        return len(self.prefix)


class _Captured(Exception):
    def __init__(self, pdf: Any) -> None:
        self.pdf = pdf


def capture(document: Any, fonts: Mapping[str, Mapping[str, Width]], write: Any) -> Any:
    """The pydyf document of *document*, its fonts holding the characters of *fonts* (resource name → widths) as well.

    *write* is the engine's own way to write a document; it is stopped before a byte is written.
    """
    for font in document.fonts.values():
        for character, width in fonts.get(font.hash, {}).items():
            font.to_unicode.setdefault(width.glyph, character)
            font.widths.setdefault(width.glyph, width.thousandths)
    document.metadata.title, document.metadata.authors = TITLE, [AUTHOR]
    document.metadata.description = SUBJECT

    def finish(_document: Any, pdf: Any) -> None:
        declare_accessible(pdf)
        raise _Captured(pdf)

    try:
        write(document, finish)
    except _Captured as captured:
        return captured.pdf
    raise AssertionError("WeasyPrint did not call its finisher")


def cast_from(pdf: Any, flows: Mapping[int, Flow], marks: Mapping[Any, int], instant: str) -> Mould:
    """The mould of the captured *pdf*. *flows* are its variable ones; *instant* is the date in its metadata.

    Raises Unsure when the page is not made of the operators we know.
    """
    page = pdf.objects[int(pdf.pages["Kids"][0])]
    content = object_at(pdf, page["Contents"])
    wanted = {
        marks[piece.box]: (number, line, index)
        for number, flow in flows.items()
        for line, pieces in enumerate(flow.lines)
        for index, piece in enumerate(pieces)
    }
    chunks, found = _cut(content.stream, wanted)
    if set(found) != set(wanted.values()):
        raise Unsure("marks")
    rails = {number: _rails(flow, number, found) for number, flow in flows.items()}
    qr = next((one.number for one in pdf.objects if getattr(one, "is_code", False)), 0)
    packet = object_at(pdf, pdf.catalog["Metadata"])
    metadata = packet.stream[0].replace(instant.encode(), b"\x01d\x01")
    numbers = {
        "content": content.number, "qr": qr, "metadata": packet.number, "catalog": pdf.catalog.number,
        "page": page.number,
    }  # fmt: skip
    prefix, rows, count = _shared(pdf, set(numbers.values()))
    return Mould(
        chunks=chunks, rails=rails, prefix=prefix, rows=rows, count=count, catalog=_open(pdf.catalog), page=_open(page),
        metadata=metadata, numbers=numbers, state=hashlib.sha256(prefix),
    )  # fmt: skip


def _open(dictionary: Any) -> bytes:
    data = dictionary.data
    return data[: data.rindex(b">>")]


def _as_bytes(item: Any) -> bytes:
    return item if isinstance(item, bytes) else item.data if hasattr(item, "data") else str(item).encode()


def _cut(
    stream: list[Any], wanted: Mapping[int, tuple[int, int, int]]
) -> tuple[list[bytes | tuple[int, int, int]], dict[tuple[int, int, int], dict[str, bytes]]]:  # fmt: skip
    """The operators with the marks of *wanted* cut out, and what stood in each: text matrix and font."""
    chunks: list[bytes | tuple[int, int, int]] = []
    plain: list[bytes] = []
    found: dict[tuple[int, int, int], dict[str, bytes]] = {}
    inside: tuple[int, int, int] | None = None
    for item in stream:
        data = _as_bytes(item)
        if isinstance(item, pydyf.Dictionary) and "MCID" in item:
            inside = wanted.get(item["MCID"])
            if inside:
                found[inside] = {}
        if inside is None:
            plain.append(data)
        elif data == b"EMC":
            plain.append(data)
            inside = None
        elif (operator := data.rpartition(b" ")[2]) in (b"Tm", b"Tf", b"TJ"):
            if operator.decode() in found[inside]:
                raise Unsure("fonts", "a second face on one line")
            found[inside][operator.decode()] = data
            if operator == b"TJ":
                chunks += [b"\n".join(plain) + b"\n", inside]
                plain = []
        else:
            plain.append(data)
    chunks.append(b"\n".join(plain) + b"\n")
    return chunks, found


def _rails(flow: Flow, number: int, found: Mapping[tuple[int, int, int], Mapping[str, bytes]]) -> tuple[Rail, ...]:
    rails = []
    for line, pieces in enumerate(flow.lines):
        slits, end = [], pieces[0].x
        for index, piece in enumerate(pieces):
            operators = found[number, line, index]
            if set(operators) != {"Tm", "Tf", "TJ"}:
                raise Unsure("operators")
            top = operators["Tm"].split(b" ")
            if top[:4] != [b"1", b"0", b"0", b"-1"] or abs(float(top[4]) - piece.x) > 1e-3:
                raise Unsure("operators")
            slits.append(Slit(piece.run, piece.x - end, b" " + top[5] + b" Tm", operators["Tf"]))
            end = piece.x + piece.width
        width = end - pieces[0].x
        at = {"left": pieces[0].x, "center": pieces[0].x + width / 2, "right": end}[flow.align]
        rails.append(Rail(flow.align, at, tuple(slits)))
    return tuple(rails)


def _shared(pdf: Any, changing: set[int]) -> tuple[bytes, bytes, int]:
    """The bytes of all objects but *changing*, the rows of the cross-reference stream, and the number of objects.

    Streams stand by themselves; dictionaries are packed into one object stream, which gets the next number.
    """
    out = bytearray(b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n")
    rows = {0: (0, 0, 65535)}
    packed: list[tuple[int, bytes]] = []
    for one in pdf.objects[1:]:
        if one.number in changing:
            rows[one.number] = (1, 0, 0)
        elif one.compressible:
            packed.append((one.number, one.data))
        else:
            rows[one.number] = (1, len(out), 0)
            out += one.indirect + b"\n"
    holder = len(pdf.objects)
    head, body = [], bytearray()
    for index, (number, data) in enumerate(packed):
        head.append(f"{number} {len(body)}")
        body += data + b"\n"
        rows[number] = (2, holder, index)
    start = " ".join(head).encode() + b"\n"
    stream = zlib.compress(start + bytes(body), 9)
    rows[holder] = (1, len(out), 0)
    out += b"%d 0 obj\n<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>\nstream\n" % (
        holder, len(packed), len(start), len(stream),
    )  # fmt: skip
    out += stream + b"\nendstream\nendobj\n"
    table = b"".join(row(*rows[number]) for number in range(holder + 1))
    return bytes(out), table, holder + 1


def row(kind: int, second: int, third: int) -> bytes:
    """One row of a cross-reference stream with the widths 1, 4 and 2."""
    return kind.to_bytes(1, "big") + second.to_bytes(4, "big") + third.to_bytes(2, "big")


PRODUCER = f"WeasyPrint {VERSION}"
