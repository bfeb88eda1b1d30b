"""Scores, rankings, numbers: arithmetic by the thousand, without a database."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.rules.numbering import DOCUMENT_NUMBER, certificate_serial, document_number
from approvals.rules.ranking import Candidate, ranked
from approvals.rules.scoring import aggregate, spread, weighted
from pilots.rules.judgement import Acceptance, Criterion, Cutoff, Scoring
from pilots.rules.parts import Words

NUMBERS = Path(__file__).parent / "doc_numbers.txt"


def criterion(code, weight, scale=10):
    return Criterion(code=code, name=Words(zh=code), weight=Decimal(weight), scale=scale)


def scoring(aggregation="mean", quorum=3, experts=5):
    return Scoring(experts=experts, quorum=quorum, aggregation=aggregation, criterion=[criterion("a", 100)])


def test_a_sheet_is_the_weighted_sum():
    sheet = [criterion("a", 25), criterion("b", 75, scale=100)]
    assert weighted(sheet, {"a": "8", "b": "60"}) == Decimal("65.00")


@pytest.mark.parametrize("score", ["-1", "10.1", "11"])
def test_a_score_outside_its_scale_is_refused(score):
    with pytest.raises(ValueError, match="outside"):
        weighted([criterion("a", 100)], {"a": score})


def test_a_missing_criterion_is_refused():
    with pytest.raises(KeyError):
        weighted([criterion("a", 100)], {})


def test_the_trimmed_mean_leaves_out_one_at_each_end():
    totals = [Decimal(n) for n in (10, 80, 82, 84, 100)]
    assert aggregate(scoring("trimmed_mean"), totals) == Decimal("82.00")
    assert aggregate(scoring("mean"), totals) == Decimal("71.20")


def test_below_the_quorum_there_is_no_score():
    with pytest.raises(ValueError, match="2 of 3"):
        aggregate(scoring(), [Decimal(1), Decimal(2)])


@given(st.lists(st.decimals(0, 100, places=2), min_size=3, max_size=15))
def test_an_aggregate_lies_between_the_lowest_and_the_highest(totals):
    for kind in ("mean", "trimmed_mean"):
        assert min(totals) <= aggregate(scoring(kind, experts=15), totals) <= max(totals)
    assert spread(totals) == max(totals) - min(totals)


def lines(cutoff, scores, orders=None):
    orders = orders or [1] * len(scores)
    return ranked(
        cutoff, [Candidate(n, Decimal(s), o, f"{n:03d}") for n, (s, o) in enumerate(zip(scores, orders, strict=True))]
    )


def test_the_list_is_in_order_and_cut_by_places_and_score():
    found = lines(Cutoff(min_score=Decimal(60), max_places=2), ["70", "90", "59", "80"])
    assert [line.key for line in found] == [1, 3, 0, 2]
    assert [line.proposed for line in found] == [True, True, False, False]
    assert "名额" in found[2].reason
    assert "入选线" in found[3].reason


def test_a_tie_at_the_cut_is_marked_and_goes_by_the_province_rank():
    found = lines(Cutoff(max_places=1), ["80", "80", "70"], [2, 1, 1])
    assert [line.key for line in found] == [1, 0, 2]
    assert [line.tied for line in found] == [True, True, False]
    assert [line.proposed for line in found] == [True, False, False]


def test_all_in_lets_every_tied_one_in():
    found = lines(Cutoff(max_places=1, tie="all_in"), ["80", "80", "70"])
    assert [line.proposed for line in found] == [True, True, False]


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40), st.integers(1, 40))
def test_nobody_above_the_line_has_less_than_anybody_below_it(scores, places):
    found = lines(Cutoff(max_places=places), [str(score) for score in scores])
    inside = [line.score for line in found if line.proposed]
    outside = [line.score for line in found if not line.proposed]
    assert len(inside) == min(places, len(scores))
    assert not outside or min(inside) >= max(outside)
    assert [line.rank for line in found] == list(range(1, len(scores) + 1))


def test_document_numbers_look_like_the_real_ones():
    assert document_number("国知发规字", 2017, 6) == "国知发规字〔2017〕6号"
    assert DOCUMENT_NUMBER.match(document_number("国知发规字", 2017, 6))
    assert not DOCUMENT_NUMBER.match("国知发规字[2017]6号")
    assert not DOCUMENT_NUMBER.match("国知发规字〔2017〕06号")
    assert certificate_serial("JJQ", 2026, 13) == "JJQ〔2026〕第00013号"


def test_every_known_document_number_matches_the_pattern():
    known = [line.strip() for line in NUMBERS.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(known) == 61
    assert [number for number in known if not DOCUMENT_NUMBER.match(number)] == []


def test_bands_read_from_the_top():
    period = {"n": 3, "unit": "month"}
    rules = Acceptance(
        authority="province", opens_before=period, window_after=period, rectification=period,
        criterion=[criterion("a", 100)],
        band=[{"code": "up", "name": "升级", "floor": 70, "consequence": "accept"},
              {"code": "again", "name": "新一轮", "floor": 60, "consequence": "new_round"},
              {"code": "out", "name": "撤销", "floor": 0, "consequence": "revoke"}],
    )  # fmt: skip
    assert [rules.band(Decimal(n)).code for n in ("100", "70", "69.99", "60", "59.99", "0")] == [
        "up", "up", "again", "again", "out", "out"]  # fmt: skip
