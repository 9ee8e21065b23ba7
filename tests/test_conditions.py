"""Each condition of a rule over all it may be asked, and each wrong value with its fix."""

from dataclasses import replace
from itertools import product

import pytest

from device.decide.conditions import known, parse
from device.decide.facts import Facts, Truth, either
from device.errors import ConfigError
from device.messages import Door, Heading, Mode

NOBODY = Facts(Mode.NORMAL, Door.UNKNOWN, {}, None)
SOMEBODY = replace(NOBODY, present=True)
TRUTHS = (True, False, None)


def test_every_condition_of_the_design_is_there():
    assert known() == ["camera", "chip", "direction", "door", "input", "mode", "prey", "who", "window"]


@pytest.mark.parametrize("own", TRUTHS)
def test_own_and_stranger_are_opposites_and_both_unknown_together(own):
    facts = replace(SOMEBODY, own=own, missing={"own": "a clear view"})
    own_answer, stranger = parse("who", "own")(facts), parse("who", "stranger")(facts)
    assert own_answer.value is own
    assert stranger.value is (None if own is None else not own)
    assert own is not None or own_answer.why == stranger.why == "a clear view"


@pytest.mark.parametrize(("person", "other"), list(product(TRUTHS, TRUTHS)))
def test_person_and_other_species_are_asked_of_the_species(person, other):
    facts = replace(SOMEBODY, person=person, other_species=other)
    assert parse("who", "person")(facts).value is person
    assert parse("who", "other species")(facts).value is other


def test_a_name_that_nobody_has_been_proven_to_have_is_unknown():
    facts = replace(SOMEBODY, names={"mimi": True, "tom": None}, missing={"own": "a clear view"})
    assert parse("who", "mimi")(facts).value is True
    assert parse("who", "tom")(facts) == Truth(None, "a clear view")
    assert parse("who", "felix")(replace(facts, missing={})) == Truth(None, "whether it is felix")
    assert parse("who", "tom")(replace(facts, missing={"tom": "never taught"})).why == "never taught"


@pytest.mark.parametrize(("one", "other"), list(product(TRUTHS, TRUTHS)))
def test_a_list_holds_if_any_of_it_does(one, other):
    facts = replace(SOMEBODY, names={"mimi": one, "tom": other})
    expected = True if one or other else (False if one is False and other is False else None)
    assert parse("who", ["mimi", "tom"])(facts).value is expected


@pytest.mark.parametrize(
    ("wanted", "read", "answer"),
    [
        ("mimi", "mimi", True),
        ("mimi", "luna", False),
        ("mimi", "", False),
        (["mimi", "luna"], "luna", True),
        ("own", "luna", True),
        ("own", "", False),
    ],
)
def test_a_chip_that_was_read_is_one_of_those_asked_for_or_not(wanted, read, answer):
    assert parse("chip", wanted)(replace(NOBODY, chip=read)).value is answer


@pytest.mark.parametrize(("sees", "blind"), [(True, False), (False, False), (False, True)])
def test_a_camera_sees_is_blind_for_long_or_is_neither(sees, blind):
    facts = replace(NOBODY, sees=sees, blind=blind)
    assert (parse("camera", "sees")(facts), parse("camera", "blind")(facts)) == (Truth(sees), Truth(blind))


def test_where_no_chip_was_read_a_rule_about_chips_waits():
    assert parse("chip", ["mimi", "luna"])(NOBODY) == Truth(None, "the chip of mimi or luna")


@pytest.mark.parametrize("value", [3, [], [3], None])
def test_a_chip_must_be_asked_for_by_names(value):
    with pytest.raises(ConfigError, match="the name of an animal"):
        parse("chip", value)


def test_a_list_of_unknowns_says_all_that_is_missing():
    assert either([Truth(None, "a"), Truth(False), Truth(None, "b")]) == Truth(None, "a; b")


@pytest.mark.parametrize("who", ["own", "stranger", "other species", "person", "mimi", ["own", "person"]])
def test_nobody_is_none_of_them(who):
    assert parse("who", who)(replace(NOBODY, own=True, person=True, names={"mimi": True})).value is False


