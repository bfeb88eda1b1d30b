"""Pictures as ready PDF objects: art and seal as compressed vector forms made once, the QR code as a one-bit mask.

WeasyPrint would parse an SVG and redraw it on every page, which is most of the time a certificate costs; these put a
name into the page and hand over the bytes.
"""

import zlib
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

import pydyf
from weasyprint.images import SVGImage
from weasyprint.pdf.stream import Stream

from approvals.certificates.qr import Code

PX_PER_MM = 96 / 25.4
DARK = (0.114, 0.102, 0.086)  # #1d1a16, the colour of the text


class Ready(pydyf.Stream):
    """A stream object whose bytes were made before. *head* is its dictionary without /Length and /Filter."""

    def __init__(self, head: bytes, body: bytes, *, deflated: bool, is_code: bool = False) -> None:
        super().__init__()
        self.is_code = is_code
        coding = b" /Filter /FlateDecode" if deflated else b""
        self._data = b"<< %s%s /Length %d >>\nstream\n%s\nendstream" % (head, coding, len(body), body)

    @property
    def data(self) -> bytes:
        """The object as it stands in the file."""
        return self._data


@lru_cache(maxsize=64)
def form(svg: str, width: float, height: float) -> tuple[bytes, bytes]:
    """*svg* drawn into a box of *width* × *height* pixels: dictionary entries and deflated operators of a form."""
    resources = pydyf.Dictionary({
        name: pydyf.Dictionary() for name in ("ExtGState", "XObject", "Pattern", "Shading", "ColorSpace")
    })  # fmt: skip
    stream = Stream({}, (0, 0, width, height), resources, {}, None, {}, "srgb", compress=True)
    SVGImage(ElementTree.fromstring(svg), None, None, None).draw(stream, width, height, None)  # noqa: S314 - our own art
    used = pydyf.Dictionary({name: value for name, value in resources.items() if value})
    if set(used) - {"ExtGState"}:
        raise ValueError("art may only have flat colours")
    box = pydyf.Array((0, 0, round(width, 3), round(height, 3)))
    head = b"/Type /XObject /Subtype /Form /BBox %s /Resources %s" % (box.data, used.data)
    operators = b"\n".join(part if isinstance(part, bytes) else str(part).encode() for part in stream.stream)
    return head, zlib.compress(operators, 9)


class Picture:
    """What WeasyPrint needs of an image: a natural size in millimetres and how to draw it."""

    def __init__(self, name: str, size: tuple[float, float]) -> None:
        self.name = name
        self._size = (size[0] * PX_PER_MM, size[1] * PX_PER_MM)

    def get_intrinsic_size(self, image_resolution: Any, font_size: Any) -> tuple[float, float, float]:
        """Width, height (pixels) and their ratio."""
        width, height = self._size
        return width, height, width / height

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: Any) -> None:
        """Puts the picture into *stream*, whose origin is its upper left corner."""
        raise NotImplementedError


class Vector(Picture):
    """A drawing given as SVG."""

    def __init__(self, name: str, size: tuple[float, float], svg: str) -> None:
        super().__init__(name, size)
        self._svg = svg

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: Any) -> None:
        """Refers to the form; it is written into the file once."""
        head, body = form(self._svg, concrete_width, concrete_height)
        stream._resources["XObject"][self.name] = Ready(head, body, deflated=True)
        stream.draw_x_object(self.name)


def qr_object(code: Code) -> Ready:
    """The mask of *code* as an image object."""
    head = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ImageMask true /BitsPerComponent 1 /Decode [1 0]" % (
        code.size,
        code.size,
    )
    return Ready(head, code.rows, deflated=False, is_code=True)


class Qr(Picture):
    """A QR code on white."""

    def __init__(self, code: Code) -> None:
        super().__init__("qr", (25, 25))
        self._code = code

    def draw(self, stream: Any, concrete_width: float, concrete_height: float, style: Any) -> None:
        """A white square and the mask, whose first row is the upper one."""
        stream._resources["XObject"][self.name] = qr_object(self._code)
        stream.push_state()
        stream.set_color_rgb(1, 1, 1)
        stream.rectangle(0, 0, concrete_width, concrete_height)
        stream.fill()
        stream.set_color_rgb(*DARK)
        stream.transform(a=concrete_width, d=-concrete_height, f=concrete_height)
        stream.draw_x_object(self.name)
        stream.pop_state()
