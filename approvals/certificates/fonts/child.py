"""The process that opens a font a site brought: two parsers, one of them native code, and nothing worth having.

On its input stand a line of JSON (the face, the limits) and the file; on its output a line of JSON and the prepared file.
"""

import json
import sys

from accounts.confined import confine
from approvals.certificates.errors import FontRefused
from approvals.certificates.fonts.prepare import prepare


def main() -> None:
    wanted = json.loads(sys.stdin.buffer.readline())
    confine(wanted["memory"], wanted["cpu"])
    made, why = b"", ""
    try:
        made = prepare(sys.stdin.buffer.read(), wanted["face"])
    except MemoryError:
        sys.exit(1)
    except FontRefused as fault:
        why = fault.why
    sys.stdout.buffer.write(json.dumps({"why": why}).encode() + b"\n" + made)
