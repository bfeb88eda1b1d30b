"""Units of the form's questions in the reader's language; a unit not known here is shown as written."""

from django.utils.translation import gettext_lazy as _

_WORDS = {
    "万元": _("万元"),
    "亿元": _("亿元"),
    "万人": _("万人"),
    "人": _("人"),
    "平方米": _("平方米"),
}
# What a type is counted in unless the rules say otherwise.
_USUAL = {"money": "万元", "percent": "%"}


def unit_of(spec):
    """The unit printed behind a question's value; "" where there is none. Lazy: decided when it is shown."""
    unit = spec.unit or _USUAL.get(spec.type, "")
    return _WORDS.get(unit, unit)


def in_ten_thousand_yuan(spec):
    """True when the value is an amount in 万元, as local governments write it."""
    return spec.type == "money" and spec.unit in ("", "万元")
