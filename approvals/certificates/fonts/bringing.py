"""A font a site brings is opened in a process of its own, with little memory and time: a hostile file ends that process."""

import json
import logging

from accounts import confined
from approvals.certificates.errors import FONT_REFUSALS, FontRefused
from approvals.certificates.fonts import FACES
from approvals.certificates.fonts.prepare import BIGGEST_RESULT

log = logging.getLogger(__name__)
# All of Noto Serif SC (24 MB) takes less than 300 MB and four seconds of a processor.
CPU_SECONDS, MEMORY_BYTES, WALL_SECONDS = 20, 800_000_000, 60


def bring(data: bytes, face: str, *, cpu: int = CPU_SECONDS, memory: int = MEMORY_BYTES) -> bytes:
    """The file *data* prepared for *face*, as `prepare.prepare` makes it. Raises FontRefused, KeyError for an unknown face."""
    if face not in FACES:
        raise KeyError(face)
    wanted = {"face": face, "cpu": cpu, "memory": memory}
    try:
        said = confined.ask("approvals.certificates.fonts.child", wanted, data, wall=WALL_SECONDS)
    except confined.Ended as ended:
        log.warning("a font ended its reader: %s", ended)
        raise FontRefused("not_a_font") from None
    line, _break, made = said.partition(b"\n")
    # The child may be anybody's by now: it is believed short words of ours and a file of some size.
    try:
        why = str(json.loads(line)["why"])
    except (ValueError, KeyError, TypeError):
        why = "not_a_font"
    if why or not 0 < len(made) <= BIGGEST_RESULT:
        raise FontRefused(why if why in FONT_REFUSALS else "not_a_font")
    return made
