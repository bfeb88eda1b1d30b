"""`load_calendar` and `workdays`: the tables of the database, and what they answer."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from notifications import calendars
from notifications.models import WorkCalendar
from notifications.workdays.seed import LIBRARY, known_years, library_calendar, library_rows

YEAR = 2029  # a year whose notice nobody has: it stays provisional until a table is loaded
SOUND = f"""\
date,kind,name
{YEAR}-01-01,holiday,元旦
{YEAR}-02-12,holiday,农历除夕
{YEAR}-02-13,holiday,春节
{YEAR}-02-14,holiday,春节
{YEAR}-02-17,workday,
{YEAR}-04-04,holiday,清明节
{YEAR}-05-01,holiday,劳动节
{YEAR}-05-02,holiday,劳动节
{YEAR}-10-01,holiday,国庆节
{YEAR}-10-02,holiday,国庆节
{YEAR}-10-03,holiday,国庆节
{YEAR}-10-13,workday,调休上班
"""

pytestmark = pytest.mark.django_db


def run(command, *args):
    out = StringIO()
    call_command(command, *args, stdout=out, stderr=out)
    return out.getvalue()


def rows():
    return list(WorkCalendar.objects.order_by("pk").values())


@pytest.fixture
def table(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / f"{YEAR}.csv"
        path.write_bytes(text.encode(encoding))
        return str(path)

    return write


def test_the_library_fills_every_year_it_knows():
    run("load_calendar")
    stored = [(row["date"], row["kind"], row["name"]) for row in WorkCalendar.objects.order_by("date").values()]
    assert stored == library_rows(known_years())
    assert all(row["year"] == row["date"].year and row["version"] == LIBRARY and row["source"] for row in rows())
    current, library = calendars.current(), library_calendar()
    assert (current.years, current.rows, current.names) == (library.years, library.rows, library.names)


def test_loading_twice_changes_nothing(django_assert_max_num_queries):
    run("load_calendar")
    before = rows()
    with django_assert_max_num_queries(10):
        assert "没有变化" in run("load_calendar")
    assert rows() == before


def test_a_day_that_was_changed_by_hand_is_put_right():
    run("load_calendar")
    WorkCalendar.objects.filter(date=date(2017, 10, 1)).update(kind="workday")
    WorkCalendar.objects.filter(date=date(2018, 10, 1)).delete()
    untouched = set(WorkCalendar.objects.exclude(year__in=[2017, 2018]).values_list("pk", flat=True))
    calendars.current()
    run("load_calendar")
    assert not calendars.current().is_working(date(2017, 10, 1))
    assert not calendars.current().is_working(date(2018, 10, 1))
    assert untouched <= set(WorkCalendar.objects.values_list("pk", flat=True)), "only the wrong years are written"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_published_year(table, encoding):
    run("load_calendar")
    assert not calendars.current().covers(date(YEAR, 1, 1))
    said = run("load_calendar", "--file", table(SOUND, encoding), "--year", str(YEAR))
    assert "写入 12 天" in said
    calendar = calendars.current()
    assert calendar.covers(date(YEAR, 1, 1))
    assert not calendar.is_working(date(YEAR, 2, 13))
    assert calendar.is_working(date(YEAR, 2, 17))
    assert calendar.is_working(date(YEAR, 10, 4))
    stored = WorkCalendar.objects.filter(year=YEAR)
    assert stored.get(date=date(YEAR, 2, 17)).name == "调休上班"
    assert stored.values_list("version", flat=True).distinct().get().startswith(f"published-{YEAR}-")
    assert f"{YEAR}.csv" in stored.first().source


def test_a_published_year_twice_and_then_corrected(table):
    path = table(SOUND)
    run("load_calendar", "--file", path)
    before = rows()
    assert "没有变化" in run("load_calendar", "--file", path)
    assert rows() == before
    assert calendars.current().is_working(date(YEAR, 10, 13))
    run("load_calendar", "--file", table(SOUND.replace(f"{YEAR}-10-13,workday,调休上班\n", "")))
    assert WorkCalendar.objects.count() == len(before) - 1
    assert not calendars.current().is_working(date(YEAR, 10, 13))


def test_the_library_does_not_overwrite_what_was_published(table):
    known = max(known_years())
    text = "".join(f"{day},{kind},{name}\n" for day, kind, name in library_rows([known]) if kind == "holiday")
    run("load_calendar")
    run("load_calendar", "--file", table("date,kind,name\n" + text))
    before = rows()
    assert f"{known} 年已按文件装入" in run("load_calendar")
    assert rows() == before


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (f"{YEAR}-10-13,workday", f"{YEAR}-10-33,workday", 13, "不是日期"),
        (f"{YEAR}-10-13,workday", f"{YEAR + 1}-10-12,holiday", 13, f"不在 {YEAR} 年"),
        (f"{YEAR}-10-13,workday", f"{YEAR - 1}-12-30,workday", 13, f"不在 {YEAR} 年"),
        (f"{YEAR}-02-14,holiday", f"{YEAR}-02-13,holiday", 5, "与第 4 行重复"),
        (f"{YEAR}-02-14,holiday", f"{YEAR}-02-14,feast", 5, "不认识的类别 feast"),
        (f"{YEAR}-02-14,holiday", f"{YEAR}-02-14,", 5, "（空）"),
        (f"{YEAR}-10-13,workday", f"{YEAR}-10-12,workday", 13, "不是周六或周日"),
        (f"{YEAR}-02-14,holiday,春节", f"{YEAR}-02-14,holiday,春节,3", 5, "有 4 格"),
        (f"{YEAR}-02-14,holiday,春节", f"{YEAR}-02-14,holiday,{'春' * 61}", 5, "超过 60"),
        (f"{YEAR}-10-02,holiday,国庆节\n", "", 0, f"缺少 {YEAR}-10-02"),
        ("date,kind,name", "date,kind", 1, "表头"),
    ],
)
def test_a_wrong_table_is_refused(table, old, new, line, said):
    run("load_calendar")
    before = rows()
    assert SOUND.count(old) == 1
    path = table(SOUND.replace(old, new))
    with pytest.raises(CommandError) as caught:
        run("load_calendar", "--file", path)
    wanted = f"{path}:{line}: " if line else f"{path}: "
    first, *rest = str(caught.value).splitlines()
    assert first.startswith(wanted)
    assert said in first
    assert rest == ["没有装入任何日期"]
    assert rows() == before


def test_all_faults_are_told(table):
    text = SOUND.replace("holiday,清明节", "rest,清明节").replace(f"{YEAR}-10-13", f"{YEAR}-10-12")
    with pytest.raises(CommandError) as caught:
        run("load_calendar", "--file", table(text))
    assert [part.split(":")[1] for part in str(caught.value).splitlines()[:-1]] == ["7", "13"]


def test_the_year_asked_for(table):
    with pytest.raises(CommandError, match=f"不在 {YEAR + 1} 年"):
        run("load_calendar", "--file", table(SOUND), "--year", str(YEAR + 1))
    with pytest.raises(CommandError, match="--year"):
        run("load_calendar", "--year", str(YEAR))
    with pytest.raises(CommandError, match="没有一天"):
        run("load_calendar", "--file", table("date,kind,name\n"))
    with pytest.raises(CommandError, match="不能读取"):
        run("load_calendar", "--file", "absent.csv")
    assert not WorkCalendar.objects.exists()


def test_may_second_is_a_holiday_since_2025(table):
    def year(number):
        fixed = ["01-01", "05-01", "10-01", "10-02", "10-03"]
        return "date,kind,name\n" + "".join(f"{number}-{day},holiday,\n" for day in fixed)

    run("load_calendar", "--file", table(year(2024)))
    with pytest.raises(CommandError, match="缺少 2025-05-02"):
        run("load_calendar", "--file", table(year(2025)))


@pytest.mark.parametrize(
    ("args", "on"),
    [
        (["2017-09-25", "5"], "2017-09-30"),  # a worked Saturday
        (["2017-10-03", "5"], "2017-10-13"),
        (["2017-12-26", "5"], "2018-01-03"),
        (["2023-02-17", "5", "--count-first"], "2023-02-23"),
        (["2023-11-28", "5", "--unit", "calendar", "--count-first"], "2023-12-02"),
        (["2023-11-28", "5", "--unit", "calendar", "--count-first", "--roll"], "2023-12-04"),
        (["2017-12-06", "36", "--unit", "month"], "2020-12-06"),
        (["2020-02-29", "1", "--unit", "year"], "2021-02-28"),
        (["2018-01-03", "-5"], "2017-12-26"),
    ],
)
def test_workdays_answers(args, on):
    run("load_calendar")
    answer = json.loads(run("workdays", *args, "--json"))
    assert answer["on"] == on
    assert answer["provisional"] is False
    assert answer["calendar_version"] == LIBRARY
    assert run("workdays", *args).startswith(on)


def test_workdays_says_what_was_skipped_and_why():
    run("load_calendar")
    said = run("workdays", "2017-09-28", "3")
    assert said.startswith("2017-10-09 星期一 确定\n")
    assert "  跳过 2017-10-01 星期日 国庆节" in said
    assert "  计入 2017-09-30 星期六 调休上班" in said
    answer = json.loads(run("workdays", "2017-09-28", "3", "--json"))
    assert [day["date"] for day in answer["skipped"]] == [f"2017-10-0{n}" for n in range(1, 9)]
    assert all(day["why"] for day in answer["skipped"])
    assert answer["made_up"] == ["2017-09-30"]
    assert answer["explanation"] in said


def test_workdays_beyond_the_tables_are_provisional(table):
    run("load_calendar")
    args = (f"{YEAR}-02-09", "3")
    assert "暂定" in run("workdays", *args)
    assert json.loads(run("workdays", *args, "--json"))["on"] == f"{YEAR}-02-14"
    run("load_calendar", "--file", table(SOUND))
    answer = json.loads(run("workdays", *args, "--json"))
    assert (answer["on"], answer["provisional"]) == (f"{YEAR}-02-17", False)


def test_workdays_without_any_table():
    said = run("workdays", "2017-09-25", "5")
    assert "load_calendar" in said
    assert "暂定" in said


@pytest.mark.parametrize(
    ("args", "on"),
    [
        (["2017-10-01", "0"], "2017-10-09"),  # no day at all: the first worked day from there
        (["2017-09-30", "0"], "2017-09-30"),
        (["2017-10-01", "0", "--unit", "calendar"], "2017-10-01"),
        (["2017-10-01", "0", "--unit", "calendar", "--roll"], "2017-10-09"),
        (["2017-10-09", "-1"], "2017-09-30"),
        (["2017-10-09", "-3", "--unit", "calendar"], "2017-10-06"),
        (["2017-03-31", "-1", "--unit", "month"], "2017-02-28"),
        (["2020-02-29", "-1", "--unit", "year"], "2019-02-28"),
    ],
)
def test_workdays_counts_nothing_and_back(args, on):
    run("load_calendar")
    assert json.loads(run("workdays", *args, "--json"))["on"] == on


def test_the_help_names_every_key_of_the_json(capsys):
    run("load_calendar")
    with pytest.raises(SystemExit):
        call_command("workdays", "--help")
    told = capsys.readouterr().out
    for key in json.loads(run("workdays", "2017-09-25", "5", "--json")):
        assert f"  {key}" in told or f", {key}" in told


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["2017-1-3", "5"], "不是日期"),
        (["2017-02-30", "5"], "不是日期"),
        (["2017-01-01", "0", "--count-first"], "至少为 1"),
        (["2017-01-01", "-2", "--count-first"], "至少为 1"),
        (["9999-12-30", "50"], "超出了日历的范围"),
        (["0001-01-03", "-10"], "超出了日历的范围"),
        (["2017-01-01", "99999999", "--unit", "year"], "超出了日历的范围"),
        (["2017-01-01", "five"], "five"),
        (["2017-01-01", "5", "--unit", "week"], "week"),
    ],
)
def test_bad_input_is_said_in_words(args, said):
    run("load_calendar")
    with pytest.raises(CommandError, match=said):
        run("workdays", *args)


def test_a_hole_in_a_festival_is_told_by_line(table):
    text = SOUND.replace(f"{YEAR}-02-14,holiday,春节\n", f"{YEAR}-02-15,holiday,春节\n")
    with pytest.raises(CommandError, match=f":5: 春节在 {YEAR}-02-13 与 {YEAR}-02-15 之间缺少 {YEAR}-02-14"):
        run("load_calendar", "--file", table(text))


def test_the_source_document_is_kept(table):
    run("load_calendar", "--file", table(SOUND), "--source", "国办发明电〔2028〕9号（示例）")
    assert set(WorkCalendar.objects.values_list("source", flat=True)) == {"国办发明电〔2028〕9号（示例）"}
    with pytest.raises(CommandError, match="--source"):
        run("load_calendar", "--source", "x")


@pytest.mark.parametrize(
    "args",
    [["yesterday", "5"], ["2017-02-30", "5"], ["2017-01-01", "0", "--count-first"], ["9999-12-30", "50"]],
)
def test_workdays_refuses_nonsense(args):
    with pytest.raises(CommandError):
        run("workdays", *args)
