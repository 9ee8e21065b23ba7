"""What must hold whatever comes: hypothesis looks for the evening on which it does not."""

import math
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.decide.household import IdentitySettings
from device.messages import (
    Box,
    ChipRead,
    Door,
    Heading,
    Mode,
    Observation,
    Outcome,
    Verdict,
    View,
    VisitPhase,
)
from tests.making import (
    EVEN,
    MIMI,
    NEAR,
    OWN_CLEAN,
    OWN_MAY_ENTER,
    OWN_WITH_PREY,
    PREY_LOCKS_OUT,
    STRANGER,
    TOM,
    frames,
    mouth,
    observation,
    opened,
    play,
    policy,
    sighting,
    species,
    steady,
    verdict,
    view,
    who,
)

few = settings(steady, max_examples=60)

ANY_OWN = {"name": "own", "who": "own", "then": "unlock"}
LET_IN = {"name": "let in", "input": "let_in", "then": "unlock"}
LET_OUT = {"name": "let out", "input": "inside", "then": "unlock"}
PERSON = {"name": "person", "who": "person", "then": "unlock"}
FOREIGN = {"name": "foreign", "who": ["other species", "stranger"], "then": "unlock"}

CLEAR = view()
BAD_VIEWS = [
    view(sharpness=0.0),
    view(brightness=0.0),
    view(brightness=1.0),
    view(height=0.01),
    View(math.nan, math.nan, math.nan),
]
AWAY = Box(0.0, 0.0, 0.01, 0.3)
STEPS = st.floats(0.07, 0.35)
PAUSES = st.one_of(STEPS, STEPS, st.floats(-2.0, 12.0))
SCORES = st.floats(0, 1)
NUMBERS = st.one_of(SCORES, st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 1e300, 0.0]))
DOORS = st.sampled_from(Door)


def opposed(task: str, one: str, other: str) -> st.SearchStrategy[Verdict]:
    return SCORES.map(lambda score: Verdict(task, {one: score, other: 1 - score}))


WHO, PREY = opposed("who", "mimi", "stranger"), opposed("prey", "clean", "prey")
KIND = st.sampled_from([species(), species("person"), species("other animal"), EVEN[0]])
SURE = st.sampled_from([OWN_CLEAN, OWN_CLEAN, OWN_WITH_PREY, STRANGER])
ANY = st.one_of(st.just(OWN_CLEAN), SURE, st.tuples(KIND, WHO, PREY))


@st.composite
def evenings(
    draw: st.DrawFn,
    verdicts: st.SearchStrategy[tuple[Verdict, ...]] = ANY,
    looks: st.SearchStrategy[View] | None = None,
    episodes: int = 6,
    **of_pass: st.SearchStrategy[Any],
) -> list[Observation]:
    """Up to `episodes` stretches of passes in which all stays as it is, with up to two animals.

    `of_pass` are strategies of what observation() takes.
    """
    time, passes = 100.0, []
    for _ in range(draw(st.integers(1, episodes))):
        time, step = time + draw(PAUSES), draw(STEPS)
        held = {key: draw(value) for key, value in of_pass.items()}
        animals = [
            sighting(
                *draw(verdicts),
                look=CLEAR if looks is None else draw(looks),
                id=one,
                heading=draw(st.sampled_from([Heading.IN, Heading.IN, Heading.UNCLEAR, Heading.OUT])),
                seen=draw(st.sampled_from([True, True, True, False])),
                box=draw(st.sampled_from([NEAR, NEAR, NEAR, AWAY])),
            )
            for one in draw(st.sampled_from([(1,), (1,), (1,), (2,), (1, 2), ()]))
        ]
        for number in range(draw(st.integers(1, 12))):
            time += step if number else 0.0
            passes.append(observation(time, *animals, **held))
    return passes


