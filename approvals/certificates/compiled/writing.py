"""Write a certificate from a mould: its lines, code, metadata, attachments, and room for a signature, in one revision."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import pydyf
from weasyprint.text.ffi import FROM_UNITS

from approvals.certificates import qr
from approvals.certificates.attachments import Attachment, objects, pdf_date
from approvals.certificates.compiled.mould import AUTHOR, PRODUCER, SUBJECT, TITLE, Mould, Rail, row
from approvals.certificates.drawing import qr_object
from approvals.certificates.render import head
from approvals.certificates.text import CertificateText, Paragraph


@dataclass(frozen=True)
class Placeholder:
    """Room for a signature: *size* bytes of CMS, and what the signature says of itself; *at* needs a time zone."""

    size: int
    name: str
    reason: str
    at: datetime


@dataclass
class Unsigned:
    """A file that lacks only the signature's bytes: *digest* is the SHA-256 of all but the room between *start* and *end*."""

    data: bytearray
    start: int  # of the room, the opening < included
    end: int
    digest: bytes
    at: datetime

    def signed(self, cms: bytes) -> bytes:
        """The file with *cms* in its room. Raises ValueError when it is too long."""
        text = cms.hex().encode()
        room = self.end - self.start - 2
        if len(text) > room:
            raise ValueError(f"the signature has {len(cms)} bytes, there is room for {room // 2}")
        self.data[self.start + 1 : self.start + 1 + len(text)] = text
        return bytes(self.data)


def with_paragraphs(text: CertificateText, paragraphs: tuple[Paragraph, ...]) -> CertificateText:
    """*text* with *paragraphs*."""
    return text if text.paragraphs == paragraphs else replace(text, paragraphs=paragraphs)


def _number(value: float) -> bytes:
    return f"{value:.6f}".rstrip("0").rstrip(".").encode()


def _content(mould: Mould, lines: Mapping[int, list[Any]]) -> bytes:
    placed: dict[tuple[int, int, int], bytes] = {}
    for flow, rails in mould.rails.items():
        for number, (rail, pieces) in enumerate(zip(rails, lines[flow], strict=True)):
            for index, operators in enumerate(_line(rail, pieces)):
                placed[flow, number, index] = operators
    return b"".join(chunk if isinstance(chunk, bytes) else placed[chunk] for chunk in mould.chunks)


def _line(rail: Rail, pieces: Any) -> list[bytes]:
    lengths = [sum(one.units for one in widths) * FROM_UNITS for _run, _words, widths in pieces]
    total = sum(lengths) + sum(slit.gap for slit in rail.slits)
    x = rail.at - {"left": 0.0, "center": total / 2, "right": total}[rail.align]
    found = []
    for slit, length, (_run, _words, widths) in zip(rail.slits, lengths, pieces, strict=True):
        x += slit.gap
        glyphs = "".join(f"{one.glyph:04x}" for one in widths).encode()
        found.append(b"1 0 0 -1 " + _number(x) + slit.top + b"\n" + slit.font + b"\n[<" + glyphs + b">] TJ\n")
        x += length
    return found


class _File:
    """Appends objects to the shared part and keeps the table of where they are."""

    def __init__(self, mould: Mould) -> None:
        self.tail = bytearray()
        self.rows = bytearray(mould.rows)
        self.count = mould.count
        self._base = len(mould.prefix)

    @property
    def position(self) -> int:
        return self._base + len(self.tail)

    def new(self) -> int:
        """The number of one more object."""
        self.rows += row(1, 0, 0)
        self.count += 1
        return self.count - 1

    def put(self, number: int, body: bytes) -> int:
        """Writes object *number*; returns where its body starts in the file."""
        self.rows[number * 7 : number * 7 + 7] = row(1, self.position, 0)
        self.tail += b"%d 0 obj\n" % number
        start = self.position
        self.tail += body + b"\nendobj\n"
        return start


def _stream(extra: bytes, body: bytes) -> bytes:
    return b"<< %s/Length %d >>\nstream\n%s\nendstream" % (extra, len(body), body)


def write(
    mould: Mould, lines: Mapping[int, list[Any]], text: CertificateText,
    attachments: tuple[Attachment, ...], signature: Placeholder | None,
) -> bytes | Unsigned:  # fmt: skip
    """The file of *text*, whose *lines* by flow have the shape of *mould*."""
    file = _File(mould)
    numbers = mould.numbers
    content = zlib.compress(_content(mould, lines), 6)
    file.put(numbers["content"], _stream(b"/Filter /FlateDecode ", content))
    if numbers["qr"]:
        file.put(numbers["qr"], qr_object(qr.code(text.verify_url)).data)
    title, meta = head(text)
    file.put(numbers["metadata"], _stream(b"/Type /Metadata /Subtype /XML ", _metadata(mould, title, meta)))
    catalog = mould.catalog + _embedded(file, attachments, text)
    page = mould.page
    room = None
    if signature is not None:
        room, widget, entries = _room(file, signature, numbers["page"])
        catalog += entries
        page += b"/Annots [%d 0 R]" % widget
    file.put(numbers["page"], page + b">>")
    file.put(numbers["catalog"], catalog + b">>")
    info = file.new()
    file.put(info, _info(title, meta, pdf_date(text.issued_on)))
    _table(file, mould, info)
    if room is None:
        return mould.prefix + bytes(file.tail)
    return _unsigned(mould, file, room, signature)


