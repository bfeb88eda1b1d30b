"""Documents of the other shapes with one hole each: every one is refused, with its line and in words."""

import pytest

from pilots import catalogue
from pilots.rules.document import read
from pilots.rules.lint import lint

AWARD, CENTRE, FIRM, FUNDED = "china_patent_award", "protection_centre", "advantage_enterprise", "operation_system_city"
FILED, MARKET, STUDY = "industry_ip_alliance", "standardised_market", "soft_science_project"

# name: (programme, what is replaced, by what, how the line begins where the fault stands, a piece of what is said)
HOLES = {
    "an agreement without the holder": (STUDY, 'role = "applicant_leader"\n', 'role = "division_head"\n', "[agreement]", "承担单位"),
    "one seat for both sides": (STUDY, 'role = "leader"\n', 'role = "applicant_leader"\n', "role", "不能代表协议的两方"),
    "a side that is nobody": (STUDY, 'role = "leader"\n', 'role = "wizard"\n', "role", "只能是"),
    "a most without projects": (STUDY, 'per = "project"', 'per = "place"', "most", "per"),
    "percent of money": (FUNDED, "percent = 33", "percent = 30", "", "100"),
    "a band the mid-term does not know": (FUNDED, "by_band = { a = 100", "by_band = { z = 100", "by_band", "没有代码为 z"),
    "money by the band of something else": (FUNDED, 'condition = "mid_term"\nby_band', 'condition = "plan_filed"\nby_band', "by_band", "中期"),
    "money nobody can make due": (FUNDED, 'condition = "approved"', 'condition = "someday"', "condition", "只能是"),
    "a class in the middle without a number": (AWARD, "places = 25\n", "", "[[class", "最后一个等级"),
    "a round in which nobody goes on": (AWARD, "go_on = 1200", "go_on = 0", "go_on", "须不小于 1"),
    "what is built never runs": (CENTRE, 'consequence = "operate"', 'consequence = "accept"', "[acceptance]", "operate"),
    "it absorbs itself": (CENTRE, 'absorbs = ["rights_aid_centre"', 'absorbs = ["protection_centre"', "absorbs", "本项目自己"),
    "it absorbs nobody known": (CENTRE, 'absorbs = ["rights_aid_centre"', 'absorbs = ["nowhere"', "absorbs", "nowhere"),
    "grades that nobody gives": (CENTRE, "through_province = true", "through_province = false", "[report]", "through_province"),
    "an effect there is not": (CENTRE, 'effect = "restrict"', 'effect = "explode"', "effect", "只能是"),
    "an examination nobody passes": (MARKET, 'consequence = "renew"', 'consequence = "lapse"', "[renewal]", "既有通过"),
    "an examination nobody fails": (FIRM, 'floor = 0\nconsequence = "lapse"', 'floor = 0\nconsequence = "renew"', "[renewal]", "既有通过"),
    "an examination with a gap": (FIRM, 'floor = 0\nconsequence = "lapse"', 'floor = 5\nconsequence = "lapse"', "[renewal]", "最后一段下限为 0"),
    "accepted without an acceptance": (
        FIRM, 'precondition = "last_assessment_excellent"', 'precondition = "accepted"', "precondition", "没有验收"),
    "a call for a filing at any time": (FILED, 'kind = "rolling"', 'kind = "batch"\nperiod = { n = 30, unit = "calendar", basis = "三十日" }', "", "缺少 CALL"),
    "a re-examination without its stage": (MARKET, 'code = "REX"', 'code = "UPG"', "", "REX"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(HOLES))
def test_one_hole_is_found_where_it_is(name):
    code, old, new, begins, says = HOLES[name]
    text = read(catalogue.FOLDER / f"{code}.toml")
    assert [item for item in lint(text, "", catalogue.codes()) if item.level == "error"] == []
    assert old in text, name
    broken = text.replace(old, new, 1)
    found = [item for item in lint(broken, "", catalogue.codes()) if item.level == "error"]
    assert any(says in item.text for item in found), [str(item) for item in found]
    lines = broken.split("\n")
    told = [item for item in found if says in item.text]
    assert any(lines[item.line - 1].startswith(begins) for item in told), [
        (item.line, lines[item.line - 1]) for item in told
    ]
