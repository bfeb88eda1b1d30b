"""When everything would happen under some rules if the call went out on a given day: the latest day of each step.

A function of rules, day and working-day calendar, like all arithmetic of deadlines.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from accounts.roles import Role
from notifications.workdays.arithmetic import due
from pilots import terms
from pilots.authoring import words
from pilots.rules.parts import Period
from pilots.running import report_days
from pilots.timing import before

# Where neither the window nor the drafting stage names a time.
_WINDOW = Period(n=30, unit="calendar")
_BEFORE_THE_LIST = ("PREF", "PROV", "FORM", "EXP")
_BESIDE_REVIEW = ("SITE", "SURV")


@dataclass(frozen=True)
class Day:
    """One step: its day, what it is, who does it, and what the day follows from."""

    on: date
    what: str
    who: str
    why: str
    provisional: bool = False
    # The part of the editor where the time can be changed.
    part: str = "stages"


def opening_of(rules, year):
    """The day on which a call of `year` would usually go out: the rules' own day, else 1 March."""
    if rules.window.kind == "batch" and rules.window.month_day:
        month, day = (int(part) for part in rules.window.month_day.split("-"))
        return date(year, month, min(day, 28) if month == 2 else day)
    return date(year, 3, 1)


class _Reckoning:
    def __init__(self, rules, calendar):
        self.rules, self.calendar, self.days = rules, calendar, []

    def after(self, start, period):
        return due(start, period.reckoned(), self.calendar)

    def add(self, on, what, who="", why="", *, provisional=False, part="stages"):
        self.days.append(Day(on, what, who, why, provisional, part))
        return on

    def stage(self, code, start, *, note=""):
        """The last day of a stage that begins on `start`; `start` itself where it is not used."""
        stage = self.rules.stage(code)
        if stage is None:
            return start
        moment = self.after(start, stage.due)
        why = words_of(stage.due)
        return self.add(moment.on, words.value("Stage.code", code), Role(stage.owner).label, f"{why}，{note}" if note else why,
                        provisional=moment.provisional)  # fmt: skip


def words_of(period):
    """「10 个工作日」."""
    return f"{period.n} {words.value('Period.unit', period.unit)}"


def outlook(rules, opening, calendar):
    """The days of one batch and of a site it would found, soonest first."""
    made = _Reckoning(rules, calendar)
    document = _until_document(made, opening)
    _years(made, document)
    return sorted(made.days, key=lambda day: day.on)


def _until_document(made, opening):
    rules = made.rules
    day = opening
    if rules.uses("CALL"):
        made.add(opening, words.value("Stage.code", "CALL"), Role(rules.stage("CALL").owner).label, _("预计发布日"))
    if rules.window.kind in ("batch", "standing"):
        day = _closing(made, opening)
    for code in _BEFORE_THE_LIST:
        start, day = day, made.stage(code, day)
        if code == "FORM":
            made.stage("SUPP", day, note=_("材料不齐时"))
        if code == "EXP":
            day = max([day, *(made.stage(beside, start) for beside in _BESIDE_REVIEW)])
    day = made.stage("SIGN", made.stage("CUT", day), note=_("每一环签署"))
    if rules.notice is not None and rules.uses("NOTC"):
        begins = made.stage("NOTC", day)
        moment = made.after(begins, rules.notice.period)
        day = made.add(
            moment.on, _("公示期满"), "", words_of(rules.notice.period), provisional=moment.provisional, part="papers"
        )
    return made.stage("DOC", day)


def _closing(made, opening):
    rules = made.rules
    if rules.window.kind == "standing" and rules.window.month_day:
        month, day = (int(part) for part in rules.window.month_day.split("-"))
        year = opening.year if (opening.month, opening.day) <= (month, day) else opening.year + 1
        return made.add(
            date(year, month, min(day, 28) if month == 2 else day),
            _("申报截止"),
            "",
            _("每年固定日期"),
            part="applicants",
        )
    drafting = rules.stage("DRAFT")
    period = rules.window.period or (drafting.due if drafting else _WINDOW)
    moment = made.after(opening, period)
    return made.add(moment.on, _("申报截止"), "", words_of(period), provisional=moment.provisional, part="applicants")


def _years(made, document):
    rules = made.rules
    made.stage("PLAQ", made.stage("AGR", document))
    start, end, text = terms.of_designation(rules, document)
    made.add(start, _("期限开始"), "", text, part="term")
    made.stage("PLAN", document)
    if rules.report is not None:
        for period, on in report_days(rules, start, end):
            made.add(
                on,
                _("%(period)s 报告") % {"period": period},
                Role(rules.stage("ANN").owner).label,
                words.value("Report.rhythm", rules.report.rhythm),
                part="reports",
            )
    if rules.mid_term is not None:
        moment = made.after(start, rules.mid_term.after)
        made.add(moment.on, words.value("Stage.code", "MID"), Role(rules.stage("MID").owner).label,
                 words_of(rules.mid_term.after), provisional=moment.provisional, part="judging")  # fmt: skip
    if rules.acceptance is not None and end is not None:
        opens = max(before(end, rules.acceptance.opens_before), start)
        made.add(opens, _("启动期满自评"), "", words_of(rules.acceptance.opens_before), part="judging")
        moment = made.after(end, rules.acceptance.window_after)
        made.add(moment.on, words.value("Stage.code", "ACC"), Role(rules.stage("ACC").owner).label,
                 words_of(rules.acceptance.window_after), provisional=moment.provisional, part="judging")  # fmt: skip
    if end is not None:
        made.add(end, _("期满"), "", text, part="term")


def next_year_of(day):
    """The year the preview looks at."""
    return (day + timedelta(days=366)).year if day.month == 12 and day.day == 31 else day.year + 1
