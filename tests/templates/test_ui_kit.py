"""The UI kit: geometry of the pictures, words of the due chip, order of steps and headings."""

import datetime
import re

import pytest
from django.utils import translation

from templates import pictures
from templates.templatetags import ui_marks, ui_pages, ui_tables

D = datetime.date


# --- tile map --------------------------------------------------------------------------------


def test_every_place_has_its_own_square():
    squares = {(col, row) for _code, _name, col, row in pictures.TILES}
    assert len(squares) == len(pictures.TILES) == 35
    assert max(col for col, _ in squares) == 8
    assert max(row for _, row in squares) == 7


def test_step_grows_with_the_value_and_zero_stays_zero():
    steps = [pictures.step_of(n, 18) for n in range(19)]
    assert steps == sorted(steps)
    assert (steps[0], steps[1], steps[18]) == (0, 1, 5)


def test_step_of_an_empty_map_is_zero():
    assert pictures.step_of(0, 0) == 0


def test_places_outside_the_system_are_never_ranked():
    drawn = pictures.tile_map({"71": 99, "37": 3, "4403": 5})
    assert [t.name for t in drawn["ranked"]] == ["深圳", "山东"]
    assert drawn["top"] == 5
    assert {t.name for t in drawn["tiles"] if t.outside} == {"台湾", "香港", "澳门"}


def test_tiles_come_in_reading_order():
    drawn = pictures.tile_map({})["tiles"]
    assert [(t.row, t.col) for t in drawn] == sorted((t.row, t.col) for t in drawn)


# --- funnel, terms, month --------------------------------------------------------------------


def test_funnel_widths_follow_the_first_row_and_shares_the_row_above():
    rows = pictures.funnel([{"label": "a", "value": 125}, {"label": "b", "value": 100}, {"label": "c", "value": 5}])
    assert [r["width"] for r in rows] == [100, 80, 4]
    assert [r["share"] for r in rows] == [None, 80, 5]
    assert [r["inside"] for r in rows] == [True, True, False]


def test_funnel_without_any_application_does_not_divide_by_zero():
    rows = pictures.funnel([{"label": "a", "value": 0}, {"label": "b", "value": 0}])
    assert [(r["width"], r["share"]) for r in rows] == [(0, None), (0, None)]


def test_term_chart_spans_whole_years_and_marks_overdue_sites():
    site = {
        "label": "x",
        "start": D(2023, 12, 1),
        "end": D(2026, 11, 1),
        "points": [{"on": D(2026, 11, 30), "label": "验收"}],
    }
    drawn = pictures.term_chart([site], D(2026, 11, 22))
    assert [y["label"] for y in drawn["years"]] == [2023, 2024, 2025, 2026]
    row = drawn["rows"][0]
    assert row["over"] is True
    assert row["x"] + row["width"] <= drawn["today"] < row["points"][0]["x"] <= 100
    assert row["points"][0]["past"] is False


def test_term_chart_of_no_site_still_shows_the_present_year():
    assert pictures.term_chart([], D(2026, 11, 22))["years"][0]["label"] == 2026


def test_month_starts_on_monday_and_knows_made_up_days():
    weeks = pictures.month_grid(
        2026,
        11,
        [{"date": D(2026, 11, 30), "label": "x"}],
        today=D(2026, 11, 22),
        off={D(2026, 11, 2): "放假"},
        work={D(2026, 11, 7)},
    )
    days = {day["date"]: day for week in weeks for day in week}
    assert weeks[0][0]["date"] == D(2026, 10, 26)
    assert days[D(2026, 11, 2)]["off"]
    assert days[D(2026, 11, 2)]["name"] == "放假"
    assert not days[D(2026, 11, 7)]["off"]
    assert days[D(2026, 11, 7)]["made_up"]
    assert days[D(2026, 11, 22)]["today"]
    assert days[D(2026, 11, 22)]["off"]
    assert len(days[D(2026, 11, 30)]["items"]) == 1