def doors() -> list[Any]:
    """Projects of every temper, from prey proof to identity alone, with all that could open."""
    return [
        policy(),
        policy(ANY_OWN, require_prey_proof=False),
        policy(PERSON, FOREIGN, require_prey_proof=False),
        policy(ANY_OWN, animals=(MIMI, TOM), require_prey_proof=False),
        policy(ANY_OWN, require_prey_proof=False, identity=IdentitySettings(proof="either")),
    ]


# --- nothing opens that proves nothing -------------------------------------------------------------


@few
@given(evenings(verdicts=st.just(OWN_CLEAN), looks=st.sampled_from(BAD_VIEWS), door=DOORS))
def test_views_that_are_not_usable_never_open(evening):
    assert not any(opened(play(door, evening)) for door in doors())


@few
@given(evenings(verdicts=ANY, blind=st.sampled_from(["black", "frozen", "stale"]), door=DOORS))
def test_a_blind_camera_never_opens(evening):
    assert not any(opened(play(door, evening)) for door in doors())


@few
@given(evenings(verdicts=st.just(EVEN), door=DOORS))
def test_heads_that_cannot_tell_never_open(evening):
    assert not any(opened(play(door, evening)) for door in doors())


UNTAUGHT_WHO = st.sampled_from(
    [
        (),
        (verdict("who", mimi=1.0),),
        (verdict("who", stranger=1.0),),
        (verdict("who", felix=0.99, stranger=0.01),),
    ]
)


@few
@given(evenings(verdicts=st.tuples(UNTAUGHT_WHO, PREY).map(lambda pair: (species(), *pair[0], pair[1]))))
def test_an_own_animal_or_strangers_never_taught_never_open(evening):
    assert not opened(play(policy(), evening))
    assert not opened(play(policy(ANY_OWN, require_prey_proof=False), evening))


UNTAUGHT_PREY = st.sampled_from([(), (verdict("prey", clean=1.0),), (verdict("prey", prey=0.0),)])


@few
@given(evenings(verdicts=UNTAUGHT_PREY.map(lambda prey: (species(), who(), *prey)), door=DOORS))
def test_prey_never_taught_never_opens_where_its_proof_is_required(evening):
    assert not opened(play(policy(OWN_MAY_ENTER), evening))


@few
@given(evenings(verdicts=st.just(OWN_CLEAN), chip=st.just(ChipRead(100.0, MIMI.chip))))
def test_without_an_own_animal_in_the_project_nobody_is_own(evening):
    assert not opened(play(policy(ANY_OWN, animals=(), require_prey_proof=False), evening))


@few
@given(evenings(verdicts=st.tuples(KIND, WHO, st.just(mouth(0.03))), door=DOORS))
def test_an_animal_that_is_never_seen_with_an_empty_mouth_never_opens(evening):
    assert not opened(play(policy(), evening))
    assert not opened(play(policy(OWN_MAY_ENTER), evening))


# --- time ------------------------------------------------------------------------------------------


@few
@given(evenings(episodes=3), st.lists(st.floats(0, 400), max_size=30), st.booleans())
def test_the_passing_of_time_alone_never_opens(evening, steps, looked):
    door = policy(PREY_LOCKS_OUT, ANY_OWN)
    last = play(door, evening)[-1]
    if last.lease is not None:
        return
    time = evening[-1].time
    for step in steps:
        time += step
        unseen = frames(time, 0.1, *OWN_CLEAN, of_track={"seen": False})[0]
        later = unseen if looked else observation(time, looked=False)
        assert door.decide(later).lease is None


@few
@given(evenings(door=DOORS))
def test_every_lease_rests_on_a_clear_view_not_longer_ago_than_it_holds(evening):
    door, shown = policy(), []
    for each in evening:
        decision = door.decide(each)
        if any(one.track.seen and one.track.heading is not Heading.OUT for one in each.sightings):
            shown.append(each.time)
        if decision.lease is not None:
            assert decision.lease.time in shown
            assert abs(each.time - decision.lease.time) <= decision.lease.seconds


