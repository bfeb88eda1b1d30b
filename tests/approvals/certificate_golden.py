"""Golden bytes of the designs: ``python -m tests.approvals.certificate_golden`` writes certificate_golden.toml anew.

Run it after a change that is meant to change the pages, look at the pages, and say in the commit what changed. The file
names the versions the bytes were made with; with others the bytes may rightly differ.
"""

import hashlib
import tomllib
from pathlib import Path

from approvals.certificates.design import designs, load
from approvals.certificates.render import render

FILE = Path(__file__).with_name("certificate_golden.toml")


def versions() -> dict[str, str]:
    """What the bytes depend on beside our own files."""
    import weasyprint
    from weasyprint.text.ffi import harfbuzz, pango

    known = [n for n in range(1, 30) if harfbuzz.hb_version_atleast(n, 0, 0)]
    return {
        "weasyprint": weasyprint.__version__,
        "pango": str(pango.pango_version()),
        "harfbuzz": str(max(known)),
    }


def digests() -> dict[str, str]:
    """SHA-256 of the usual sample of each design."""
    return {name: hashlib.sha256(render(load(name).samples["usual"])).hexdigest() for name in designs()}


def read() -> dict[str, dict[str, str]]:
    """The file: tables ``versions`` and ``sha256``."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def main() -> None:
    """Write the file."""
    tables = {"versions": versions(), "sha256": digests()}
    lines = ["# Written by tests/approvals/certificate_golden.py; see there."]
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f'{key} = "{value}"' for key, value in sorted(table.items()))]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
