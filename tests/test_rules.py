"""The rules: order, waiting, the last word, whom they concern, and errors that name rule and fix."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.decide.facts import Facts
from device.decide.rules import OUTCOMES, evaluate, parse_rules
from device.errors import ConfigError
from device.messages import Door, Heading, Mode, Outcome
from tests.making import OWN_MAY_ENTER, PREY_LOCKS_OUT, steady

NOBODY = Facts(Mode.NORMAL, Door.UNKNOWN, {}, None)
SOMEBODY = replace(NOBODY, present=True, direction=Heading.IN)
OWN = {"name": "own", "who": "own", "then": "unlock"}
STRANGERS = {"name": "strangers", "who": "stranger", "then": "keep locked", "message": "not one of ours"}
LET_IN = {"name": "let in", "input": "let_in", "then": "unlock"}
LET_OUT = {"name": "let out", "input": "inside", "then": "unlock"}
TRUTHS = (True, False, None)


def ruled(*tables: dict, facts: Facts, require_prey_proof: bool = False):
    return evaluate(parse_rules(tables, require_prey_proof), facts)


def test_without_rules_the_last_word_is_locked():
    ruling = ruled(facts=SOMEBODY)
    assert (ruling.outcome, ruling.rule, ruling.fired) == (Outcome.KEEP_LOCKED, "last word", None)


def test_the_first_rule_that_holds_wins():
    shut = {"name": "shut", "mode": "normal", "then": "keep locked"}
    facts = replace(SOMEBODY, own=True)
    assert ruled(shut, OWN, facts=facts).rule == "shut"
    assert ruled(OWN, shut, facts=facts).rule == "own"


def test_a_rule_that_waits_blocks_every_later_rule():
    ruling = ruled(STRANGERS, {"name": "all", "mode": "normal", "then": "alert"}, facts=SOMEBODY)
    assert (ruling.outcome, ruling.rule) == (Outcome.UNDECIDED, "strangers")
    assert ruling.reason.startswith("waiting: ")


def test_a_condition_that_does_not_hold_passes_the_rule_over_however_little_else_is_known():
    facts = replace(SOMEBODY, own=True)
    never = {"name": "never", "who": "own", "mode": "locked", "prey": False, "then": "unlock"}
    assert ruled(never, OWN, facts=facts).rule == "own"


def test_a_waiting_rule_says_all_that_it_lacks():
    facts = replace(SOMEBODY, missing={"own": "a look at it", "prey": "a look at its mouth"})
    ruling = ruled(OWN | {"prey": False}, facts=facts)
    assert ruling.reason == "waiting: a look at it; a look at its mouth"


@pytest.mark.parametrize(("own", "prey"), list(product(TRUTHS, TRUTHS)))
def test_the_usual_two_rules_over_all_they_may_know(own, prey):
    ruling = ruled(
        PREY_LOCKS_OUT, OWN_MAY_ENTER, facts=replace(SOMEBODY, own=own, prey=prey), require_prey_proof=True
    )
    if own is False:
        expected = Outcome.KEEP_LOCKED
    elif own and prey is not None:
        expected = Outcome.LOCK_OUT if prey else Outcome.UNLOCK
    elif own is None and prey is False:
        expected = Outcome.UNDECIDED
    else:
        expected = Outcome.UNDECIDED
    assert ruling.outcome is expected


@pytest.mark.parametrize("prey", TRUTHS)
def test_required_prey_proof_goes_without_saying(prey):
    ruling = ruled(OWN, facts=replace(SOMEBODY, own=True, prey=prey), require_prey_proof=True)
    assert (ruling.outcome is Outcome.UNLOCK) is (prey is False)
    assert ruled(OWN, facts=replace(SOMEBODY, own=True, prey=prey)).outcome is Outcome.UNLOCK


def test_required_prey_proof_leaves_rules_alone_that_do_not_let_an_animal_in():
    tables = (STRANGERS, LET_IN, OWN | {"prey": False})
    assert [tuple(rule.conditions) for rule in parse_rules(tables, True)] == [
        ("who",),
        ("input",),
        ("who", "prey"),
    ]


def test_an_animal_let_in_only_while_a_switch_is_on_still_needs_prey_proof():
    ruling = ruled(
        OWN | {"input": "let_in"},
        facts=replace(SOMEBODY, own=True, inputs={"let_in": True}),
        require_prey_proof=True,
    )
    assert ruling.outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(("then", "outcome"), list(OUTCOMES.items()))
def test_every_outcome_of_the_design_can_be_asked_for(then, outcome):
    minutes = {"minutes": 5} if then == "lock out" else {}
    ruling = ruled({"who": "own", "then": then, **minutes}, facts=replace(SOMEBODY, own=True))
    assert (ruling.outcome, ruling.rule) == (outcome, "rule 1")
    assert ruling.fired is not None
    assert ruling.fired.alert is (then == "alert")
    assert ruling.fired.minutes == (5 if then == "lock out" else 0)


def test_a_rule_gives_its_message_as_the_reason():
    assert ruled(STRANGERS, facts=replace(SOMEBODY, own=False)).reason == "not one of ours"
    assert ruled(OWN, facts=replace(SOMEBODY, own=True)).reason == "rule 'own' holds"


SENSED = {"inputs": {"inside": True, "let_in": False}, "sensors": {"inside"}}
PRESSED = {"inputs": {"inside": False, "let_in": True}, "sensors": {"inside"}}


def test_what_a_sensor_sees_inside_lets_nobody_in_who_stands_outside():
    stranger = replace(SOMEBODY, own=False, **SENSED)
    assert ruled(OWN, LET_OUT, facts=stranger).rule == "last word"
    assert ruled(OWN, LET_OUT, facts=replace(NOBODY, **SENSED)).rule == "last word"
    assert ruled(OWN, LET_OUT, facts=replace(NOBODY, leaving=True, **SENSED)).rule == "let out"


def test_a_switch_lets_in_whoever_comes_but_is_no_word_on_who_leaves():
    for comer in (NOBODY, replace(SOMEBODY, own=False)):
        assert ruled(LET_IN, LET_OUT, facts=replace(comer, **PRESSED)).rule == "let in"
    assert ruled(LET_IN, LET_OUT, facts=replace(NOBODY, leaving=True, **PRESSED)).rule == "last word"


def test_a_sensor_may_be_one_condition_of_an_animal():
    outside = {"name": "own", "who": "own", "input": "inside", "then": "unlock"}
    assert ruled(outside, facts=replace(SOMEBODY, own=True, **SENSED)).outcome is Outcome.UNLOCK


def test_a_rule_that_keeps_locked_by_an_input_holds_for_animals_switches_and_sensors():
    vet = {"name": "vet", "input": "vet", "then": "keep locked"}
    inputs = {"inputs": {"vet": True, "inside": True, "let_in": True}, "sensors": {"inside"}}
    for facts in (NOBODY, replace(NOBODY, leaving=True), replace(SOMEBODY, own=True)):
        assert ruled(vet, LET_IN, LET_OUT, OWN, facts=replace(facts, **inputs)).rule == "vet"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            {"name": "cats", "then": "unlock"},
            """'cats' would unlock for everyone; say who = "own", or input""",
        ),
        ({"then": "unlock", "prey": False}, "'rule 2' would unlock for everyone"),
        ({"then": "unlock", "mode": "normal", "window": "08:00-20:00"}, "would unlock for everyone"),
        ({"then": "unlock", "input": "not vet"}, "would unlock for everyone"),
        ({"then": "unlock", "input": "  not vet"}, "would unlock for everyone"),
        ({"name": "x", "then": "open", "who": "own"}, "'x': then = 'open' is not an outcome; "),
        ({"name": "x", "then": "unlok", "who": "own"}, "did you mean 'unlock'?"),
        ({"name": "x", "then": "zzz"}, "use one of unlock, keep locked, lock out, alert"),
        ({"name": "x", "then": ["unlock"], "who": "own"}, "'x': then = ['unlock'] is not an outcome"),
        ({"name": "x", "who": "own"}, "'x': then = None is not an outcome"),
        (
            {"name": "x", "then": "lock out"},
            "'x': minutes belongs to then = \"lock out\" and is needed there",
        ),
        ({"name": "x", "then": "unlock", "who": "own", "minutes": 5}, "minutes belongs to"),
        (
            {"name": "x", "then": "lock out", "minutes": "5"},
            "'x': minutes = '5' must be a number from 0 to 1440",
        ),
        ({"name": "x", "then": "lock out", "minutes": -1}, "minutes = -1 must be a number"),
        ({"name": "x", "then": "lock out", "minutes": 1441}, "minutes = 1441 must be a number"),
        ({"name": "x", "then": "lock out", "minutes": True}, "minutes = True must be a number"),
        ({"name": "x", "then": "lock out", "minutes": float("nan")}, "minutes = nan must be a number"),
        ({"name": "x", "then": "unlock", "whom": "own"}, "'x': whom is not a condition; did you mean who?"),
        (
            {"name": "x", "then": "unlock", "who": "own", "prey": "no"},
            "'x': prey = 'no' must be true or false",
        ),
        (
            {"name": "own", "then": "unlock", "who": "own"},
            "'own' stands twice; give each rule a name of its own",
        ),
        (
            {"name": "x", "then": "unlock", "who": "own", "prey": True},
            "'x' unlocks for prey although prey proof is required; take prey out",
        ),
    ],
)
def test_a_wrong_rule_is_refused_by_name_with_the_fix(table, says):
    with pytest.raises(ConfigError) as error:
        parse_rules([OWN, table], True)
    assert str(error.value).startswith("[[rule]] ")
    assert says in str(error.value)


def test_prey_may_be_let_in_where_no_proof_is_required():
    hunter = OWN | {"prey": True}
    assert ruled(hunter, facts=replace(SOMEBODY, own=True, prey=True)).outcome is Outcome.UNLOCK


FACTS = st.builds(
    Facts,
    mode=st.sampled_from(Mode),
    door=st.sampled_from(Door),
    inputs=st.dictionaries(st.sampled_from(["vet", "inside", "let_in"]), st.booleans()),
    local=st.none(),
    sensors=st.sampled_from([frozenset(), frozenset({"inside"})]),
    leaving=st.booleans(),
    present=st.booleans(),
    own=st.sampled_from(TRUTHS),
    names=st.dictionaries(st.sampled_from(["mimi", "tom"]), st.sampled_from(TRUTHS)),
    person=st.sampled_from(TRUTHS),
    other_species=st.sampled_from(TRUTHS),
    prey=st.sampled_from(TRUTHS),
    direction=st.sampled_from(Heading),
)
CONDITIONS = st.fixed_dictionaries(
    {"who": st.sampled_from(["own", "mimi", ["mimi", "tom"]])},
    optional={
        "prey": st.just(False),
        "direction": st.sampled_from(["in", "out"]),
        "door": st.sampled_from(["open", "closed"]),
        "mode": st.sampled_from([mode.value for mode in Mode]),
        "input": st.sampled_from(["vet", "not vet", "inside"]),
        "window": st.just("22:00-06:00"),
    },
)


@steady
@given(st.lists(CONDITIONS, max_size=4), FACTS)
def test_no_rule_lets_in_an_animal_not_proven_to_be_own_with_an_empty_mouth(tables, facts):
    ruling = ruled(*[table | {"then": "unlock"} for table in tables], facts=facts, require_prey_proof=True)
    if ruling.outcome is Outcome.UNLOCK:
        assert facts.present
        assert facts.own or any(facts.names.values())
        assert facts.prey is False


@steady
@given(st.lists(CONDITIONS, max_size=4), FACTS)
def test_a_fact_that_becomes_unknown_never_opens(tables, facts):
    rules = parse_rules([table | {"then": "unlock"} for table in tables], True)
    vague = replace(facts, own=None, prey=None, names={}, person=None, other_species=None)
    assert evaluate(rules, vague).outcome is not Outcome.UNLOCK
