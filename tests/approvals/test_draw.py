"""The draw: nobody who must keep away is drawn, work is spread evenly, and the same seed draws the same panels."""

import time
from collections import Counter
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.rules.draw import (
    AWAY,
    EMPLOYER,
    FIELD,
    PROVINCE,
    SAME_EMPLOYER,
    TAKEN,
    TIE,
    Bond,
    Member,
    Subject,
    Terms,
    draw,
    why_not,
    years_after,
)  # fmt: skip

DAY = date(2026, 3, 2)
TERMS = Terms(DAY)


def member(key, organisation=None, home="", **more):
    return Member(key, organisation if organisation is not None else 1000 + key, home, **more)


def subject(key, province="1.9.", wanted=5, **more):
    return Subject(key, 5000 + key, province, wanted, **more)


def test_every_reason_is_told():
    one = subject(1, taken=frozenset({7}))
    cases = {
        TAKEN: member(7), AWAY: member(1, away=True), EMPLOYER: member(1, 5001),
        TIE: member(1, bonds=(Bond(5001),)), PROVINCE: member(1, home="1.9.33."), FIELD: member(1), "": member(2, fields=frozenset({"law"})),
    }  # fmt: skip
    for reason, who in cases.items():
        terms = TERMS if reason not in (FIELD, "") else Terms(DAY, fields=frozenset({"law"}))
        assert why_not(one, who, terms) == reason


def test_a_tie_fades_after_the_years_of_the_rules():
    over = date(2023, 3, 2)
    one = subject(1)
    for day, reason in ((date(2026, 3, 1), TIE), (date(2026, 3, 2), "")):
        assert why_not(one, member(1, bonds=(Bond(5001, over),)), Terms(day)) == reason
    assert years_after(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert why_not(one, member(1, bonds=(Bond(5002),)), TERMS) == "", "a tie to somebody else"


def test_a_national_body_comes_from_no_province():
    assert why_not(subject(1), member(1, home=""), TERMS) == ""


def test_three_hundred_applications_of_two_thousand_members_take_less_than_two_seconds():
    members = [member(n, n % 900, f"1.{n % 32 + 2}.") for n in range(2000)]
    subjects = [subject(n, f"1.{n % 32 + 2}.") for n in range(300)]
    start = time.perf_counter()
    found = draw(subjects, members, TERMS, 42)
    assert time.perf_counter() - start < 2
    assert found.spread <= 1
    assert not found.short
    assert {len(panel.seats) for panel in found.panels} == {5}


def test_a_short_panel_says_what_is_missing_and_the_smallest_relaxation():
    members = [member(n, home="1.9.") for n in range(4)] + [member(n, 77) for n in range(10, 13)]
    panel = draw([subject(1, wanted=3)], members, TERMS, 1).panels[0]
    assert len(panel.seats) == 1
    assert panel.short == 2
    assert panel.excluded == {PROVINCE: 4, SAME_EMPLOYER: 2}
    assert panel.relax == SAME_EMPLOYER
    none = draw([subject(1, wanted=3)], [member(1, away=True)], TERMS, 1).panels[0]
    assert (none.short, none.relax) == (3, "")


def test_a_replacement_keeps_to_the_employers_who_sit_there():
    members = [member(1, 77), member(2, 78, load=3)]
    panel = draw([subject(1, wanted=1, employers=(77,))], members, TERMS, 1).panels[0]
    assert [seat.member for seat in panel.seats] == [2]


def test_work_is_passed_on_along_a_chain():
    """Whoever is loaded already gives way, even when somebody else has to move first."""
    only = [subject(1, "1.2.", 1), subject(2, "1.3.", 1)]
    members = [member(1, home="1.4.", load=2), member(2, home="1.2."), member(3, home="1.3.")]
    loads = draw(only, members, TERMS, 5).loads
    assert loads == {1: 2, 2: 1, 3: 1}


MEMBERS = st.lists(
    st.builds(
        lambda key, organisation, home, load, fields: Member(key, organisation, f"1.{home}.", frozenset(fields), load),
        st.integers(1, 60), st.integers(1, 12), st.integers(2, 5), st.integers(0, 3),
        st.sets(st.sampled_from(["law", "agency", "policy"]), max_size=2),
    ),
    min_size=1, max_size=40, unique_by=lambda one: one.key,
)  # fmt: skip
SUBJECTS = st.lists(
    st.builds(lambda key, home, wanted: subject(key, f"1.{home}.", wanted), st.integers(1, 40), st.integers(2, 5), st.integers(1, 5)),
    min_size=1, max_size=12, unique_by=lambda one: one.key,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(SUBJECTS, MEMBERS, st.integers(1, 3), st.integers(1, 999))
def test_a_draw_keeps_every_rule(subjects, members, most, seed):
    terms = Terms(DAY, max_same_employer=most)
    found = draw(subjects, members, terms, seed)
    known = {one.key: one for one in members}
    loads = Counter({one.key: one.load for one in members})
    for one, panel in zip(subjects, found.panels, strict=True):
        chosen = [known[seat.member] for seat in panel.seats]
        assert len({who.key for who in chosen}) == len(chosen) == one.wanted - panel.short
        assert all(why_not(one, who, terms) == "" for who in chosen)
        employers = Counter(who.organisation for who in chosen)
        assert max(employers.values(), default=0) <= most
        loads.update(who.key for who in chosen)
        free = Counter(who.organisation for who in members if not why_not(one, who, terms))
        possible = sum(min(n, most) for n in free.values())
        assert len(chosen) == min(one.wanted, possible), "short only where the rules leave nobody"
    assert all(loads[key] == load for key, load in found.loads.items())


@settings(max_examples=100, deadline=None)
@given(SUBJECTS, MEMBERS, st.integers(1, 999))
def test_nobody_has_two_more_than_somebody_who_could_take_it_directly(subjects, members, seed):
    terms = Terms(DAY, max_same_employer=99)
    found = draw(subjects, members, terms, seed)
    known = {one.key: one for one in members}
    for one, panel in zip(subjects, found.panels, strict=True):
        inside = {seat.member for seat in panel.seats}
        outside = [key for key in found.loads if key not in inside and not why_not(one, known[key], terms)]
        if inside and outside:
            assert max(found.loads[key] for key in inside) - min(found.loads[key] for key in outside) <= 1


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(5, 40), st.integers(1, 999))
def test_where_everybody_may_judge_everything_loads_differ_by_one_at_most(n, size, seed):
    found = draw([subject(key) for key in range(n)], [member(key) for key in range(size)], TERMS, seed)
    assert found.spread <= 1


@settings(max_examples=60, deadline=None)
@given(SUBJECTS, MEMBERS, st.integers(1, 999), st.randoms())
def test_the_same_seed_draws_the_same_panels_whatever_the_order_of_the_pool(subjects, members, seed, random):
    again = list(members)
    random.shuffle(again)
    assert draw(subjects, members, TERMS, seed) == draw(subjects, again, TERMS, seed)


def test_another_seed_draws_other_panels():
    members, subjects = [member(n) for n in range(50)], [subject(1)]
    panels = {tuple(seat.member for seat in draw(subjects, members, TERMS, seed).panels[0].seats) for seed in range(9)}
    assert len(panels) > 5
