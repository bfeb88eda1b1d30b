"""From the form in the rules to a Django form. One spec, one place that knows what is valid."""

from decimal import Decimal
from functools import lru_cache

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.days import DayField

from .tables import IndicatorTable, RowTable
from .units import unit_of

_PHONE = RegexValidator(r"^[0-9+()（）\-\s转]{5,30}$", _("请填写有效的电话号码。"))


class SpecForm(forms.Form):
    """A form made from a section of the rules; `section` is that section."""

    section = None
    use_required_attribute = False


def section_form(rules, section):
    """The form class for one section. The same rules text gives the same class."""
    return _section_form(rules.code, rules.version, section.code, _Held(rules, section))


class _Held:
    """Carries the parsed objects past the cache key, which is made of the texts' identity."""

    def __init__(self, rules, section):
        self.rules, self.section = rules, section
        self.key = (rules.code, rules.version, section.code, id(section))

    def __eq__(self, other):
        return self.key == other.key

    def __hash__(self):
        return hash(self.key)


@lru_cache(maxsize=512)
def _section_form(_code, _version, section_code, held):
    fields = {spec.code: make_field(held.rules, spec) for spec in held.section.fields}
    return type(f"Section_{section_code}", (SpecForm,), {**fields, "section": held.section})


def make_field(rules, spec):
    """One Django field for one question. Money is in 万元 with two decimals."""
    common = {
        "label": _Lazy(spec.name),
        "required": spec.required,
        "help_text": _Lazy(spec.help) if spec.help else "",
    }
    field = _MAKERS[spec.type](rules, spec, common)
    # The kit prints it behind the box.
    field.unit = unit_of(spec)
    field.spec = spec
    return field


class _Lazy:
    """A bilingual text that decides its language when it is shown."""

    def __init__(self, words):
        self._words = words

    def __str__(self):
        return str(self._words)

    def __html__(self):
        from django.utils.html import escape  # noqa: PLC0415

        return escape(str(self._words))

    def __bool__(self):
        return True


def _text(_rules, spec, common):
    return forms.CharField(max_length=spec.max_length or 200, strip=True, **common)


def _paragraph(_rules, spec, common):
    rows = 10 if (spec.max_length or 0) > 600 else 5
    return forms.CharField(
        max_length=spec.max_length or 2000, strip=True, widget=forms.Textarea(attrs={"rows": rows}), **common
    )


def _bounds(spec):
    return {"min_value": spec.minimum, "max_value": spec.maximum}


def _integer(_rules, spec, common):
    low, high = spec.minimum, spec.maximum
    return forms.IntegerField(
        min_value=int(low) if low is not None else None, max_value=int(high) if high is not None else None, **common
    )


def _decimal(_rules, spec, common):
    return forms.DecimalField(max_digits=18, decimal_places=4, **_bounds(spec), **common)


def _money(_rules, spec, common):
    return forms.DecimalField(
        max_digits=16,
        decimal_places=2,
        min_value=spec.minimum if spec.minimum is not None else Decimal(0),
        max_value=spec.maximum,
        **common,
    )


def _percent(_rules, spec, common):
    return forms.DecimalField(max_digits=9, decimal_places=2, **_bounds(spec), **common)


def _date(_rules, _spec, common):
    return DayField(**common)


def _choice(_rules, spec, common):
    choices = [(choice.code, _Lazy(choice.name)) for choice in spec.choices]
    return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **common)


def _choices(_rules, spec, common):
    choices = [(choice.code, _Lazy(choice.name)) for choice in spec.choices]
    return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)


def _phone(_rules, _spec, common):
    return forms.CharField(max_length=30, validators=[_PHONE], **common)


def _email(_rules, _spec, common):
    return forms.EmailField(**common)


def _yes_no(_rules, _spec, common):
    return forms.ChoiceField(choices=[("yes", _("是")), ("no", _("否"))], widget=forms.RadioSelect, **common)


def _table(_rules, spec, common):
    return RowTable(spec.columns, **common)


def _indicators(rules, spec, common):
    return IndicatorTable([rules.indicator(code) for code in spec.indicators], **common)


_MAKERS = {
    "text": _text,
    "paragraph": _paragraph,
    "integer": _integer,
    "decimal": _decimal,
    "money": _money,
    "percent": _percent,
    "date": _date,
    "choice": _choice,
    "choices": _choices,
    "phone": _phone,
    "email": _email,
    "yes_no": _yes_no,
    "table": _table,
    "indicators": _indicators,
}
