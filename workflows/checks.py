"""System checks: settings under which the one door would not hold are refused."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from viewflow.workflow.lock import SelectForUpdateLock

from accounts.acts import every_act


@register(Tags.database)
def check_sqlite_is_immediate(app_configs: Any, **kwargs: Any) -> list[Error]:
    """147 of 300 losing presses died with "database is locked" without it (trust.md §3.5)."""
    options = settings.DATABASES["default"].get("OPTIONS", {})
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3") and options.get("transaction_mode") != "IMMEDIATE":
        return [Error("SQLite needs transaction_mode=IMMEDIATE", id="pilotage.E001")]
    return []


@register()
def check_flows_lock(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A flow without a blocking row lock lets two decisions through (trust.md §0.2)."""
    from workflows.flows import FLOWS  # noqa: PLC0415 - flows need the app registry

    return [
        Error(f"{flow.__name__} has no blocking lock", id="pilotage.E002")
        for flow in FLOWS
        if not isinstance(flow.lock_impl, SelectForUpdateLock) or flow.lock_impl.nowait
    ]


@register()
def check_acts_have_seats(app_configs: Any, **kwargs: Any) -> list[Error]:
    """An act without a seat could be done by nobody, or by a mistake by everybody."""
    return [
        Error(f"{label}.{act.code} names no role", id="pilotage.E003") for label, act in every_act() if not act.roles
    ]


@register(Tags.security)
def check_demo_is_not_production(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Role cards and a clock that can be moved have no place where it counts."""
    if settings.DEMO and not settings.DEMO_ALLOWED:
        return [Error("demo mode is on with a production database, broker or host name", id="pilotage.E004")]
    return []
