"""Writing values back: what is around them stays as it stands, for every document and every value of the catalogue."""

import tomllib

import pytest

from pilots import catalogue
from pilots.authoring import words
from pilots.authoring.choosing import tables
from pilots.authoring.differing import differences
from pilots.authoring.form import Source, page
from pilots.authoring.parts import HIDDEN, PARTS, located
from pilots.authoring.slots import is_heavy, models_of, slot_at, slots_of
from pilots.authoring.tables import WrongPlace
from pilots.authoring.writing import Writing
from pilots.rules.document import read
from pilots.rules.schema import Rules

TEXTS = {path.stem: read(path) for path in catalogue.files()}
TRIAL = TEXTS["service_cluster_trial_zone"]


def changed(text, *steps):
    writing = Writing(text)
    for name, *given in steps:
        getattr(writing, name)(*given)
    return writing.text


def lines_of(old, new):
    """(lines gone, lines new) as sets: what a change has touched."""
    return set(old.split("\n")) - set(new.split("\n")), set(new.split("\n")) - set(old.split("\n"))


# --- the schema and its words -----------------------------------------------------------------------------------------
def test_every_key_of_the_schema_has_words_in_both_languages():
    missing = []
    for model in models_of():
        for slot in slots_of(model):
            table = words.BLOCKS if slot.kind == "block" else words.LABELS
            found = table.get(slot.name)
            if found is None or len(found) not in (2, 4) or not all(found):
                missing.append(slot.name)
    assert missing == []


def test_every_value_of_a_fixed_list_has_words():
    same = {"通知", "批复", "函", "决定", "名单通知", "委托函"}
    missing = [
        (slot.name, value)
        for model in models_of()
        for slot in slots_of(model)
        for value in slot.choices
        if slot.name != "Rules.schema_version" and value not in same and words.value(slot.name, value) == value
    ]
    assert missing == []


def test_no_words_for_keys_that_are_gone():
    names = {slot.name for model in models_of() for slot in slots_of(model)}
    assert set(words.LABELS) - names == set()
    assert set(words.BLOCKS) - names == set()


def test_every_key_is_on_exactly_one_page():
    keys = [key for part in PARTS for key in part.keys]
    assert len(keys) == len(set(keys))
    assert set(keys) | HIDDEN == {slot.key for slot in slots_of(Rules)}


# --- values -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", TEXTS)
def test_saving_what_is_shown_changes_nothing(code):
    """Every value of every page, written back as the page shows it, means the same."""
    data = tomllib.loads(TEXTS[code])
    pages = [page(Source(data, {}), part.keys) for part in PARTS]
    for block in ((), ("plan",), ("report",), ("mid_term",), ("acceptance",)):
        here = data
        for key in block:
            here = here.get(key, {})
        pages += [
            page(Source(data, {}), at=(*block, "section", index)) for index in range(len(tables(here.get("section"))))
        ]
    writing, count = Writing(TEXTS[code]), 0
    for made in pages:
        for one in made.inputs.values():
            here = data
            for key in one["path"]:
                here = here.get(key) if isinstance(here, dict) else here[key] if isinstance(here, list) else None
            if here is None or (isinstance(here, str) != isinstance(one["value"], str) and one["slot"].kind == "words"):
                continue
            writing.set(one["path"], one["value"] if isinstance(one["value"], list) else [one["value"]])
            count += 1
    assert count > 100
    assert tomllib.loads(writing.text) == data


def test_one_value_touches_one_line():
    new = changed(TRIAL, ("set", ("quota", "places"), "3"))
    assert lines_of(TRIAL, new) == ({"places = 2"}, {"places = 3"})


def test_what_does_not_fit_stays_as_it_was_typed():
    new = changed(TRIAL, ("set", ("quota", "places"), "三个"))
    assert tomllib.loads(new)["quota"]["places"] == "三个"
    ladder = changed(TRIAL, ("set", ("stage", 1, "ladder"), "-3，0 x"))
    assert tomllib.loads(ladder)["stage"][1]["ladder"] == [-3, 0, "x"]
    odd = 'a"b\\c\n\'\'\'"""\t第二行'
    assert tomllib.loads(changed(TRIAL, ("set", ("name", "zh"), odd)))["name"]["zh"] == odd


def test_nothing_typed_takes_the_value_away():
    new = changed(TRIAL, ("set", ("section", 0, "help", "zh"), ""), ("set", ("section", 0, "help", "en"), ""))
    assert "help" not in tomllib.loads(new)["section"][0]
    assert tomllib.loads(changed(TRIAL, ("set", ("name", "zh"), "")))["name"] == {
        "zh": "",
        "en": tomllib.loads(TRIAL)["name"]["en"],
    }


