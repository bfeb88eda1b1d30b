"""Stored answers as something to read: facts, tables, indicator rows, section by section."""

from django.utils.translation import gettext as _

from pilots.forms.units import in_ten_thousand_yuan, unit_of
from pilots.views.seen import tidy
from templates.templatetags.ui_marks import wan


def read(rules, answers, *, blind=False, contacts=True, before=None):
    """Every section with its answers in words.

    Returns [{"code", "name", "facts": [{label, value, hint}], "tables": [{caption, columns, rows}],
    "indicators": [{caption, rows}]}]. `blind` hides what identifies the applicant; without `contacts` only the
    fields marked as identifying go: experts never see whom to call (programmes.md §4). `before` is an earlier
    revision's answers: what changed since says so.
    """
    return [_section(rules, section, answers, blind, contacts, before) for section in rules.sections]


def _section(rules, section, answers, blind, contacts, before):
    given = answers.get(section.code, {})
    earlier = before.get(section.code, {}) if before is not None else None
    facts, tables, indicators = [], [], []
    for spec in section.fields:
        value = given.get(spec.code, "")
        # A title names its place whether or not the rules mark it.
        was = earlier.get(spec.code, "") if earlier is not None else value
        changed = earlier is not None and tidy(was) != tidy(value)
        if not contacts and not blind and spec.identifying:
            facts.append({"label": spec.name, "value": _("（不向评审专家显示）"), "hint": ""})
        elif blind and (spec.identifying or spec.code == "title"):
            facts.append({"label": spec.name, "value": _("（匿名评审，不显示）"), "hint": ""})
        elif spec.type == "table":
            tables.append(
                {
                    "caption": spec.name,
                    "hint": _("补正后有修改") if changed else "",
                    "before": _table_rows(spec, was) if changed else [],
                    "columns": [{"label": column.name, "num": column.type != "text"} for column in spec.columns],
                    "rows": _table_rows(spec, value),
                }
            )
        elif spec.type == "indicators":
            indicators.append(
                {"caption": spec.name, "rows": _indicator_rows(rules, spec, value or {}, was if changed else None)}
            )
        else:
            hint = _("补正前：%(old)s") % {"old": words(spec, was) or "—"} if changed else ""
            facts.append({"label": spec.name, "value": words(spec, value), "hint": hint})
    return {
        "code": section.code,
        "name": section.name,
        "facts": facts,
        "tables": tables,
        "indicators": indicators,
    }


def _table_rows(spec, value):
    return [
        [{"value": row.get(c.code, ""), "label": c.name, "num": c.type != "text"} for c in spec.columns]
        for row in (value or [])
    ]


def files(rules, now, before=None):
    """[{"material", "name", "uuid", "size", "change"}] of what was submitted; with `before`, what is new or gone says so."""
    names = {material.code: material.name for material in rules.materials}
    old = {(row["material"], row["sha256"]) for row in before or []}
    had = {row["material"] for row in before or []}
    kept = {row["material"] for row in now}
    rows = [row | {"label": names.get(row["material"], row["material"]), "change": ""} for row in now]
    if before is None:
        return rows
    for row in rows:
        if (row["material"], row["sha256"]) not in old:
            row["change"] = _("补正时替换") if row["material"] in had else _("补正时新增")
    gone = [row for row in before if row["material"] not in kept]
    return rows + [
        row | {"label": names.get(row["material"], row["material"]), "change": _("补正时撤下")} for row in gone
    ]


def _pair(row):
    """「12 / 15」: baseline and target of one indicator."""
    return " / ".join(str((row or {}).get(key) or "—") for key in ("baseline", "target"))


def _indicator_rows(rules, spec, value, was=None):
    return [
        {
            "key": code,
            "label": rules.indicator(code).name,
            "unit": str(rules.indicator(code).unit),
            "hint": _("补正前：%(old)s") % {"old": _pair((was or {}).get(code))}
            if was is not None and tidy((was or {}).get(code)) != tidy(value.get(code))
            else "",
            "values": value.get(code) or {},
        }
        for code in spec.indicators
    ]


def words(spec, value):
    """One plain answer as a reader expects it: names of choices, units after numbers."""
    if value in ("", None, []):
        return ""
    if spec.type in ("choice", "choices"):
        names = {choice.code: str(choice.name) for choice in spec.choices}
        chosen = value if isinstance(value, list) else [value]
        return _("、").join(names.get(code, str(code)) for code in chosen)
    if spec.type == "yes_no":
        return {"yes": _("是"), "no": _("否")}.get(value, str(value))
    if in_ten_thousand_yuan(spec):
        return wan(value)
    if spec.type == "percent":
        return f"{value} {spec.unit or '%'}"
    return f"{value} {unit_of(spec)}".strip()


def flatten(value):
    """A filing's stored answer, of any kind, on one line."""
    if isinstance(value, dict):
        return _("；").join(f"{key}：{flatten(item)}" for key, item in value.items())
    if isinstance(value, list):
        return _("；").join(str(flatten(item)) for item in value)
    return value
