"""The process that opens a workbook: no database, no secrets, so much memory and time and no more.

It knows nothing of the product. On its input stand a line of JSON (what is wanted) and the file; on its output JSON.
"""

import io
import json
import sys
import warnings
from datetime import date, time, timedelta

from openpyxl import load_workbook

from accounts.confined import confine

# Text that is more than this in all cells together is no form and no list.
MOST_CHARACTERS = 20_000_000


def main() -> None:
    wanted = json.loads(sys.stdin.buffer.readline())
    confine(wanted["memory"], wanted["cpu"])
    try:
        answer = look(sys.stdin.buffer.read(), wanted)
    except MemoryError:
        sys.exit(1)
    # A broken part of the package raises whatever its XML reader raises, a SyntaxError among others.
    except Exception as error:
        answer = {"fault": f"{type(error).__name__}: {error}"[:300]}
    sys.stdout.write(json.dumps(answer))


def look(data: bytes, wanted: dict) -> dict:
    """{"sheets": names of all, "pages": {name: rows of [type, value]}}; of a workbook that is too full, a fault."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=wanted["computed"], keep_links=False)
        names = wanted["sheets"]
        names = book.sheetnames[:1] if names is None else [name for name in names if name in book.sheetnames]
        pages, left = {}, MOST_CHARACTERS
        for name in names:
            # `values_only` would lose what kind of cell it was; empty ones at the end of a row are left out.
            rows = book[name].iter_rows(min_row=1, max_row=wanted["rows"], max_col=wanted["columns"])
            pages[name] = [_trimmed([_cell(cell) for cell in row]) for row in rows]
            left -= sum(len(str(cell[1])) for row in pages[name] for cell in row if cell)
            if left < 0:
                return {"fault": "too much text"}
        return {"sheets": book.sheetnames, "pages": pages}


def _cell(cell: object) -> list | None:
    value, kind = cell.value, cell.data_type  # type: ignore[attr-defined]
    if value is None:
        return None
    if isinstance(value, date):  # a datetime is one, too
        return ["d", value.isoformat()]
    if isinstance(value, time | timedelta):
        return ["s", str(value)]
    return [kind, value] if isinstance(value, str | int | float | bool) else [kind, str(value)]


def _trimmed(row: list) -> list:
    while row and row[-1] is None:
        row.pop()
    return row


if __name__ == "__main__":
    main()
