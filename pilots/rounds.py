"""A rolling intake has no end: when what came in is collected, the next round is open already (programmes.md card 34)."""

from datetime import datetime, time, timedelta
from typing import Any

from accounts import clock
from pilots.models import Application, ApplicationState, Batch, Counter
from pilots.timing import after

# How long a round of a rolling intake collects where the rules name no period (X).
_YEAR = 365


def submitted(batch: Batch) -> Any:
    """What has been handed in in a round and has not left it."""
    gone = (ApplicationState.DRAFT, ApplicationState.WITHDRAWN, ApplicationState.DEEMED_WITHDRAWN)
    return Application.objects.filter(batch=batch).exclude(state__in=gone)


def end_of_round(rules: Any, opens: Any) -> datetime:
    """The instant a round that opens on a day is collected at the latest: the rules' period, or a year."""
    period = rules.window.period
    last = after(opens, period) if period else opens + timedelta(days=_YEAR)
    return datetime.combine(last + timedelta(days=1), time(0), tzinfo=clock.SHANGHAI)


def usual_title(rules: Any, day: Any) -> str:
    """What a batch that begins on a day is usually called; Chinese, like the call it heads."""
    return f"{day.year}年{rules.name.zh}{'受理' if rules.window.kind == 'rolling' else '申报'}"


def following(deed: Any) -> Batch:
    """The round after the one that is being closed, open at once, under the rules in force now."""
    old, today = deed.obj, clock.today(deed.at)
    version = old.programme.current or old.rules_version
    serial = Counter.take(f"batch:{old.programme.code}", today.year)
    batch = Batch.objects.create(
        programme=old.programme, rules_version=version, intake=version.rules.window.kind,
        number=f"{version.rules.number_prefix}-P{today.year}-{serial}", opens_on=today,
        title=f"{today.year}年{version.rules.name.zh}第{serial}轮受理"[:120],
        title_en=f"{version.rules.name.en}, round {serial} of {today.year}"[:160],
        closes_at=end_of_round(version.rules, today),
    )  # fmt: skip
    deed.perform(batch, "begin")
    deed.perform(batch, "open_intake")
    deed.facts["next"] = batch.number
    return batch
