"""Rows of a table of administrative divisions, checked one by one. Columns: accounts/data/README.md."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from accounts.encodings import decoded
from accounts.models import Place

COLUMNS = (
    "code", "name", "short_name", "name_en", "kind", "parent_code_or_name", "valid_from", "valid_to",
    "successor",
)  # fmt: skip
_NEEDED = ("code", "name", "kind", "parent_code_or_name")
_LONGEST = {name: Place._meta.get_field(name).max_length for name in ("name", "short_name", "name_en")}


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a table. `row` is the line in the file, where the header is line 1."""

    row: int
    text: str

    def __str__(self):
        return f"第 {self.row} 行：{self.text}"


class DivisionsError(ValueError):
    """A table that is not loaded, with everything that is wrong with it."""

    def __init__(self, faults):
        self.faults = sorted(faults, key=lambda fault: fault.row)
        super().__init__("\n".join(map(str, self.faults)))


def read(data: bytes) -> list[dict]:
    """The rows of a CSV file in UTF-8 or GB 18030, each with its line under "row".

    Raises DivisionsError when the bytes are neither, or the columns are not those of the README.
    """
    reader = csv.DictReader(io.StringIO(_decoded(data), newline=""))
    header = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = header
    faults = [Fault(1, f"缺少列 {name}") for name in _NEEDED if name not in header]
    faults += [Fault(1, f"不认识的列 {name or '（空）'}") for name in header if name not in COLUMNS]
    if faults:
        raise DivisionsError(faults)
    rows = []
    for row in reader:
        if None in row:
            faults.append(Fault(reader.line_num, f"比表头多 {len(row[None])} 格"))
        elif any((value or "").strip() for value in row.values()):
            rows.append(row | {"row": reader.line_num})
    if faults:
        raise DivisionsError(faults)
    return rows


def _decoded(data):
    try:
        return decoded(data)
    except UnicodeDecodeError:
        raise DivisionsError([Fault(1, "文件既不是 UTF-8 也不是 GB18030 编码")]) from None


def parsed(rows: Iterable[Mapping]) -> tuple[list[dict], list[Fault]]:
    """The values of every sound row, and the faults of the others.

    A value has the fields of a place with their types, and the texts "parent" and "successor".
    """
    values, faults = [], []
    for number, row in enumerate(rows, start=2):
        text = {name: (row.get(name) or "").strip() for name in COLUMNS}
        line = row.get("row", number)
        days, wrong = _days(text)
        wrong += _wrong(text)
        if all(days) and days[1] < days[0]:
            wrong.append("停用日期早于启用日期")
        faults += [Fault(line, words) for words in wrong]
        if not wrong:
            values.append(
                text | {
                    "row": line,
                    "code": text["code"] or None,
                    "short_name": text["short_name"] or text["name"][: _LONGEST["short_name"]],
                    "parent": text["parent_code_or_name"],
                    "valid_from": days[0],
                    "valid_to": days[1],
                }
            )  # fmt: skip
    return values, faults


def _wrong(text):
    found = []
    if text["code"] and not re.fullmatch(r"[1-9]\d{5}", text["code"]):
        found.append(f"区划代码 {text['code']} 不是六位数字")
    if not text["name"]:
        found.append("缺少名称")
    found += [f"{name} 超过 {longest} 个字符" for name, longest in _LONGEST.items() if len(text[name]) > longest]
    if text["kind"] not in Place.Kind.values:
        found.append(f"不认识的类别 {text['kind'] or '（空）'}")
    elif (text["kind"] == Place.Kind.NATION) != (not text["parent_code_or_name"]):
        found.append("只有国家没有上级" if text["parent_code_or_name"] else "缺少上级")
    if text["successor"] and not text["valid_to"]:
        found.append("写了承接单位却没有停用日期")
    return found


def _days(text):
    days, wrong = [], []
    for name in ("valid_from", "valid_to"):
        day = None
        if text[name]:
            try:
                day = date.fromisoformat(text[name])
            except ValueError:
                wrong.append(f"{name} 的 {text[name]} 不是日期，须写成 2016-12-05 的样子")
        days.append(day)
    return days, wrong
