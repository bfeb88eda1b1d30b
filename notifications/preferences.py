"""How a person wants to be told: what at once, what in the digest, what not at all, by channel; and when never."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from django.utils.translation import gettext_lazy as _

from accounts import clock
from notifications.channels import registry
from notifications.channels.base import Channel

Mode = Literal["now", "digest", "off"]
MODES = {"now": _("立即发送"), "digest": _("每日汇总"), "off": _("不发送")}
# Every kind of message (notifications.words) with its name and its usual mode: only what cannot wait interrupts.
# A channel may have other defaults (SMS: channels/sms). The inbox gets everything, always.
KINDS: dict[str, tuple[object, Mode]] = {
    "duty_opened": (_("新的待办"), "digest"),
    "reminder": (_("到期提醒"), "digest"),
    "due_today": (_("今日到期"), "now"),
    "overdue": (_("逾期"), "now"),
    "escalation": (_("督办（下级逾期）"), "now"),
    "vacant": (_("承办岗位空缺"), "now"),
    "date_changed": (_("期限变更"), "digest"),
    "outcome": (_("办理结果"), "digest"),
}
# Office hours in which digests leave, and the night in which nothing does (X: customer confirms).
OPENS, CLOSES = time(9), time(18)
QUIET = (time(22), time(7))


@dataclass(frozen=True)
class Choice:
    """What one person chose: a mode per personal channel and kind, and the hours in which nothing rings."""

    modes: dict[str, dict[str, Mode]]
    quiet: tuple[time, time]

    @property
    def mail(self) -> dict[str, Mode]:
        """The choices about e-mail."""
        return self.modes["email"]


def personal() -> dict[str, Channel]:
    """The channels a person has a choice about; the inbox is not one: it gets everything, always."""
    return {code: channel for code, channel in registry.every().items() if channel.personal and channel.modes}


def chosen(user) -> Choice:
    """The person's choices; what was never chosen, or is unknown by now, has its default."""
    stored = user.telling or {}
    modes = {code: _modes(channel, stored.get(channel.stored_as)) for code, channel in personal().items()}
    try:
        start, end = (time.fromisoformat(value) for value in stored["quiet"])
    except (KeyError, ValueError, TypeError):
        start, end = QUIET
    return Choice(modes, (start, end))


def _modes(channel: Channel, stored) -> dict[str, Mode]:
    stored = stored if isinstance(stored, dict) else {}
    return {
        kind: stored[kind] if stored.get(kind) in channel.modes else channel.default(kind, usual)
        for kind, (_name, usual) in KINDS.items()
    }


def when(user, kind: str, at: datetime, channel: str = "email") -> tuple[Mode, datetime]:
    """(mode, first instant) of a message of `kind` written at `at` over a personal channel. Days are Shanghai's.

    Whether the day of the digest is a working day is asked when it is sent: the calendar may be newer by then.
    """
    choice = chosen(user)
    mode = choice.modes[channel].get(kind) or personal()[channel].default(kind, "now")
    return mode, next_opening(at) if mode == "digest" else after_quiet(at, choice.quiet)


def when_to_group(kind: str, at: datetime) -> tuple[Mode, datetime]:
    """The same for a group's bot: it rings for many, and nobody chose; the kinds' own modes and the usual night hold."""
    mode = KINDS[kind][1] if kind in KINDS else "now"
    return mode, next_opening(at) if mode == "digest" else after_quiet(at, QUIET)


def next_opening(at: datetime) -> datetime:
    """The next nine o'clock, or `at` itself on the stroke of it."""
    local = at.astimezone(clock.SHANGHAI)
    opening = local.replace(hour=OPENS.hour, minute=0, second=0, microsecond=0)
    return opening if local <= opening else opening + timedelta(days=1)


def after_quiet(at: datetime, quiet: tuple[time, time]) -> datetime:
    """`at`, or the end of the quiet hours it falls into. Equal ends: no quiet hours."""
    start, end = quiet
    local = at.astimezone(clock.SHANGHAI)
    now = local.time()
    inside = start <= now < end if start < end else start != end and (now >= start or now < end)
    if not inside:
        return at
    ends = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
    return ends if ends > local else ends + timedelta(days=1)


def office_hours(at: datetime, calendar) -> bool:
    """True when digests may leave: a working day between nine and six."""
    local = at.astimezone(clock.SHANGHAI)
    return OPENS <= local.time() < CLOSES and calendar.is_working(local.date())