@few
@given(evenings(episodes=4), st.floats(1.01, 1e6))
def test_a_clock_that_is_set_back_never_opens_and_ends_every_lease(evening, back):
    door = policy()
    play(door, evening)
    earlier = evening[-1].time - back
    later = [observation(earlier - step, looked=step % 2 == 0) for step in range(5)]
    assert not opened(play(door, later))


@few
@given(st.floats(3, 15), st.sampled_from([0.8, 0.9, 0.97]))
def test_an_own_cat_waits_about_as_long_at_every_frame_rate(rate, score):
    def first(rate: float) -> float:
        door = policy()
        shown = frames(0, 8, species(), who(score), mouth(score), rate=rate)
        return next(each.time for each in shown if door.decide(each).lease is not None)

    assert first(30) - 0.04 <= first(rate) <= first(30) + 1 / rate + max(1 / rate, 2 / rate - 0.4) + 0.04


# --- the owner's word ------------------------------------------------------------------------------

PASS = {
    "mode": st.sampled_from(Mode),
    "lost": st.sampled_from([False, False, False, True]),
    "enforce": st.booleans(),
    "door": DOORS,
    "buttons": st.booleans().map(lambda on: {"let_in": on}),
    "motion": st.booleans().map(lambda on: {"inside": on}),
}
EVERYTHING = (PREY_LOCKS_OUT, ANY_OWN, LET_IN, LET_OUT)


@few
@given(evenings(**PASS))
def test_no_lease_while_locked_nor_while_not_enforcing(evening):
    for each, decision in zip(evening, play(policy(*EVERYTHING), evening), strict=True):
        if each.settings.mode is Mode.LOCKED or not each.settings.enforce:
            assert decision.lease is None
        if each.settings.mode is Mode.LOCKED:
            assert not decision.would


@few
@given(evenings(**(PASS | {"motion": st.just({"inside": False})})))
def test_no_lease_while_out_only_or_lost_unless_a_sensor_asks_for_the_way_out(evening):
    for each, decision in zip(evening, play(policy(*EVERYTHING), evening), strict=True):
        if each.settings.mode is Mode.OUT_ONLY or each.settings.lost:
            assert decision.lease is None and not decision.would


@few
@given(evenings(**PASS))
def test_lost_settings_never_open_for_anyone_who_stands_outside(evening):
    evening = [replace(each, settings=replace(each.settings, lost=True)) for each in evening]
    for each, decision in zip(evening, play(policy(*EVERYTHING), evening), strict=True):
        waits = any(one.track.box == NEAR and one.verdict("species") == species() for one in each.sightings)
        if waits or decision.rule != "let out":
            assert decision.lease is None


@few
@given(evenings(**PASS))
def test_enforcing_changes_nothing_but_the_lease(evening):
    def decided(enforce: bool):
        return play(
            policy(*EVERYTHING),
            [replace(each, settings=replace(each.settings, enforce=enforce)) for each in evening],
        )

    for doing, watching in zip(decided(True), decided(False), strict=True):
        assert watching == replace(doing, lease=None, would=doing.lease is not None)


@few
@given(evenings(**PASS))
def test_unlock_is_said_if_and_only_if_a_lease_is_in_force_or_would_be(evening):
    for decision in play(policy(*EVERYTHING), evening):
        assert (decision.outcome is Outcome.UNLOCK) == (decision.lease is not None or decision.would)
        assert decision.reason


@few
@given(evenings(**PASS))
def test_the_same_observations_give_the_same_decisions(evening):
    assert play(policy(*EVERYTHING), evening) == play(policy(*EVERYTHING), evening)


@few
@given(evenings(episodes=3, **PASS), evenings(episodes=3, **PASS))
def test_a_policy_that_begins_from_a_state_decides_as_the_one_that_went_on(before, after):
    one = policy(*EVERYTHING)
    gap = [observation(before[-1].time + 20 + number) for number in range(3)]
    play(one, before, gap)
    state = one.state()
    assert state is not None
    shift = gap[-1].time + 1 - after[0].time
    after = [replace(each, time=each.time + shift) for each in after]
    assert play(policy(*EVERYTHING, state=state), after) == play(one, after)