def test_what_the_text_leaves_out_begins_with_the_schemas_default():
    new = changed(TRIAL, ("set", ("scoring", "settle_within", "n"), "7"))
    assert tomllib.loads(new)["scoring"]["settle_within"] == {"n": 7, "unit": "working"}


# --- rows and tables --------------------------------------------------------------------------------------------------
ROWS = [("stage",), ("material",), ("section",), ("section", 0, "field"), ("scoring", "criterion"), ("checklist",),
        ("section", 0, "field", 1, "choices"), ("signoff", "countersigners"), ("acceptance", "band"), ("confirm",)]  # fmt: skip


@pytest.mark.parametrize("path", ROWS)
def test_a_row_added_and_taken_away_leaves_the_text_as_it_was(path):
    count = len(_at(tomllib.loads(TRIAL), path))
    added = changed(TRIAL, ("append", path))
    assert len(_at(tomllib.loads(added), path)) == count + 1
    assert changed(added, ("remove", (*path, count))) == TRIAL


@pytest.mark.parametrize("path", [path for path in ROWS if path != ("signoff", "countersigners")])
def test_two_moves_up_and_back_leave_the_text_as_it_was(path):
    """From the second place on; the first element's own comments stand with what is before it."""
    data = _at(tomllib.loads(TRIAL), path)
    up = changed(TRIAL, ("move_up", (*path, 2)))
    rows = _at(tomllib.loads(up), path)
    assert rows[1] == data[2]
    assert rows[2] == data[1]
    assert changed(up, ("move_up", (*path, 2))) == TRIAL


def test_comments_go_with_what_they_stand_in_front_of():
    text = "a = 1\n# one\n[[stage]]\ncode = 'x'\n\n# two\n[[stage]]\ncode = 'y'\n\n# end\n[notice]\nb = 1\n"
    moved = changed(text, ("move_up", ("stage", 1)))
    assert (
        moved.index("# two") < moved.index("'y'") < moved.index("'x'") < moved.index("# end") < moved.index("[notice]")
    )
    gone = changed(text, ("remove", ("stage", 1)))
    assert "# two" not in gone
    assert "# one" in gone
    assert "# end\n[notice]" in gone


def test_a_table_can_be_begun_and_dropped():
    for path in (("agreement",), ("funding",), ("renewal",), ("notice", "appeal")):
        begun = changed(TRIAL, ("add_block", path))
        assert _at(tomllib.loads(begun), path)
        assert tomllib.loads(changed(begun, ("remove", path))) == tomllib.loads(TRIAL)


def test_places_that_do_not_exist_are_refused():
    for step in (("set", ("nothing",), "1"), ("move_up", ("stage", 0)), ("remove", ("stage", 99)), ("append", ("quota",)),
                 ("set", ("stage", 99, "owner"), "x"), ("remove", ("nothing",)), ("add_block", ("stage",))):  # fmt: skip
        with pytest.raises(WrongPlace):
            changed(TRIAL, step)


def _at(data, path):
    for part in path:
        data = data[part]
    return data


# --- differences ------------------------------------------------------------------------------------------------------
def test_differences_are_told_by_place_and_in_words():
    new = changed(
        TRIAL,
        ("set", ("stage", 2, "due", "n"), "15"),
        ("set", ("scoring", "blind"), "true"),
        ("remove", ("material", 3)),
    )
    found = {row.where: (row.before, row.after) for row in differences(TRIAL, new)}
    assert found["专家评审 › 匿名评审"] == ("否", "是")
    assert found["附件材料"][1] == ""
    period = next(value for where, value in found.items() if "省级推荐" in where)
    assert period[0].startswith("10 个工作日")
    assert period[1].startswith("15 个工作日")
    assert len(found) == 3


def test_a_text_compared_with_itself_differs_in_nothing():
    for text in TEXTS.values():
        assert differences(text, text) == []
    assert differences("x = [", TRIAL) is None


def test_paths_of_findings_lead_to_elements():
    data = tomllib.loads(TRIAL)
    assert located(data, "stage.PROV.due.n") == ("stage", 2, "due", "n")
    assert located(data, "stage.99.due") == ("stage",)
    assert slot_at(("stage", 2, "due")).kind == "period"
    assert is_heavy(slot_at(("plan", "section")))
