"""The sentence that says why a date is what it is."""

from datetime import date, time

from notifications.workdays.arithmetic import Period, due, explain
from notifications.workdays.seed import library_calendar

CALENDAR = library_calendar()


def test_the_sentence_names_start_count_holiday_made_up_day_end_and_basis():
    period, start = Period(5, "working", basis="示例办法第八条"), date(2024, 9, 27)
    answer = due(start, period, CALENDAR)
    chinese = explain(answer, period, start)
    for part in (
        "2024年9月27日",
        "5个工作日",
        "起始日不计入",
        "10月1日至10月7日（国庆节）",
        "9月29日为调休上班日",
    ):
        assert part in chinese
    assert "至2024年10月10日24时（北京时间）止" in chinese
    assert "示例办法第八条" in chinese
    assert "暂定" not in chinese
    assert chinese.count("。") == 1
    english = explain(answer, period, start, "en")
    for part in ("5 working days", "2024-09-27", "National Day", "2024-09-29", "2024-10-10 at 24:00"):
        assert part in english


def test_the_sentence_says_rolled_cut_off_and_provisional():
    period, start = Period(1, "month", roll=True, cut_off=time(17, 30)), date(2026, 9, 1)
    text = explain(due(start, period, CALENDAR), period, start)
    assert "顺延" in text
    assert "17:30" in text
    beyond = date(2040, 3, 1)
    assert "暂定" in explain(due(beyond, period, CALENDAR), period, beyond)
    assert "provisional" in explain(due(beyond, period, CALENDAR), period, beyond, "en")


def test_many_weekends_are_counted_and_not_listed():
    period, start = Period(60, "working"), date(2026, 3, 2)
    text = explain(due(start, period, CALENDAR), period, start)
    assert "周末共" in text
    assert "weekend days" in explain(due(start, period, CALENDAR), period, start, "en")
    assert len(text) < 200


def test_a_rung_is_said_to_be_before():
    period, start = Period(-30, "calendar"), date(2029, 9, 17)
    assert "2029年9月17日之前30日" in explain(due(start, period, CALENDAR), period, start)
    assert "30 calendar days before 2029-09-17" in explain(due(start, period, CALENDAR), period, start, "en")