@few
@given(evenings(**PASS))
def test_every_visit_that_was_told_ends_once_with_a_kind(evening):
    door = policy(*EVERYTHING)
    silence = [observation(evening[-1].time + 6 + number, looked=False) for number in range(3)]
    told = [visit for each in play(door, evening, silence) for visit in each.visits]
    for id_ in {visit.id for visit in told}:
        phases = [visit.phase for visit in told if visit.id == id_]
        assert phases[-1] is VisitPhase.END and phases.count(VisitPhase.END) == 1
        assert phases.count(VisitPhase.NEW) <= 1
    assert all((visit.kind is not None) == (visit.phase is VisitPhase.END) for visit in told)
    assert all(visit.started <= visit.ended for visit in told)


# --- nonsense --------------------------------------------------------------------------------------

LABELS = ("mimi", "stranger", "clean", "prey", "unseen", "cat", "person", "felix")
NONSENSE = st.builds(
    Verdict,
    st.sampled_from(["species", "who", "prey", "mood"]),
    st.dictionaries(st.sampled_from(LABELS), NUMBERS, max_size=4),
    st.sampled_from([None, True, False]),
)


@few
@given(
    evenings(
        verdicts=st.lists(NONSENSE, max_size=4).map(tuple),
        looks=st.one_of(st.just(CLEAR), st.builds(View, NUMBERS, NUMBERS, NUMBERS)),
        chip=st.one_of(st.none(), st.builds(ChipRead, st.floats(), st.text(max_size=3))),
        **PASS,
    )
)
def test_nonsense_never_raises(evening):
    for door in doors():
        play(door, evening)


@few
@given(
    evenings(
        verdicts=st.tuples(NUMBERS, NUMBERS).map(
            lambda s: (
                species(),
                verdict("who", mimi=math.nan, stranger=s[0]),
                verdict("prey", clean=s[1], prey=math.nan),
            )
        )
    )
)
def test_scores_that_are_no_numbers_never_open(evening):
    assert not opened(play(policy(), evening))
    assert not opened(play(policy(ANY_OWN, require_prey_proof=False), evening))


# --- a sweep over everything that is small ---------------------------------------------------------

VISITORS = {
    "nobody": None,
    "own, clean": OWN_CLEAN,
    "own, prey": OWN_WITH_PREY,
    "stranger": STRANGER,
    "anyone": EVEN,
    "raccoon": (species("other animal"), who(), mouth()),
    "person": (species("person"), who(0.03), mouth()),
}


@pytest.mark.parametrize("visitor", VISITORS)
def test_who_is_let_in_over_all_modes_faults_switches_and_sensors(visitor):
    for mode, lost, enforce, blind, pressed, inside in product(Mode, *[(True, False)] * 5):
        given_ = {
            "mode": mode,
            "lost": lost,
            "enforce": enforce,
            "blind": "black" if blind else None,
            "buttons": {"let_in": pressed},
            "motion": {"inside": inside},
        }
        verdicts = VISITORS[visitor]
        passes = (
            [observation(number / 10, **given_) for number in range(15)]
            if verdicts is None
            else frames(0, 1.5, *verdicts, **given_)
        )
        decision = play(policy(*EVERYTHING), passes)[-1]
        shut = lost or mode in (Mode.LOCKED, Mode.OUT_ONLY)
        by_owner = not shut and (pressed or mode is Mode.UNLOCKED)
        by_sight = not shut and visitor == "own, clean" and not blind
        may_leave = mode is not Mode.LOCKED and (lost or mode is not Mode.IN_ONLY)
        alone = visitor in ("nobody", "person") and not blind
        by_sensor = inside and may_leave and (alone or by_sight)
        expected = enforce and (by_owner or by_sight or by_sensor)
        assert (decision.lease is not None) is expected, given_
