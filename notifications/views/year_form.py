"""The form a year's table is given in: a file or a pasted table, and the document it was taken from."""

import csv
import io
from datetime import date, datetime

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from notifications.years.table import TableError, parse, text_of
from pilots.sheets import grid

# A year has 366 days at most; what is longer is something else.
MOST_BYTES, MOST_ROWS = 256 * 1024, 400


class YearForm(forms.Form):
    """Year, source and table. A file that was read stands in the text afterwards, so that its faults can be mended there.

    After `is_valid`, `rows` are the days; `table_faults` the sentences about the table, each with its line.
    """

    year = forms.IntegerField(label=_("年份"), min_value=2004, max_value=2100)
    source = forms.CharField(
        label=_("依据文件"), max_length=120, error_messages={"required": _("请填写放假安排依据的文件。")}, help_text=_("通知的名称和文号，如“国务院办公厅关于2027年部分节假日安排的通知（国办发明电〔2026〕7号）”。"),
    )  # fmt: skip
    file = forms.FileField(
        label=_("CSV 或 XLSX 文件"), required=False, help_text=_("三列：date,kind,name；放假写 holiday，调休上班写 workday。"),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )  # fmt: skip
    table = forms.CharField(
        label=_("放假安排表"), required=False, max_length=40000,
        help_text=_("选了文件时以文件为准；也可以直接在这里填写，一行一天。"),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )  # fmt: skip

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.rows, self.table_faults = [], []

    def clean(self):
        """Reads the table. A fault is told by line, and nothing of the table is taken."""
        data = super().clean()
        file = data.get("file")
        text = self._text_of(file) if file else data.get("table", "")
        if file and text is not None:
            # What was in the file stands in the form now: the browser cannot be given the file again.
            self.data = self.data.copy()
            self.data["table"] = data["table"] = text
        if text is None:
            return data
        if not text.strip():
            self.add_error("table", _t("请选择文件，或填写放假安排表。"))
        elif "year" in data:
            try:
                _year, self.rows = parse(text.encode(), data["year"])
            except TableError as error:
                self.table_faults = error.lines()
                self.add_error("table", _t("表中有 %(n)s 处错误，没有装入任何日期。") % {"n": len(error.faults)})
            else:
                self.data = self.data.copy()
                self.data["table"] = text_of(self.rows)
        return data

    def _text_of(self, file):
        """The file as CSV text, or None when it cannot be read (and the form says why)."""
        if file.size > MOST_BYTES:
            self.add_error("file", _t("文件超过 %(max)s KB，不像一年的放假安排。") % {"max": MOST_BYTES // 1024})
            return None
        data = file.read()
        try:
            if not grid.is_workbook(file.name, data):
                # As it was written: the faults of a table are told by its own lines.
                return grid.text_of(data).replace("\r\n", "\n")
            rows = grid.rows(file.name, data, most=MOST_ROWS, columns=4)
        except grid.Unreadable as fault:
            self.add_error("file", str(fault))
            return None
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(_cells(row) for row in rows)
        return out.getvalue()


def _cells(row):
    """The cells of a row as text; empty ones at the end are no cells."""
    cells = [_cell(value) for value in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(value):
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else "" if value is None else str(value).strip()