@pytest.mark.parametrize(("prey", "asked"), list(product(TRUTHS, (True, False))))
def test_prey_is_yes_no_or_not_yet_known(prey, asked):
    truth = parse("prey", asked)(replace(SOMEBODY, prey=prey))
    assert truth.value is (None if prey is None else prey is asked)
    assert parse("prey", asked)(replace(NOBODY, prey=prey)).value is False


@pytest.mark.parametrize(
    ("heading", "comes"), [(Heading.IN, True), (Heading.UNCLEAR, True), (Heading.OUT, False)]
)
def test_one_that_has_not_begun_to_leave_may_be_coming_in(heading, comes):
    facts = replace(SOMEBODY, direction=heading)
    assert parse("direction", "in")(facts).value is comes
    assert parse("direction", "out")(facts).value is not comes


def test_nobody_has_a_direction():
    assert [parse("direction", way)(NOBODY).value for way in ("in", "out")] == [False, False]


@pytest.mark.parametrize("door", list(Door))
def test_how_the_flap_stands_is_unknown_without_a_sensor(door):
    for asked in ("open", "closed"):
        truth = parse("door", asked)(replace(NOBODY, door=door))
        assert truth.value is (None if door is Door.UNKNOWN else door.value == asked)


@pytest.mark.parametrize(
    ("asked", "on", "expected"),
    [
        ("vet", True, True),
        ("vet", False, False),
        ("not vet", True, False),
        ("not vet", False, True),
        (" vet ", True, True),
        (" not  vet", False, True),
    ],
)
def test_an_input_is_on_or_off(asked, on, expected):
    assert parse("input", asked)(replace(NOBODY, inputs={"vet": on})).value is expected


@pytest.mark.parametrize("asked", ["vet", "not vet"])
def test_an_input_that_does_not_exist_is_unknown(asked):
    truth = parse("input", asked)(NOBODY)
    assert truth.value is None
    assert "vet" in truth.why


@pytest.mark.parametrize("mode", list(Mode))
def test_the_mode_is_asked_by_name_or_by_a_list(mode):
    facts = replace(NOBODY, mode=mode)
    assert parse("mode", "in-only")(facts).value is (mode is Mode.IN_ONLY)
    assert parse("mode", ["in-only", "normal"])(facts).value is (mode in (Mode.IN_ONLY, Mode.NORMAL))


@pytest.mark.parametrize(
    ("key", "value", "fix"),
    [
        ("hwo", "own", "hwo is not a condition; did you mean who?"),
        (
            "zzz",
            1,
            "zzz is not a condition; use one of camera, chip, direction, door, input, mode, prey, who,",
        ),
        ("__init__", 1, "is not a condition"),
        ("who", 3, 'must be "own", "stranger"'),
        ("who", [], 'must be "own", "stranger"'),
        ("who", ["own", 3], 'must be "own", "stranger"'),
        ("prey", "no", "prey = 'no' must be true or false"),
        ("prey", 0, "must be true or false"),
        ("direction", "inside", 'must be "in" or "out"'),
        ("direction", ["in"], 'must be "in" or "out"'),
        ("door", "ajar", 'must be "open" or "closed"'),
        ("door", "unknown", 'must be "open" or "closed"'),
        ("input", "", 'must be the name of an input, or "not NAME"'),
        ("input", "not ", 'must be the name of an input, or "not NAME"'),
        ("input", True, 'must be the name of an input, or "not NAME"'),
        ("mode", "closed", "must be one of in-only, locked, normal, out-only, unlocked"),
        ("mode", [], "must be one of"),
        ("mode", [["normal"]], "must be one of"),
        ("mode", {"mode": "normal"}, "must be one of"),
    ],
)
def test_a_wrong_condition_says_what_would_be_right(key, value, fix):
    with pytest.raises(ConfigError) as error:
        parse(key, value)
    assert fix in str(error.value)
