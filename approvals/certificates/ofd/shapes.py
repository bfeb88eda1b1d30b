"""What stands on an OFD page: paths, texts and pictures, in millimetres from the upper left corner."""

from dataclasses import dataclass, field

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom
Segment = tuple[str, tuple[float, ...]]  # M, L, B or C, and its points
IDENTITY: Matrix = (1, 0, 0, 1, 0, 0)


def times(first: Matrix, second: Matrix) -> Matrix:
    """The matrix that does *first*, then *second* (ISO 32000-1, 8.3.4)."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def apply(matrix: Matrix, points: tuple[float, ...]) -> tuple[float, ...]:
    """*points*, x and y in turn, seen through *matrix*."""
    a, b, c, d, e, f = matrix
    out: list[float] = []
    for x, y in zip(points[::2], points[1::2], strict=True):
        out += (a * x + c * y + e, b * x + d * y + f)
    return tuple(out)


def scale(matrix: Matrix) -> float:
    """By how much lengths grow: the root of the area's growth, which is exact where nothing is skewed."""
    return abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5


@dataclass(frozen=True)
class Colour:
    """Red, green and blue from 0 to 255, and how opaque (0 to 255)."""

    rgb: tuple[int, int, int] = (0, 0, 0)
    alpha: int = 255


@dataclass(frozen=True)
class Path:
    """A drawn path; ``clips`` are paths outside of which nothing shows."""

    segments: tuple[Segment, ...]
    fill: Colour | None
    stroke: Colour | None
    even_odd: bool = False
    width: float = 0
    cap: int = 0
    join: int = 0
    mitre: float = 4
    dash: tuple[float, ...] = ()
    offset: float = 0
    clips: tuple["Clip", ...] = ()

    def box(self) -> Box:
        """The box around it, with its line."""
        return around(self.segments, self.width / 2 if self.stroke else 0)


@dataclass(frozen=True)
class Clip:
    """Where things show."""

    segments: tuple[Segment, ...]
    even_odd: bool = False

    def hides(self, box: Box) -> bool:
        """Whether it may hide something of *box*. A rectangle around it hides nothing."""
        left, top, right, bottom = around(self.segments, 0)
        corners = {
            point
            for name, points in self.segments
            if name != "C"
            for point in zip(points[::2], points[1::2], strict=True)
        }
        upright = corners <= {(x, y) for x in (left, right) for y in (top, bottom)}
        return not upright or left > box[0] or top > box[1] or right < box[2] or bottom < box[3]


@dataclass(frozen=True)
class Text:
    """Glyphs on a line: *matrix* places text units of *size* on the page, ``advances`` lead from glyph to glyph."""

    font: str
    size: float
    matrix: Matrix
    glyphs: tuple[int, ...]
    advances: tuple[float, ...]
    fill: Colour
    clips: tuple[Clip, ...] = ()


@dataclass(frozen=True)
class Picture:
    """An upright picture and its file's bytes (PNG)."""

    box: Box
    png: bytes
    alpha: int
    clips: tuple[Clip, ...] = ()


@dataclass
class Page:
    """Everything on a page, in the order in which it is drawn; fonts by their name in ``fonts``."""

    width: float
    height: float
    shapes: list[Path | Text | Picture] = field(default_factory=list)
    fonts: dict[str, object] = field(default_factory=dict)


def around(segments: tuple[Segment, ...], margin: float) -> Box:
    """The box around all points, *margin* wider on each side."""
    xs = [x for _name, points in segments for x in points[::2]] or [0.0]
    ys = [y for _name, points in segments for y in points[1::2]] or [0.0]
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin
