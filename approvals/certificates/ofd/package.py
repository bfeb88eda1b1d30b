"""Writes shapes, fonts and attachments as an OFD package (GB/T 33190-2016, 7). The same PDF gives the same bytes."""

import hashlib
import io
import zipfile
from collections.abc import Iterable
from xml.etree import ElementTree as ET

import pikepdf

from approvals.certificates.ofd.content import OfdRefused, read
from approvals.certificates.ofd.fonts import cut
from approvals.certificates.ofd.shapes import Clip, Colour, Page, Path, Picture, Segment, Text, scale

OFD = "http://www.ofdspec.org/2016"
UNSIGNED = "本 OFD 文件为未签名的副本，以经签名的 PDF 为准。 Unsigned copy; the signed PDF is what counts."
CAPS, JOINS = ("Butt", "Round", "Square"), ("Miter", "Round", "Bevel")
ET.register_namespace("ofd", OFD)


def convert(pdf: bytes) -> bytes:
    """The one page of *pdf*, its text, fonts and attachments, as an OFD file. Raises OfdRefused."""
    try:
        document = pikepdf.open(io.BytesIO(pdf))
    except pikepdf.PdfError as error:
        raise OfdRefused("this is no PDF file") from error
    with document:
        if len(document.pages) != 1:
            raise OfdRefused(f"the file has {len(document.pages)} pages; certificates have one")
        page = read(document.pages[0])
        held = {name: spec.get_file().read_bytes() for name, spec in sorted(document.attachments.items())}
        title = str(document.docinfo.get("/Title", "证书"))
        return _Package(page, hashlib.sha256(pdf).hexdigest(), title, held).zipped()


