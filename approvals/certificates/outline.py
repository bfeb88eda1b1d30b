"""design.toml of a design: kind, size, font roles, size steps, art and the sample texts. Closed: unknown keys are faults."""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from approvals.certificates.findings import Fault
from approvals.certificates.text import CertificateText, marked_up

FILE = "design.toml"
KINDS = ("certificate", "plaque", "letter")
SAMPLES = ("shortest", "usual", "longest")
KEYS = {"label", "kind", "size", "margin", "fonts", "sizes", "steps", "art", "seal", "samples"}
SMALLEST, LARGEST = 50, 1200  # millimetres of a side
_TEXTS = ("title", "programme", "serial", "holder", "issuer", "verify_url", "check_code", "mark", "grade")
_DATES = ("issued_on", "valid_from", "valid_to")
_COMMON = {
    "verify_url": "https://verify.example.cn/v/076A99B44C/",
    "check_code": "076A99B44C",
    "mark": "样章／示例",
    "grade": "",
}


@dataclass(frozen=True)
class Outline:
    """What design.toml says."""

    label: Mapping[str, str]
    kind: str
    size: tuple[float, float]
    margin: tuple[float, float, float, float]  # top, right, bottom, left
    roles: Mapping[str, str]
    sizes: tuple[tuple[int | None, str], ...]
    steps: Mapping[str, tuple[tuple[int | None, str], ...]]
    art: Mapping[str, Any]
    seal: Mapping[str, str]
    samples: Mapping[str, CertificateText]


class _Faults:
    def __init__(self, source: str) -> None:
        self.list: list[Fault] = []
        self._lines = source.splitlines()

    def add(self, code: str, name: str) -> None:
        """A fault at the line where the last part of the dotted *name* is written, or at line 1."""
        key = name.rpartition(".")[2]
        found = (n for n, line in enumerate(self._lines, 1) if line.lstrip().startswith((key, f"[{name}]")))
        self.list.append(Fault(FILE, next(found, 1), code, {"name": name}))


def read_outline(
    source: str, arts: Mapping[str, Collection[str]], faces: Collection[str], lines: Collection[str]
) -> tuple[Outline | None, list[Fault]]:
    """The outline, or None, and every fault. *arts* are the kinds of engraving with the colours each needs."""
    try:
        data = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        return None, [Fault(FILE, 1, "toml", {"why": str(error)})]
    faults = _Faults(source)
    for key in sorted(data.keys() - KEYS):
        faults.add("key_unknown", key)
    for key in ("label", "kind", "size", "fonts", "samples"):
        if key not in data:
            faults.add("key_missing", key)
    if faults.list:
        return None, faults.list
    outline = Outline(
        label=_label(data["label"], faults),
        kind=data["kind"],
        size=_size(data["size"], faults),
        margin=_margin(data.get("margin", [0, 0, 0, 0]), faults),
        roles=_roles(data["fonts"], faces, faults),
        sizes=_sizes(data.get("sizes", ["normal"]), faults),
        steps=_steps(data.get("steps", {}), lines, faults),
        art=_art(data.get("art", {"kind": "none"}), arts, faults),
        seal=_seal(data.get("seal", {}), faults),
        samples={},
    )
    if data["kind"] not in KINDS:
        faults.add("key_value", "kind")
    samples = _samples(data["samples"], str(data["kind"]), faults)
    if faults.list:
        return None, faults.list
    return Outline(**{**vars(outline), "samples": samples}), []


def _is_table(value: Any, name: str, faults: _Faults) -> bool:
    if not isinstance(value, dict):
        faults.add("key_value", name)
        return False
    return True


def _label(value: Any, faults: _Faults) -> Mapping[str, str]:
    if not isinstance(value, dict) or set(value) != {"zh", "en"} or not all(isinstance(v, str) for v in value.values()):
        faults.add("key_value", "label")
        return {}
    return value


def _size(value: Any, faults: _Faults) -> tuple[float, float]:
    sides = value if isinstance(value, list) and len(value) == 2 else [0, 0]
    if not all(isinstance(side, int | float) and SMALLEST <= side <= LARGEST for side in sides):
        faults.add("key_value", "size")
        return (0.0, 0.0)
    return (float(sides[0]), float(sides[1]))


