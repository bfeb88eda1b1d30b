"""How the door says no: what, why, and nothing done."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.acts import Unmet


class Refused(Exception):
    """Base: the act was not done and nothing was changed. `reasons` are in words, with codes."""

    def __init__(self, reasons: list[Unmet]) -> None:
        self.reasons = reasons
        super().__init__("；".join(reason.text for reason in reasons))


class Unknown(Refused):
    """There is no such act on such a case."""


class Denied(Refused):
    """The person has no seat from which this may be done. `who` names those who have."""

    def __init__(self, reasons: list[Unmet], who: list[Any] | None = None) -> None:
        self.who = who or []
        super().__init__(reasons)


class NotNow(Refused):
    """The state does not allow it, or conditions are unmet, or the input is at fault."""

    def __init__(self, reasons: list[Unmet], form: Any = None) -> None:
        self.form = form
        super().__init__(reasons)


class Stale(Refused):
    """The case has moved on since the person looked at it. `changes` are the ledger rows they have not seen."""

    def __init__(self, changes: list[Any]) -> None:
        self.changes = changes
        super().__init__([Unmet("stale", _("状态已变，刷新后重试。"))])


class Broken(Exception):
    """The flow and the state of a case disagree: a fault of ours, and the act is rolled back."""
