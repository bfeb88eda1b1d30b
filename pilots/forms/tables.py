"""Table questions: indicators with baseline and target, and free rows. Both keep what was typed."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.digits import whole
from pilots.rules.parts import Words

BLANK_ROWS = 2
MOST_ROWS = 60


class GridWidget(forms.Widget):
    """A grid of text inputs named `<name>-<row>-<column>`; the value is {row: {column: text}}."""

    template_name = "ui/widgets/grid.html"

    def __init__(self, columns, rows=None, attrs=None):
        super().__init__(attrs)
        # columns: [(code, label, type)]; rows: [(code, label, unit)] fixed, or None for free rows.
        self.columns, self.rows = columns, rows

    def value_from_datadict(self, data, files, name):
        stored = data.get(name)
        if isinstance(stored, (dict, list)):
            return stored
        if self.rows is not None:
            return {
                row: {column: (data.get(f"{name}-{row}-{column}") or "").strip() for column, *_ in self.columns}
                for row, *_ in self.rows
            }
        rows = []
        for index in range(MOST_ROWS):
            row = {column: (data.get(f"{name}-{index}-{column}") or "").strip() for column, *_ in self.columns}
            if any(row.values()):
                rows.append(row)
        return rows

    def value_omitted_from_data(self, data, files, name):
        return name not in data and not any(key.startswith(f"{name}-") for key in data)

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["invalid"] = bool((attrs or {}).get("aria-invalid"))
        context["columns"] = [{"code": code, "label": str(label), "type": kind} for code, label, kind in self.columns]
        if self.rows is not None:
            value = value or {}
            labels = [(code, str(label), str(unit), value.get(code, {})) for code, label, unit in self.rows]
        else:
            given = list(value or [])
            spare = min(BLANK_ROWS, MOST_ROWS - len(given))
            labels = [(index, str(index + 1), "", row) for index, row in enumerate(given + [{}] * spare)]
        context["rows"] = [
            {
                "label": label,
                "unit": unit,
                "cells": [
                    {"name": f"{name}-{code}-{column}", "title": str(title), "label": f"{label} {title}",
                     "value": row.get(column, ""), "numeric": kind != "text"}
                    for column, title, kind in self.columns
                ],
            }
            for code, label, unit, row in labels
        ]  # fmt: skip
        return context

    def format_value(self, value):
        return value

    def cell_of(self, name, posted):
        """(row, column) a posted input name stands for inside the field `name`, or None; rows count from 0."""
        row, _dash, column = posted.removeprefix(f"{name}-").rpartition("-")
        if not posted.startswith(f"{name}-") or column not in {code for code, *_rest in self.columns}:
            return None
        if self.rows is not None:
            return (row, column) if row in {code for code, *_rest in self.rows} else None
        number = whole(row)
        return (number, column) if number is not None and number < MOST_ROWS else None

    def with_cell(self, value, cell, text):
        """The stored value with one cell replaced; `value` itself is left alone."""
        row, column = cell
        if self.rows is not None:
            value = dict(value or {})
            value[row] = {**value.get(row, {}), column: text}
            return value
        rows = [dict(item) for item in (value or [])]
        rows += [{} for _missing in range(row + 1 - len(rows))]
        rows[row][column] = text
        return rows


def number_of(text):
    try:
        number = Decimal(str(text).replace(",", "").replace("，", ""))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


class IndicatorTable(forms.Field):
    """Baseline and target of each indicator. Value: {indicator: {"baseline": text, "target": text}}."""

    def __init__(self, indicators, **kwargs):
        self.indicators = indicators
        columns = [
            ("baseline", Words(zh="现状值", en="Baseline"), "decimal"),
            ("target", Words(zh="目标值", en="Target"), "decimal"),
        ]
        rows = [(indicator.code, indicator.name, indicator.unit) for indicator in indicators]
        super().__init__(widget=GridWidget(columns, rows), **kwargs)

    def clean(self, value):
        value = value or {}
        faults = []
        for indicator in self.indicators:
            row = value.get(indicator.code) or {}
            for column, title in (("baseline", _("现状值")), ("target", _("目标值"))):
                text = str(row.get(column, "")).strip()
                if not text and self.required:
                    faults.append(_("%(row)s：缺少%(column)s。") % {"row": indicator.name, "column": title})
                elif text and number_of(text) is None:
                    faults.append(_("%(row)s：%(column)s“%(text)s”不是数字。") % {
                        "row": indicator.name, "column": title, "text": text[:20]})  # fmt: skip
        if faults:
            raise ValidationError(faults)
        return value


class RowTable(forms.Field):
    """Free rows with the columns of the rules. Value: [{column: text}]."""

    def __init__(self, columns, **kwargs):
        self.columns = columns
        super().__init__(widget=GridWidget([(c.code, c.name, c.type) for c in columns]), **kwargs)

    def clean(self, value):
        rows = value or []
        if self.required and not rows:
            raise ValidationError(_("请至少填写一行。"))
        faults = [
            _("第 %(n)s 行：%(column)s“%(text)s”不是数字。") % {"n": n, "column": column.name, "text": text[:20]}
            for n, row in enumerate(rows, start=1)
            for column in self.columns
            if column.type != "text" and (text := str(row.get(column.code, ""))) and number_of(text) is None
        ]
        if faults:
            raise ValidationError(faults)
        return rows