def _metadata(mould: Mould, title: str, meta: Mapping[str, str]) -> bytes:
    data = mould.metadata
    words = (
        (TITLE, title),
        (AUTHOR, meta["author"]),
        (SUBJECT, meta["description"]),
        ("\x01d\x01", meta["dcterms.created"]),
    )
    for mark, value in words:
        data = data.replace(mark.encode(), escape(value).encode())
    return data


def _info(title: str, meta: Mapping[str, str], moment: str) -> bytes:
    return pydyf.Dictionary({
        "Producer": pydyf.String(PRODUCER), "Title": pydyf.String(title), "Author": pydyf.String(meta["author"]),
        "Subject": pydyf.String(meta["description"]), "CreationDate": pydyf.String(moment),
        "ModDate": pydyf.String(moment),
    }).data  # fmt: skip


def _embedded(file: _File, attachments: tuple[Attachment, ...], text: CertificateText) -> bytes:
    if not attachments:
        return b""
    names, associated = pydyf.Array(), pydyf.Array()
    for attachment in sorted(attachments, key=lambda one: one.name):
        stream, specification = objects(attachment, text.issued_on)
        stored, described = file.new(), file.new()
        file.put(stored, stream.data)
        reference = f"{stored} 0 R"
        specification["EF"] = pydyf.Dictionary({"F": reference, "UF": reference})
        file.put(described, specification.data)
        names.extend((pydyf.String(attachment.name), f"{described} 0 R"))
        associated.append(f"{described} 0 R")
    entries = pydyf.Dictionary({
        "Names": pydyf.Dictionary({"EmbeddedFiles": pydyf.Dictionary({"Names": names})}), "AF": associated,
    })  # fmt: skip
    return entries.data.strip().removeprefix(b"<<").removesuffix(b">>")


_RANGE = b"[0 ########## ########## ##########]"


def _room(file: _File, signature: Placeholder, page: int) -> tuple[dict[str, int], int, bytes]:
    """Signature and invisible widget: where the room is, the widget's number, entries of the catalog."""
    value, widget = file.new(), file.new()
    moment = f"{signature.at:%Y%m%d%H%M%S%z}"
    moment = f"D:{moment[:-2]}'{moment[-2:]}'"
    before = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange "
    between = b" /Contents "
    after = (
        b" /Name %s /Reason %s /M (%s) /Reference [<< /Type /SigRef /TransformMethod /DocMDP /TransformParams "
        b"<< /Type /TransformParams /P 1 /V /1.2 >> >>] >>"
        % (pydyf.String(signature.name).data, pydyf.String(signature.reason).data, moment.encode())
    )
    contents = b"<" + b"0" * (2 * signature.size) + b">"
    start = file.put(value, before + _RANGE + between + contents + after)
    at = start + len(before) + len(_RANGE) + len(between)
    # Zero-sized, printed and locked: a certificate shows a drawn seal, the signature is in the file.
    file.put(
        widget,
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Seal) /Rect [0 0 0 0] /F 132 /P %d 0 R /V %d 0 R >>"
        % (page, value),
    )
    entries = b"/AcroForm << /Fields [%d 0 R] /SigFlags 3 >> /Perms << /DocMDP %d 0 R >>" % (widget, value)
    return {"range": start + len(before), "start": at, "end": at + len(contents)}, widget, entries


def _table(file: _File, mould: Mould, info: int) -> None:
    """The cross-reference stream, with an identifier made of everything before it."""
    number = file.new()
    place = file.position
    file.rows[number * 7 : number * 7 + 7] = row(1, place, 0)
    identity = mould.state.copy()
    identity.update(file.tail)
    name = identity.hexdigest()[:32].encode()
    entries = b"/Type /XRef /Size %d /W [1 4 2] /Root %d 0 R /Info %d 0 R /ID [<%s> <%s>] " % (
        file.count, mould.numbers["catalog"], info, name, name,
    )  # fmt: skip
    body = _stream(entries, bytes(file.rows))
    file.tail += b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (number, body, place)


def _unsigned(mould: Mould, file: _File, room: Mapping[str, int], signature: Placeholder) -> Unsigned:
    data = bytearray(mould.prefix)
    data += file.tail
    start, end = room["start"], room["end"]
    spans = b"[0 %010d %010d %010d]" % (start, end, len(data) - end)
    data[room["range"] : room["range"] + len(_RANGE)] = spans
    digest = mould.state.copy()
    view = memoryview(data)
    digest.update(view[len(mould.prefix) : start])
    digest.update(view[end:])
    view.release()
    return Unsigned(data, start, end, digest.digest(), signature.at)
