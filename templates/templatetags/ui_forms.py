"""Form parts: one field, the error summary, indicator rows, score scales, autosave state."""

import copy
from uuid import uuid4

from django import forms, template
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def once():
    """The one-time key of a form that begins something (`workflows.once`); every page has another."""
    return format_html('<input type="hidden" name="once" value="{}">', uuid4())


#: First match wins; subclasses stand before their parents.
KINDS = (
    (forms.CheckboxSelectMultiple, "checks"),
    (forms.RadioSelect, "radios"),
    (forms.CheckboxInput, "check"),
    (forms.FileInput, "file"),
    (forms.Textarea, "textarea"),
    (forms.Select, "select"),
    (forms.DateTimeInput, "datetime"),
    (forms.DateInput, "date"),
    (forms.NumberInput, "number"),
    (forms.PasswordInput, "password"),
    (forms.MultiWidget, "group"),
)
NARROW = {"number", "date", "datetime"}


def kind_of(bound):
    """Return the kit's name for the kind of control a bound field uses."""
    if bound.is_hidden:
        return "hidden"
    widget = bound.field.widget
    return next((name for cls, name in KINDS if isinstance(widget, cls)), "text")


def widget_for(bound, kind):
    """Return the widget to draw: native date pickers and a bare file input where needed."""
    widget = copy.copy(bound.field.widget)
    if kind == "date":
        widget.input_type, widget.format = "date", "%Y-%m-%d"
    elif kind == "datetime":
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif kind == "file":
        # Django's clearable input mixes link, checkbox and input; the kit shows the kept file itself.
        several = isinstance(widget, forms.FileInput) and widget.allow_multiple_selected
        plain = type(widget)(attrs=widget.attrs) if several else forms.FileInput(attrs=widget.attrs)
        plain.is_required = widget.is_required
        return plain
    return widget


def file_hint(bound):
    """Return the size and type hint of a file field from ``max_bytes`` and ``accept``."""
    field = bound.field
    parts = []
    accept = field.widget.attrs.get("accept") or getattr(field, "accept", "")
    if accept:
        kinds = [part.strip().lstrip(".").split("/")[-1].upper() for part in accept.split(",")]
        parts.append(_("格式：%(kinds)s") % {"kinds": _("、").join(kinds)})
    if getattr(field, "max_bytes", None):
        parts.append(_("不超过 %(size)s") % {"size": filesizeformat(field.max_bytes)})
    return _("；").join(parts)


def draw(bound, kind, described, counter):
    """Return the HTML of the control with its ARIA attributes."""
    attrs = {"class": "control"}
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if kind == "textarea" and counter:
        attrs["data-counter"] = f"{bound.auto_id}_counter"
    if kind == "number":
        whole = isinstance(bound.field, forms.IntegerField) and not isinstance(
            bound.field, (forms.DecimalField, forms.FloatField)
        )
        attrs["inputmode"] = "numeric" if whole else "decimal"
    if kind == "file" and getattr(bound.field, "accept", ""):
        attrs.setdefault("accept", bound.field.accept)
    return bound.as_widget(widget=widget_for(bound, kind), attrs=attrs)