class _Package:
    """Numbers what needs a number, and keeps the files."""

    def __init__(self, page: Page, source: str, title: str, held: dict[str, bytes]) -> None:
        self.files: dict[str, bytes] = {}
        self.last = 0
        self.fonts, self.codes = {}, {}
        resources = ET.Element(_tag("Res"), BaseLoc="Res")
        self._fonts(page, ET.SubElement(resources, _tag("Fonts")))
        self.media = ET.Element(_tag("MultiMedias"))
        content = self._content(page)
        if len(self.media):
            resources.append(self.media)
        attachments = self._attachments(held)
        self.files = {
            "OFD.xml": _xml(self._about(source, title)),
            "Doc_0/Document.xml": _xml(self._document(page, attachments is not None)),
            "Doc_0/DocumentRes.xml": _xml(resources),
            "Doc_0/Pages/Page_0/Content.xml": _xml(content),
            **({"Doc_0/Attachs/Attachments.xml": _xml(attachments)} if attachments is not None else {}),
            **self.files,
        }

    def number(self) -> str:
        self.last += 1
        return str(self.last)

    def zipped(self) -> bytes:
        """The package; entries bear no time of day and no machine."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for name, data in self.files.items():
                entry = zipfile.ZipInfo(name)
                entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
                archive.writestr(entry, data)
        return out.getvalue()

    # --- documents --------------------------------------------------------------------------------------------------

    def _about(self, source: str, title: str) -> ET.Element:
        root = ET.Element(_tag("OFD"), Version="1.0", DocType="OFD")
        body = ET.SubElement(root, _tag("DocBody"))
        info = ET.SubElement(body, _tag("DocInfo"))
        _leaf(info, "DocID", source[:32])
        _leaf(info, "Title", title)
        _leaf(info, "Abstract", UNSIGNED)
        _leaf(info, "Creator", "Pilotage")
        custom = ET.SubElement(info, _tag("CustomDatas"))
        for name, value in (("Signature", "none"), ("SourceSHA256", source)):
            _leaf(custom, "CustomData", value, Name=name)
        _leaf(body, "DocRoot", "Doc_0/Document.xml")
        return root

    def _document(self, page: Page, attached: bool) -> ET.Element:
        number = self.number()
        root = ET.Element(_tag("Document"))
        common = ET.SubElement(root, _tag("CommonData"))
        _leaf(common, "MaxUnitID", str(self.last))
        area = ET.SubElement(common, _tag("PageArea"))
        _leaf(area, "PhysicalBox", _numbers((0, 0, page.width, page.height)))
        _leaf(common, "DocumentRes", "DocumentRes.xml")
        pages = ET.SubElement(root, _tag("Pages"))
        ET.SubElement(pages, _tag("Page"), ID=number, BaseLoc="Pages/Page_0/Content.xml")
        if attached:
            _leaf(root, "Attachments", "Attachs/Attachments.xml")
        return root

    def _attachments(self, held: dict[str, bytes]) -> ET.Element | None:
        if not held:
            return None
        root = ET.Element(_tag("Attachments"))
        for place, (name, data) in enumerate(held.items()):
            ending = name.rpartition(".")[2] if "." in name else ""
            file = f"attachment_{place}" + (f".{ending}" if ending.isalnum() else "")
            self.files[f"Doc_0/Attachs/{file}"] = data
            # xs:double, in kilobytes (GB/T 33190, table 73)
            item = ET.SubElement(
                root, _tag("Attachment"), ID=f"A{place}", Name=name, Format=ending, Size=f"{len(data) / 1024:.3f}"
            )
            _leaf(item, "FileLoc", file)
        return root

    def _fonts(self, page: Page, parent: ET.Element) -> None:
        for name in page.fonts:
            used = dict.fromkeys(
                glyph for one in page.shapes if isinstance(one, Text) and one.font == name for glyph in one.glyphs
            )
            data, self.codes[name] = cut(page.fonts[name], list(used))
            self.fonts[name] = self.number()
            file = f"font_{self.fonts[name]}.ttf"
            self.files[f"Doc_0/Res/{file}"] = data
            item = ET.SubElement(parent, _tag("Font"), ID=self.fonts[name], FontName=f"Certificate{self.fonts[name]}")
            _leaf(item, "FontFile", file)

    # --- the page ---------------------------------------------------------------------------------------------------

    def _content(self, page: Page) -> ET.Element:
        root = ET.Element(_tag("Page"))
        area = ET.SubElement(root, _tag("Area"))
        whole = _numbers((0, 0, page.width, page.height))
        _leaf(area, "PhysicalBox", whole)
        layer = ET.SubElement(ET.SubElement(root, _tag("Content")), _tag("Layer"), ID=self.number(), Type="Body")
        for shape in page.shapes:
            match shape:
                case Path():
                    self._path(layer, shape, whole)
                case Text():
                    self._text(layer, shape, whole)
                case Picture():
                    self._picture(layer, shape, whole)
        return root

    def _path(self, layer: ET.Element, path: Path, whole: str) -> None:
        given = {"ID": self.number(), "Boundary": whole, "Stroke": _yes(path.stroke), "Fill": _yes(path.fill)}
        if path.even_odd:
            given["Rule"] = "Even-Odd"
        if path.stroke:
            given |= {
                "LineWidth": _number(path.width),
                "Cap": CAPS[path.cap],
                "Join": JOINS[path.join],
                "MiterLimit": _number(path.mitre),
            }
            if path.dash:
                given |= {"DashPattern": _numbers(path.dash), "DashOffset": _number(path.offset)}
        item = ET.SubElement(layer, _tag("PathObject"), given)
        _clips(item, path.clips, whole)
        _colour(item, "StrokeColor", path.stroke)
        _colour(item, "FillColor", path.fill)
        _leaf(item, "AbbreviatedData", _data(path.segments))

    def _text(self, layer: ET.Element, text: Text, whole: str) -> None:
        a, b, c, d, e, f = text.matrix
        grow = scale(text.matrix)
        given = {
            "ID": self.number(),
            "Boundary": whole,
            "Font": self.fonts[text.font],
            "Size": _number(text.size * grow),
        }
        x, y = e, f
        # Upright: text space of PDF looks up, pages of OFD look down.
        if abs(b) > 1e-6 or abs(c) > 1e-6 or a < 0 or d > 0 or abs(a + d) > 1e-6:
            if text.clips:
                raise OfdRefused("turned text that is cut off is not carried over to OFD")
            given["CTM"] = _numbers((a / grow, b / grow, -c / grow, -d / grow, e, f))
            x = y = 0
        item = ET.SubElement(layer, _tag("TextObject"), given)
        _clips(item, text.clips, whole)
        _colour(item, "FillColor", text.fill)
        place = {"X": _number(x), "Y": _number(y)}
        if text.advances:
            place["DeltaX"] = _numbers(one * grow for one in text.advances)
        codes = self.codes[text.font]
        _leaf(item, "TextCode", "".join(codes[glyph] for glyph in text.glyphs), **place)

    def _picture(self, layer: ET.Element, picture: Picture, whole: str) -> None:
        media, file = self.number(), f"image_{self.last}.png"
        self.files[f"Doc_0/Res/{file}"] = picture.png
        item = ET.SubElement(self.media, _tag("MultiMedia"), ID=media, Type="Image", Format="PNG")
        _leaf(item, "MediaFile", file)
        left, top, right, bottom = picture.box
        matrix = _numbers((right - left, 0, 0, bottom - top, left, top))
        given = {
            "ID": self.number(),
            "Boundary": whole,
            "CTM": matrix,
            "ResourceID": media,
            "Alpha": str(picture.alpha),
        }
        item = ET.SubElement(layer, _tag("ImageObject"), given)
        _clips(item, picture.clips, whole)


def _clips(item: ET.Element, clips: Iterable[Clip], whole: str) -> None:
    clips = list(clips)
    if not clips:
        return
    parent = ET.SubElement(item, _tag("Clips"))
    for clip in clips:
        area = ET.SubElement(ET.SubElement(parent, _tag("Clip")), _tag("Area"))
        rule = {"Rule": "Even-Odd"} if clip.even_odd else {}
        path = ET.SubElement(area, _tag("Path"), {"Boundary": whole, "Stroke": "false", "Fill": "true", **rule})
        _leaf(path, "AbbreviatedData", _data(clip.segments))


def _colour(item: ET.Element, name: str, colour: Colour | None) -> None:
    if colour is not None:
        given = {"Value": " ".join(map(str, colour.rgb))} | ({"Alpha": str(colour.alpha)} if colour.alpha < 255 else {})
        ET.SubElement(item, _tag(name), given)


def _data(segments: Iterable[Segment]) -> str:
    return " ".join(f"{name} {_numbers(points)}".strip() for name, points in segments)


def _yes(colour: Colour | None) -> str:
    return "true" if colour is not None else "false"


def _number(value: float) -> str:
    """Thousandths of a millimetre; no exponents and no zeros for nothing."""
    return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) >= 0.00005 else "0"


def _numbers(values: Iterable[float]) -> str:
    return " ".join(map(_number, values))


def _tag(name: str) -> str:
    return f"{{{OFD}}}{name}"


def _leaf(parent: ET.Element, name: str, text: str, **given: str) -> ET.Element:
    item = ET.SubElement(parent, _tag(name), given)
    item.text = text
    return item


def _xml(root: ET.Element) -> bytes:
    return ET.tostring(root, encoding="UTF-8", xml_declaration=True)