# --- flow picture ----------------------------------------------------------------------------

STATES = [{"code": c, "label": c, "col": i, "lane": 0} for i, c in enumerate("abcd")]
STATES.append({"code": "fix", "label": "补正", "col": 1, "lane": 1})


def test_flow_boxes_never_overlap():
    boxes = pictures.flow(STATES, [])["boxes"]
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            apart = abs(one.x - other.x) >= pictures.BOX_W or abs(one.y - other.y) >= pictures.BOX_H
            assert apart


def test_neighbours_on_the_line_are_joined_straight():
    path = pictures.flow(STATES, [{"from": "a", "to": "b", "label": "提交"}])["paths"][0]
    assert re.fullmatch(r"M[\d.]+ [\d.]+H[\d.]+", path["d"])


def test_same_column_is_joined_by_one_vertical_line():
    path = pictures.flow(STATES, [{"from": "b", "to": "fix", "label": "退回"}])["paths"][0]
    assert re.fullmatch(r"M[\d.]+ [\d.]+V[\d.]+", path["d"])


def test_edges_that_meet_in_a_channel_take_different_heights():
    edges = [{"from": "c", "to": "fix"}, {"from": "d", "to": "fix"}, {"from": "fix", "to": "a"}]
    heights = [re.search(r"V([\d.]+)H", p["d"]).group(1) for p in pictures.flow(STATES, edges)["paths"]]
    assert heights[0] != heights[1]


def test_everything_lies_inside_the_picture():
    drawn = pictures.flow(STATES, [{"from": "d", "to": "a", "kind": "back"}, {"from": "c", "to": "fix"}])
    assert all(b.x >= 0 and b.x + pictures.BOX_W <= drawn["width"] for b in drawn["boxes"])
    for path in drawn["paths"]:
        ys = [float(n) for n in re.findall(r"V([\d.-]+)", path["d"])]
        assert all(0 <= y <= drawn["height"] for y in ys)


def test_an_edge_to_an_unknown_state_is_an_error():
    with pytest.raises(KeyError):
        pictures.flow(STATES, [{"from": "a", "to": "nowhere"}])


def test_long_labels_are_broken_in_two():
    assert pictures.wrap_label("撤销命名并公告") == ["撤销命名", "并公告"]
    assert pictures.wrap_label("形式审查") == ["形式审查"]


# --- words and order ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "words", "tone"),
    [
        (D(2026, 11, 19), "逾期 3 天", "bad"),
        (D(2026, 11, 22), "今日到期", "warn"),
        (D(2026, 11, 24), "还剩 2 天", "warn"),
        (D(2026, 11, 30), "还剩 8 天", "info"),
        (D(2026, 12, 30), "12月30日", "neutral"),
        (D(2027, 1, 8), "2027年1月8日", "neutral"),
    ],
)
def test_due_words_name_the_distance_and_later_the_date(on, words, tone):
    with translation.override("zh-hans"):
        assert ui_marks.due_words(on, D(2026, 11, 22))[:2] == (words, tone)


@pytest.mark.parametrize(
    ("states", "shown"),
    [
        (["done", "done", "now", "todo", "todo"], {1, 2, 3}),
        (["now", "todo", "todo", "todo"], {0, 1, 2}),
        (["done", "done", "done", "now"], {1, 2, 3}),
        (["done", "bad", "todo"], {0, 1, 2}),
        (["done"] * 5, {2, 3, 4}),
        (["now"], {0}),
        ([], set()),
    ],
)
def test_a_phone_shows_the_step_before_now_and_next(states, shown):
    assert ui_pages.near_steps(states) == shown


def test_sorting_goes_up_then_down_then_up_again():
    assert ui_tables.next_sort("due", "") == ("due", "")
    assert ui_tables.next_sort("due", "due") == ("-due", "ascending")
    assert ui_tables.next_sort("due", "-due") == ("due", "descending")