def _margin(value: Any, faults: _Faults) -> tuple[float, float, float, float]:
    if (
        not isinstance(value, list)
        or len(value) != 4
        or not all(isinstance(n, int | float) and 0 <= n <= 200 for n in value)
    ):
        faults.add("key_value", "margin")
        return (0.0, 0.0, 0.0, 0.0)
    top, right, bottom, left = map(float, value)
    return top, right, bottom, left


def _plain(name: Any) -> bool:
    return isinstance(name, str) and name.isascii() and name.replace("-", "").isalnum() and len(name) <= 20


def _roles(value: Any, faces: Collection[str], faults: _Faults) -> Mapping[str, str]:
    if not _is_table(value, "fonts", faults):
        return {}
    for role, face in value.items():
        if not _plain(role) or face not in faces:
            faults.add("key_value", f"fonts.{role}")
    return value


def _sizes(value: Any, faults: _Faults) -> tuple[tuple[int | None, str], ...]:
    """Sizes are classes, or tables of a class and the hanzi of all paragraphs up to which it is worth a try."""
    steps = [{"class": one} if isinstance(one, str) else one for one in value] if isinstance(value, list) else []
    good = 1 <= len(steps) <= 10 and all(
        isinstance(one, dict) and _plain(one.get("class")) and set(one) <= {"class", "upto"}
        and isinstance(one.get("upto", 1), int) for one in steps
    )  # fmt: skip
    if not good:
        faults.add("key_value", "sizes")
        return ((None, "normal"),)
    return tuple((one.get("upto"), one["class"]) for one in steps)


def _steps(
    value: Any, lines: Collection[str], faults: _Faults
) -> Mapping[str, tuple[tuple[int | None, str], ...]]:  # fmt: skip
    found = {}
    for slot, steps in (value if _is_table(value, "steps", faults) else {}).items():
        good = (
            slot in lines and isinstance(steps, list) and steps
            and all(isinstance(step, dict) and _plain(step.get("class")) for step in steps)
            and all(isinstance(step.get("upto"), int) for step in steps[:-1]) and "upto" not in steps[-1]
        )  # fmt: skip
        if good:
            found[slot] = tuple((step.get("upto"), step["class"]) for step in steps)
        else:
            faults.add("key_value", f"steps.{slot}")
    return found


def _is_colour(value: Any) -> bool:
    return (
        isinstance(value, str)
        and len(value) == 7
        and value[0] == "#"
        and all(c in "0123456789abcdef" for c in value[1:])
    )


def _art(value: Any, arts: Mapping[str, Collection[str]], faults: _Faults) -> Mapping[str, Any]:
    if not _is_table(value, "art", faults):
        return {}
    kind = value.get("kind")
    if kind not in arts:
        faults.add("key_value", "art.kind")
        return {}
    if set(value) != {"kind", *arts[kind]}:
        faults.add("key_value", "art")
    for name in arts[kind]:
        if not _is_colour(value.get(name)):
            faults.add("key_value", f"art.{name}")
    return value


def _seal(value: Any, faults: _Faults) -> Mapping[str, str]:
    if not _is_table(value, "seal", faults):
        return {}
    if value and (set(value) != {"ring", "word", "colour"} or not _is_colour(value["colour"])):
        faults.add("key_value", "seal")
    # The seal is ours and says what it is: no design may draw an agency's.
    elif value and "样章" not in str(value["word"]):
        faults.add("key_value", "seal.word")
    return value


def _samples(value: Any, kind: str, faults: _Faults) -> Mapping[str, CertificateText]:
    if not isinstance(value, dict) or set(value) != set(SAMPLES):
        faults.add("key_value", "samples")
        return {}
    found = {}
    for name in SAMPLES:
        words = {**_COMMON, **value[name]}
        try:
            paragraphs = tuple(marked_up(line) for line in words.pop("paragraphs", []))
            dates = {key: words.pop(key, None) for key in _DATES}
            texts = {key: words.pop(key) for key in _TEXTS}
            if words or not isinstance(dates["issued_on"], date) or not all(isinstance(t, str) for t in texts.values()):
                raise KeyError(name)
            found[name] = CertificateText(**texts, **dates, paragraphs=paragraphs, kind=kind, design="")
        except (KeyError, TypeError, AttributeError):
            faults.list.append(Fault(FILE, 1, "sample", {"name": name}))
    return found
