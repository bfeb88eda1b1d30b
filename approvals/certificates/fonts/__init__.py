"""The fonts a certificate is set in: subsets committed to the repository, so no machine needs CJK fonts.

A *role* is what a design asks for (小标宋, 宋体, 楷体, 仿宋, 黑体); a *face* is the file that answers. A site may answer
a role with a font it has bought (`Fonts`). A character a face lacks is set in the next face of the role's chain, in an
order chosen here and never by the operating system.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

REGULAR = FOLDER / "PilotageSerifSC-Regular.otf"
BOLD = FOLDER / "PilotageSerifSC-Bold.otf"
KAI = FOLDER / "PilotageKaiSC-Regular.ttf"
FANG = FOLDER / "PilotageFangSC-Regular.otf"
HEI = FOLDER / "PilotageSansSC-Bold.otf"

#: Face -> packaged file. The first five are the type faces of GB/T 9704-2012; the others are older names for them.
ROLES = {
    "xiaobiaosong": BOLD, "song": REGULAR, "kai": KAI, "fangsong": FANG, "hei": HEI,
    "title": BOLD, "strong": BOLD, "seal": BOLD, "body": REGULAR, "label": REGULAR,
}  # fmt: skip

#: Which face steps in for a character the face itself lacks: first the nearest in style, at last the most complete.
STEPS_IN = {
    "xiaobiaosong": ("hei", "song"),
    "song": ("kai",),
    "kai": ("song",),
    "fangsong": ("kai", "song"),
    "hei": ("xiaobiaosong", "song"),
}
FACES = tuple(STEPS_IN)


@dataclass(frozen=True)
class Face:
    """One font file under the family name the style sheets use for it."""

    role: str
    family: str
    sha256: str
    source: Path | bytes

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()

    @cached_property
    def characters(self) -> frozenset[int]:
        """Code points the face has a glyph for."""
        from approvals.certificates.coverage import known_characters  # noqa: PLC0415 - coverage knows the roles

        return known_characters(self.source)


@lru_cache(maxsize=16)
def _packaged(role: str) -> Face:
    file = ROLES[role]
    return Face(role, file.stem.partition("-")[0] + file.stem.partition("-")[2], _digest(file.read_bytes()), file)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class Fonts:
    """Which file answers each face. *own* maps a face of `FACES` to a file a site prepared (`prepare.prepare`).

    Raises KeyError for a face that does not exist.
    """

    def __init__(self, own: Mapping[str, bytes | Path] | None = None) -> None:
        self._own = {}
        for role, source in (own or {}).items():
            if role not in STEPS_IN:
                raise KeyError(role)
            data = source if isinstance(source, bytes) else source.read_bytes()
            digest = _digest(data)
            # The family carries the hash, so that two sites' files never meet under one name in a process.
            self._own[role] = Face(role, f"Site{role.capitalize()}{digest[:8]}", digest, data)

    def face(self, role: str) -> Face:
        """The file that answers *role*."""
        return self._own.get(role) or _packaged(role)

    def chain(self, role: str) -> tuple[Face, ...]:
        """The face of *role* and those that step in for it; the packaged original stands behind a site's own file."""
        faces = [self.face(role)]
        faces += [_packaged(role)] if role in self._own else []
        return (*faces, *(_packaged(other) for other in STEPS_IN[role]))

    def missing(self, text: str, role: str) -> str:
        """The characters of *text* no face of the chain can draw, each once, in order.

        Plain white space is no character, HTML folds it; any other space needs a glyph like a letter, or a font of the
        machine would be asked for its width.
        """
        chain = self.chain(role)
        absent = (c for c in text if c not in " \t\r\n" and not any(ord(c) in face.characters for face in chain))
        return "".join(dict.fromkeys(absent))

    @cached_property
    def sha256(self) -> str:
        """Identity of the whole set: what was drawn with one set may not be reused with another."""
        return _digest("".join(self.face(role).sha256 for role in FACES).encode())


DEFAULT = Fonts()
