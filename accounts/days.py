"""A day somebody types: the browser's own date field, and only days that can be reckoned with."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

# A day before and after, a term of many years: each must still be a day.
FIRST, LAST = date(1800, 1, 1), date(2999, 12, 31)
_BEYOND = _("日期须在 1800 年至 2999 年之间。")


class DayField(forms.DateField):
    """A day from 1800 to 2999, shown and sent as 2026-03-01."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        super().__init__(**more)
        self.validators += [MinValueValidator(FIRST, _BEYOND), MaxValueValidator(LAST, _BEYOND)]
