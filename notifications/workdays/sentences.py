"""Why this date: one sentence for the person who has to keep it, in Chinese or English."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from notifications.workdays.days import STOPPED, UNNAMED, WEEKEND

if TYPE_CHECKING:
    from notifications.workdays.arithmetic import Due, Period

EXCHANGED = "调休"

_ENGLISH = {
    "元旦": "New Year",
    "春节": "Spring Festival",
    "春节延长假期": "extended Spring Festival",
    "农历除夕": "Spring Festival Eve",
    "清明节": "Qingming",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    WEEKEND: "weekend",
    UNNAMED: "public holiday",
    EXCHANGED: "day off in exchange",
    STOPPED: "clock stopped",
}
_ZH_UNITS = {"working": "个工作日", "calendar": "日", "month": "个月", "year": "年"}
_EN_UNITS = {"working": "working day", "calendar": "calendar day", "month": "month", "year": "year"}

Spell = tuple[date, date, list[str]]
Skipped = tuple[tuple[date, str], ...]

# More plain weekends than this are only counted: a period of sixty working days passes a dozen of them.
_NAMED_WEEKENDS = 2


def _spells(skipped: Skipped) -> list[Spell]:
    """*skipped* as runs of neighbouring days, each with its names; a festival makes "weekend" redundant."""
    runs: list[list[tuple[date, str]]] = []
    for day, name in skipped:
        if runs and day - runs[-1][-1][0] == timedelta(days=1):
            runs[-1].append((day, name))
        else:
            runs.append([(day, name)])
    spells = []
    for run in runs:
        names = list(dict.fromkeys(part for _, name in run for part in name.split("、")))
        festivals = [name for name in names if name not in (WEEKEND, EXCHANGED)]
        spells.append((run[0][0], run[-1][0], festivals or names[:1]))
    return spells


def _zh_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _zh_short(day: date) -> str:
    return f"{day.month}月{day.day}日"


def _en_day(day: date) -> str:
    return day.isoformat()


def _range(first: date, last: date, *, joiner: str, zh: bool) -> str:
    show = _zh_short if zh else _en_day
    return show(first) if first == last else f"{show(first)}{joiner}{show(last)}"


def _summary(skipped: Skipped) -> tuple[list[Spell], int]:
    """The spells worth naming, and the number of weekend days that are not named."""
    spells = _spells(skipped)
    weekends = [spell for spell in spells if spell[2] == [WEEKEND]]
    if len(weekends) <= _NAMED_WEEKENDS:
        return spells, 0
    days = sum((last - first).days + 1 for first, last, _ in weekends)
    return [spell for spell in spells if spell[2] != [WEEKEND]], days


def _between(due: Due) -> Skipped:
    """What was passed over on the way to the last day."""
    return tuple(one for one in due.skipped if one[0] < due.nominal)


def _at_the_end(due: Due) -> Skipped:
    """What the last day was moved past."""
    return tuple(one for one in due.skipped if one[0] >= due.nominal)


def _zh_skipped(skipped: Skipped) -> str:
    spells, weekend_days = _summary(skipped)
    parts = [f"{_range(first, last, joiner='至', zh=True)}（{'、'.join(names)}）" for first, last, names in spells]
    if weekend_days:
        parts.append(f"周末共{weekend_days}天")
    return "、".join(parts)


def _chinese(due: Due, period: Period, start: date) -> str:
    count = f"{abs(period.n)}{_ZH_UNITS[period.unit]}"
    if period.n < 0:
        text = f"{_zh_day(start)}之前{count}"
    else:
        first = "起始日计入" if period.count_first_day else "起始日不计入"
        text = f"自{_zh_day(start)}起{count}（{first}）"
    rolled = due.on != due.nominal
    if between := _between(due):
        text += f"，其间{_zh_skipped(between)}不计"
    if due.made_up:
        text += f"，{'、'.join(map(_zh_short, due.made_up))}为调休上班日"
    if rolled:
        text += f"，末日{_zh_short(due.nominal)}遇{_zh_skipped(_at_the_end(due))}休息，顺延"
    hour = f"{period.cut_off:%H:%M}" if period.cut_off else "24时"
    text += f"，至{_zh_day(due.on)}{hour}（北京时间）止"
    if period.grace:
        text += f"；其后宽限{period.grace}日，系统在此期间不自动办理"
    if period.basis:
        text += f"；依据：{period.basis}"
    if due.provisional:
        text += "；有关年度的放假安排尚未公布，此日期为暂定"
    return text + "。"


def _en_skipped(skipped: Skipped) -> str:
    spells, weekend_days = _summary(skipped)
    parts = []
    for first, last, names in spells:
        named = ", ".join(_ENGLISH.get(name, name) for name in names)
        parts.append(f"{_range(first, last, joiner=' to ', zh=False)} ({named})")
    if weekend_days:
        parts.append(f"{weekend_days} weekend days")
    return ", ".join(parts)


def _english(due: Due, period: Period, start: date) -> str:
    plural = "" if abs(period.n) == 1 else "s"
    count = f"{abs(period.n)} {_EN_UNITS[period.unit]}{plural}"
    if period.n < 0:
        text = f"{count} before {_en_day(start)}"
    else:
        first = "that day counted" if period.count_first_day else "that day not counted"
        text = f"{count} from {_en_day(start)}, {first}"
    rolled = due.on != due.nominal
    if between := _between(due):
        text += f", not counting {_en_skipped(between)}"
    if due.made_up:
        verb = "is a worked weekend day" if len(due.made_up) == 1 else "are worked weekend days"
        text += f"; {', '.join(map(_en_day, due.made_up))} {verb}"
    if rolled:
        text += f"; the last day {_en_day(due.nominal)} is moved on past {_en_skipped(_at_the_end(due))}"
    hour = f"{period.cut_off:%H:%M}" if period.cut_off else "24:00"
    text += f"; ends {_en_day(due.on)} at {hour} Beijing time"
    if period.grace:
        text += f"; {period.grace} days of grace follow, in which nothing happens by itself"
    if period.basis:
        text += f"; basis: {period.basis}"
    if due.provisional:
        text += "; provisional, as the holiday notice of a year concerned is not published yet"
    return text + "."


def explain(due: Due, period: Period, start: date, lang: str = "zh-hans") -> str:
    """One sentence that says why *period* from *start* ends on ``due.on``.

    *lang* is a language code; anything that starts with "zh" gives Chinese, everything else English.
    """
    return _chinese(due, period, start) if lang.lower().startswith("zh") else _english(due, period, start)


def stated(on: date, closes: datetime, basis: str = "", lang: str = "zh-hans") -> str:
    """One sentence for a day that was not counted: the rules or a document set it. *closes* is local to Shanghai."""
    # An instant at midnight is the end of the day before.
    hour = "24:00" if closes.date() > on else f"{closes:%H:%M}"
    if lang.lower().startswith("zh"):
        text = f"此日期由规则或文书直接写明，不逐日计数，至{_zh_day(on)}{hour if hour != '24:00' else '24时'}（北京时间）止"
        return text + (f"；依据：{basis}" if basis else "") + "。"
    text = f"The day is set by the rules or a document, not counted; it ends {_en_day(on)} at {hour} Beijing time"
    return text + (f"; basis: {basis}" if basis else "") + "."
