"""The years of the calendar: looked at, loaded, counted again; faults by line; the alarm of December."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import Workbook

from notifications import calendars, jobs
from notifications.models import CalendarLoad, Deadline, DueChange, Heartbeat, Job, Message, WorkCalendar
from notifications.recount import KIND, recount_some
from notifications.workdays.seed import known_years, library_rows
from notifications.years.table import TableError, doubts, parse, text_of
from tests.world import build_world

pytestmark = pytest.mark.django_db
LOAD = "/calendar/years/load/"
SOURCE = "国务院办公厅关于2027年部分节假日安排的通知（示例）"
# An invented arrangement of 2027: Spring Festival takes the fifth to the eleventh of February.
TABLE = "\n".join([
    "date,kind,name", "2027-01-01,holiday,元旦", *(f"2027-02-{day:02},holiday,春节" for day in range(5, 12)), "2027-02-20,workday,",
    "2027-04-05,holiday,清明节", "2027-05-01,holiday,劳动节", "2027-05-02,holiday,劳动节", "2027-06-09,holiday,端午节",
    "2027-09-15,holiday,中秋节", *(f"2027-10-0{day},holiday,国庆节" for day in range(1, 4)), "",
])  # fmt: skip


@pytest.fixture
def beyond(db, stand):
    """A formality check that falls into 2027, a year whose table nobody has published."""
    world = build_world(datetime(2027, 2, 1, 1, tzinfo=UTC))
    walk, application = world.application(to="formality_check")
    stand(walk.at)
    return world, walk, Deadline.objects.get(subject_uuid=application.uuid, code="form")


@pytest.fixture
def officer(beyond, browse):
    return browse(beyond[0].cast["officer"])


def given(do="preview", table=TABLE, year=2027, **more):
    return {"do": do, "year": year, "source": SOURCE, "table": table} | more


def rows():
    return list(WorkCalendar.objects.order_by("pk").values_list("date", "kind", "version"))


# --- who --------------------------------------------------------------------------------------------------------------
def test_the_office_reads_and_one_for_all_programmes_loads(world, narrow_officer, stand, browse):
    stand(world.start)
    for key in ("officer", "head", "auditor", "checker"):
        assert browse(world.cast[key]).get("/calendar/years/").status_code == 200
    assert "装入 2027 年" in browse(world.cast["officer"]).read("/calendar/years/")
    for user in (world.cast["head"], narrow_officer):
        text = browse(user).read("/calendar/years/")
        assert "装入 2027 年" not in text
        assert str(world.cast["officer"]) in text
        assert str(world.cast["officer"]) in browse(user).read(LOAD, status=403)
        answer = browse(user).post(LOAD, given("load", seen="-"))
        assert answer.status_code == 403
    for user in (world.cast.province(world.place("上海市")), world.cast.experts[0]):
        assert browse(user).get("/calendar/years/").status_code == 403
        assert browse(user).post(LOAD, given("load", seen="-")).status_code == 403
    assert not WorkCalendar.objects.filter(year=2027).exists()


def test_every_year_is_shown_with_source_and_version(world, stand, browse, django_assert_max_num_queries):
    stand(world.start)
    browser = browse(world.cast["officer"])
    text = browser.read("/calendar/years/")
    for year in known_years():
        assert str(year) in text
    assert "holidays-" in text
    with CaptureQueriesContext(connection) as before:
        browser.get("/calendar/years/")
    WorkCalendar.objects.filter(year__gt=2010).delete()
    with CaptureQueriesContext(connection) as after:
        browser.get("/calendar/years/")
    assert len(after) == len(before) <= 12


def test_a_year_is_read_and_taken_away_as_a_file_that_loads_again(world, stand, browse):
    stand(world.start)
    browser = browse(world.cast["head"])
    assert "国庆节" in browser.read("/calendar/years/2017/")
    text = browser.get("/calendar/years/2017/?export=csv").content
    assert parse(text, 2017) == (2017, library_rows([2017]))
    assert browser.get("/calendar/years/1999/").status_code == 404


# --- looking ----------------------------------------------------------------------------------------------------------
def test_a_preview_says_what_would_move_and_writes_nothing(beyond, officer):
    world, _walk, row = beyond
    before = (rows(), Deadline.objects.get(pk=row.pk).due_on)
    answer = officer.post(LOAD, given())
    moves = answer.context["moves"]
    assert [(one.pk, day) for one, day in moves.moving] == [(row.pk, date(2027, 2, 15))]
    touched = Deadline.objects.open().filter(starts_on__lte="2027-12-31", due_on__gte="2027-01-01")
    assert moves.deadlines == touched.count() > 1
    assert moves.cases == touched.values("subject_uuid").distinct().order_by().count()
    text = answer.content.decode()
    for word in ("形式审查", row.subject_label, "2027-02-08", "2027-02-15", SOURCE):
        assert word in text
    assert (rows(), Deadline.objects.get(pk=row.pk).due_on) == before
    assert not calendars.current().covers(date(2027, 1, 1))
    assert not CalendarLoad.objects.exists()
    assert not Job.objects.filter(kind=KIND).exists()
    assert world


def test_a_spreadsheet_is_read_as_well(officer):
    book = Workbook()
    for line in TABLE.strip().split("\n"):
        first, *rest = line.split(",")
        # Spreadsheets keep days as days.
        book.active.append([first if first == "date" else datetime.fromisoformat(first), *rest])
    out = BytesIO()
    book.save(out)
    answer = officer.post(LOAD, given(table="", file=SimpleUploadedFile("2027.xlsx", out.getvalue())))
    assert answer.status_code == 200
    assert len(answer.context["moves"].moving) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_file_of_text_in_either_encoding(officer, encoding):
    file = SimpleUploadedFile("2027.csv", TABLE.replace("\n", "\r\n").encode(encoding))
    answer = officer.post(LOAD, given(table="", file=file))
    assert answer.status_code == 200
    assert "2027-02-11,holiday,春节" in answer.content.decode()


def test_kinds_and_headings_in_chinese():
    text = TABLE.replace("date,kind,name", "日期,类别,名称").replace("holiday", "放假").replace("workday", "调休上班")
    assert parse(text.encode(), 2027) == parse(TABLE.encode(), 2027)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2027-02-08,holiday,春节\n", "", "第 6 行：春节在 2027-02-07 与 2027-02-09 之间缺少 2027-02-08"),
        ("2027-02-08,holiday,春节", "2027-02-07,holiday,春节", "第 6 行：2027-02-07 与第 5 行重复"),
        ("2027-02-08,holiday,春节", "2026-02-08,holiday,春节", "第 6 行：2026-02-08 不在 2027 年"),
        ("2027-02-20,workday", "2027-02-22,workday", "2027-02-22 不是周六或周日"),
        ("2027-10-02,holiday,国庆节\n", "", "缺少 2027-10-02（国庆节）"),
        ("2027-02-08,holiday", "2027-02-30,holiday", "2027-02-30 不是日期"),
        ("2027-02-08,holiday", "2027-02-08,feast", "不认识的类别 feast"),
    ],
)
def test_a_wrong_table_is_told_by_line_and_kept_as_typed(officer, old, new, said):
    before, text = rows(), TABLE.replace(old, new)
    assert TABLE.count(old) == 1
    for do in ("preview", "load"):
        answer = officer.post(LOAD, given(do, table=text, seen="-"))
        assert answer.status_code == 422
        html = answer.content.decode()
        assert said in html
        assert "没有装入任何日期" in html
        assert answer.context["form"]["table"].value() == text
        assert SOURCE in html
    assert rows() == before


def test_a_wrong_file_shows_its_lines_to_be_mended(officer):
    text = TABLE.replace("2027-02-20,workday", "2027-02-22,workday")
    answer = officer.post(LOAD, given(table="", file=SimpleUploadedFile("2027.csv", text.encode())))
    assert answer.status_code == 422
    assert answer.context["form"]["table"].value() == text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"table": ""}, "请选择文件，或填写放假安排表"),
        ({"source": ""}, "请填写放假安排依据的文件"),
        ({"year": "x"}, "年份"),
        ({"year": 1999}, "年份"),
        ({"file": SimpleUploadedFile("a.xlsx", b"PK not a zip")}, "压缩包已损坏"),
        ({"file": SimpleUploadedFile("a.csv", b"\xff\xfe\x00\x81")}, "编码"),
        ({"file": SimpleUploadedFile("a.csv", b"x" * 300_000)}, "KB"),
    ],
)
def test_bad_input_loses_nothing(officer, more, said):
    answer = officer.post(LOAD, given(**more))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert said in html
    assert "source" in more or SOURCE in html
    assert not CalendarLoad.objects.exists()


def test_a_festival_that_is_worked_is_a_doubt_and_a_hole_is_a_fault():
    _year, found = parse(TABLE.replace("2027-06-09,holiday,端午节\n", "").encode(), 2027)
    assert any("端午节" in text for text in doubts(2027, found))
    assert doubts(2027, parse(TABLE.encode(), 2027)[1]) == []
    for year in known_years():
        assert doubts(year, library_rows([year])) == []
        assert parse(text_of(library_rows([year])).encode(), year)[1] == library_rows([year])
    with pytest.raises(TableError, match="缺少 2027-02-08"):
        parse(TABLE.replace("2027-02-08,holiday,春节\n", "").encode(), 2027)


# --- loading ----------------------------------------------------------------------------------------------------------
def test_loading_counts_again_and_tells_once(beyond, officer):
    world, walk, row = beyond
    seen = officer.post(LOAD, given()).context["seen"]
    answer = officer.post(LOAD, given("load", seen=seen))
    load = CalendarLoad.objects.get()
    assert answer["Location"] == f"/calendar/years/{load.uuid}/"
    assert (load.year, load.source, load.by, load.made_up) == (2027, SOURCE, world.cast["officer"], 1)
    assert "正在重算期限" in officer.read(answer["Location"])
    assert officer.get(f"{answer['Location']}progress/").status_code == 200
    jobs.work(walk.at)
    row.refresh_from_db()
    assert (row.due_on, row.provisional, row.due_version) == (date(2027, 2, 15), False, 2)
    told = Message.objects.filter(kind="date_changed", user=world.cast["checker"], channel="inbox")
    assert told.count() == 1
    text = officer.read(answer["Location"])
    assert "2027-02-15" in text
    assert officer.get(f"{answer['Location']}progress/").status_code == 286
    # Any number of times, by anybody: nothing moves twice and nobody is told twice.
    for job in Job.objects.filter(kind=KIND):
        recount_some(job, walk.at)
    assert told.count() == 1
    assert DueChange.objects.filter(deadline=row).count() == 1


def test_the_same_table_again_changes_nothing(beyond, officer):
    _world, walk, row = beyond
    officer.post(LOAD, given("load", seen="-"))
    jobs.work(walk.at)
    answer = officer.post(LOAD, given())
    assert answer.context["same"]
    assert "完全相同" in answer.content.decode()
    row.refresh_from_db()
    assert row.due_version == 2


def test_a_corrected_table_moves_what_was_settled(beyond, officer):
    _world, walk, row = beyond
    officer.post(LOAD, given("load", seen="-"))
    jobs.work(walk.at)
    longer = TABLE.replace("2027-02-20,workday,", "2027-02-12,holiday,春节")
    preview = officer.post(LOAD, given(table=longer))
    assert preview.context["replaces"]
    assert [day for day, *_rest in preview.context["added"]] == [date(2027, 2, 12)]
    assert [day for day, *_rest in preview.context["removed"]] == [date(2027, 2, 20)]
    [(moving, day)] = preview.context["moves"].moving
    assert moving.pk == row.pk
    officer.post(LOAD, given("load", table=longer, seen=preview.context["seen"]))
    jobs.work(walk.at)
    row.refresh_from_db()
    assert (row.due_on, row.due_version) == (day, 3)


def test_a_load_over_something_newer_is_looked_at_again(beyond, officer):
    seen = officer.post(LOAD, given()).context["seen"]
    other = TABLE.replace("2027-02-20,workday,\n", "")
    officer.post(LOAD, given("load", table=other, seen=seen))
    answer = officer.post(LOAD, given("load", seen=seen))
    assert answer.status_code == 200
    assert "被别人改过" in answer.content.decode()
    assert CalendarLoad.objects.count() == 1
    assert WorkCalendar.objects.filter(year=2027).count() == other.count("\n") - 1


def test_one_case_that_fails_does_not_hold_the_others(beyond, officer, monkeypatch):
    _world, walk, row = beyond
    officer.post(LOAD, given("load", seen="-"))
    from notifications import recount

    real, broken = recount.recount_case, Deadline.objects.exclude(subject_uuid=row.subject_uuid).first()

    def fails(label, uuid, at):
        if str(uuid) == str(broken.subject_uuid):
            raise RuntimeError("broken")
        return real(label, uuid, at)

    Deadline.objects.filter(pk=broken.pk).update(provisional=True)
    job = Job.objects.get(kind=KIND)
    job.payload["items"] = [
        [broken.subject_model, str(broken.subject_uuid)],
        [row.subject_model, str(row.subject_uuid)],
    ]
    job.size = 2
    job.save()
    monkeypatch.setattr(recount, "recount_case", fails)
    jobs.work(walk.at)
    row.refresh_from_db()
    assert row.due_on == date(2027, 2, 15)
    assert Job.objects.filter(kind=KIND, state="queued", size=1).count() == 1
    monkeypatch.setattr(recount, "recount_case", real)
    jobs.work(walk.at + timedelta(hours=2))
    assert not Job.objects.filter(kind=KIND).exclude(state="done").exists()


# --- the alarm --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("at", "alarm"),
    [
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), False),
        # Midnight of 1 December in Shanghai.
        (datetime(2026, 11, 30, 16, 0, tzinfo=UTC), True),
        (datetime(2027, 3, 1, tzinfo=UTC), True),
        (datetime(2025, 12, 5, tzinfo=UTC), False),
    ],
)
def test_from_december_on_officers_are_warned(world, stand, browse, at, alarm):
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    stand(at)
    for user, told in ((world.cast["officer"], alarm), (world.cast.applicant(world.place("徐汇区")), False)):
        user.grants.update(valid_from=datetime(2014, 1, 1, tzinfo=UTC))
        assert ("2027 年的放假安排还没有装入" in browse(user).read("/inbox/")) == told
    assert calendars.year_wanted(date(2026, 12, 1)) == 2027
    assert calendars.year_wanted(date(2026, 11, 30)) == 2026


def test_the_doctor_sees_it_too(world, monkeypatch):
    from config.management.commands import doctor

    monkeypatch.setattr(doctor.timezone, "localdate", lambda: date(2026, 12, 1))
    colour, text = doctor.calendar()
    assert colour == doctor.YELLOW
    assert "2027" in text
    assert "load_calendar" in text
    monkeypatch.setattr(doctor.timezone, "localdate", lambda: date(2026, 11, 30))
    assert doctor.calendar()[0] == doctor.GREEN