@register.inclusion_tag("ui/field.html")
def field(bound, unit="", help="", width="", label="", rows=None, kept=None):  # noqa: A002
    """Draw one form field with label, （选填）, help, error and kept value.

    ``unit`` (or ``form_field.unit``) is a suffix such as 万元; ``width`` is "", "half" or "full";
    ``form_field.hints`` gives radios and check boxes a second line per value; ``kept`` is the file
    already stored (``name``, ``url``, ``size``).
    """
    kind = kind_of(bound)
    form_field = bound.field
    limit = getattr(form_field, "max_length", None) if kind == "textarea" else None
    hint = help or bound.help_text or ""
    base = bound.auto_id or bound.html_name
    more = file_hint(bound) if kind == "file" else ""
    described = [
        f"{base}_{name}"
        for name, wanted in (("help", hint), ("more", more), ("counter", limit), ("error", bound.errors))
        if wanted
    ]
    if rows and kind == "textarea":
        form_field.widget.attrs["rows"] = rows
    hints = getattr(form_field, "hints", None) or {}
    options = []
    if kind in ("radios", "checks"):
        for option in bound:
            value = option.data["value"]
            options.append(
                {
                    "tag": option.tag(),
                    "id": option.id_for_label,
                    "label": option.choice_label,
                    "hint": hints.get(value, ""),
                }
            )
    if kind == "file" and kept is None and getattr(bound.initial, "name", ""):
        kept = bound.initial
    return {
        "bound": bound,
        "kind": kind,
        "group": kind in ("radios", "checks", "group"),
        "base": base,
        "label": label or bound.label,
        "optional": not form_field.required and kind != "check",
        "help": hint,
        "more": more,
        "unit": unit or getattr(form_field, "unit", ""),
        "limit": limit,
        "length": len(str(bound.value() or "")) if limit else 0,
        "options": options,
        "described": " ".join(described),
        "errors": bound.errors,
        "width": width or ("narrow" if kind in NARROW else ""),
        "kept": kept,
        "control": "" if options else draw(bound, kind, described, limit),
    }


@register.inclusion_tag("ui/fields.html")
def fields(form):
    """Draw every visible field of a form in order, hidden ones too."""
    return {"form": form}


@register.inclusion_tag("ui/error_summary.html")
def error_summary(form=None, extra=()):
    """Draw the list of errors that takes the focus; nothing when there are none.

    ``extra`` adds ``{"href", "text"}`` for errors that belong to no form field.
    """
    items = []
    if getattr(form, "is_bound", False):
        for bound in form:
            anchor = bound.id_for_label or f"{bound.auto_id}_0"
            items += [{"href": f"#{anchor}", "text": error} for error in bound.errors]
        items += [{"href": "", "text": error} for error in form.non_field_errors()]
    items += list(extra or ())
    return {"items": items, "count": len(items)}


@register.inclusion_tag("ui/indicators.html")
def indicator_inputs(rows, caption="", columns=None, readonly=False):
    """Draw a table of indicators × columns (baseline and target unless named otherwise).

    ``rows``: ``{"key","label","unit","hint","values": {col: value}, "errors": {col: text}}``.
    ``columns``: ``(col, heading)`` pairs. Input names are ``<key>-<col>``.
    """
    pairs = list(columns or (("baseline", _("现状")), ("target", _("三年目标"))))
    drawn = []
    for row in rows:
        cells = []
        for col, heading in pairs:
            cells.append(
                {
                    "name": f"{row['key']}-{col}",
                    "heading": heading,
                    "value": (row.get("values") or {}).get(col, row.get(col)),
                    "error": (row.get("errors") or {}).get(col, ""),
                }
            )
        drawn.append({**row, "cells": cells})
    return {"rows": drawn, "columns": pairs, "caption": caption or _("绩效指标"), "readonly": readonly}


@register.inclusion_tag("ui/scale.html")
def scale(criterion, readonly=False):
    """Draw one scoring criterion.

    ``criterion``: ``{"name","label","weight","hint","max","value","error"}``; weights in percent;
    up to ``max`` 10 becomes 44-px radios, larger scales a number box.
    """
    top = int(criterion.get("max") or 10)
    low = int(criterion.get("min", 1 if top <= 10 else 0))
    return {
        "c": criterion,
        "top": top,
        "low": low,
        "readonly": readonly,
        "radios": top <= 10,
        "numbers": range(low, top + 1),
        "value": str(criterion.get("value") or ""),
    }


@register.inclusion_tag("ui/score_total.html")
def score_total(value="", label=""):
    """Draw the weighted sum; app.js keeps it live inside the nearest ``data-score`` form."""
    return {"value": value, "label": label or _("加权得分")}


@register.inclusion_tag("ui/savestate.html")
def savestate(at=""):
    """Draw the autosave line; ``at`` is the time of the last save as shown (16:02)."""
    return {"at": at}
