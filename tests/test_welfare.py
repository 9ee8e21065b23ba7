"""Welfare: who waits too long, who is missed, what is held open, and how each is told once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.decide.household import Animal
from device.decide.policy import PolicyState
from device.decide.welfare import WelfareSettings, WelfareState
from device.errors import ConfigError
from device.messages import BoltState, Door, Heading, Mode, Place, Whereabouts
from device.parts import read_settings
from tests.making import (
    EVEN,
    MIMI,
    OWN_CLEAN,
    OWN_MAY_ENTER,
    PREY_LOCKS_OUT,
    STRANGER,
    TOM,
    empty,
    ended,
    events,
    frames,
    mouth,
    observation,
    play,
    policy,
    sighting,
    species,
    steady,
    verdict,
)

MIMI_UNSEEN_MOUTH = (
    species(),
    verdict("who", mimi=0.97, tom=0.01, stranger=0.02),
    verdict("prey", clean=0.05, prey=0.05, unseen=0.9),
)
TOM_UNSEEN_MOUTH = (species(), verdict("who", mimi=0.01, tom=0.97, stranger=0.02), MIMI_UNSEEN_MOUTH[2])
NOBODY_KNOWN = (species(), verdict("who", mimi=0.25, tom=0.25, stranger=0.5), mouth(0.5))
MIMI_CLEAN = (*MIMI_UNSEEN_MOUTH[:2], mouth())
LOCKED_DOOR = {"door": Door.CLOSED}


def house(**welfare):
    """Mimi and Tom, who are told to wait after two minutes unless told otherwise."""
    chosen = {"waiting_minutes": 2.0, "pause_minutes": 1.0, **welfare}
    return policy(PREY_LOCKS_OUT, OWN_MAY_ENTER, animals=(MIMI, TOM), welfare=WelfareSettings(**chosen))


def waits(start, seconds, *verdicts, **changes):
    return frames(start, seconds, *verdicts, rate=3.0, **LOCKED_DOOR, **changes)


def nobody(start, seconds, **changes):
    return empty(start, seconds, rate=1.0, **LOCKED_DOOR, **changes)


# --- waiting outside -----------------------------------------------------------------------------


def test_an_own_cat_that_waits_too_long_is_told_of_once_and_with_what_can_be_done():
    told = events(play(house(), waits(0, 400, *MIMI_UNSEEN_MOUTH)), "waiting-outside")
    (event,) = told
    assert event.severity == "critical"
    assert event.visit == "visit-1"
    assert event.time == pytest.approx(120, abs=0.5)
    assert event.text.startswith("mimi has been waiting outside for 2 min (waiting: mouth not seen")
    assert event.text.endswith('tap "let in" to open once, or open the door yourself')


def test_one_that_is_locked_out_waits_too():
    decisions = play(house(), waits(0, 200, *MIMI_CLEAN[:2], mouth(0.03)))
    (event,) = events(decisions, "waiting-outside")
    assert "mimi is locked out for" in event.text


def test_one_whom_the_owner_locked_out_by_the_mode_waits_too():
    decisions = play(house(), waits(0, 200, *MIMI_CLEAN, mode=Mode.LOCKED))
    (event,) = events(decisions, "waiting-outside")
    assert "the owner has locked the door" in event.text


def test_an_undecided_one_that_may_be_ours_is_told_of_as_such():
    (event,) = events(play(house(), waits(0, 200, *NOBODY_KNOWN)), "waiting-outside")
    assert event.text.startswith("an animal that may be mimi or tom has been waiting outside")


def test_a_proven_stranger_may_wait_for_ever():
    assert not events(play(house(), waits(0, 1000, *STRANGER)), "waiting-outside")


def test_a_stranger_that_turns_its_back_is_a_stranger_still():
    door = house()
    play(door, waits(0, 5, *STRANGER))
    assert not events(play(door, waits(5, 400, *NOBODY_KNOWN)), "waiting-outside")


def test_one_that_was_proven_ours_waits_on_though_it_is_taken_for_a_stranger_since():
    door = house()
    (event,) = events(
        play(door, waits(0, 10, *MIMI_UNSEEN_MOUTH), waits(10, 200, *STRANGER)), "waiting-outside"
    )
    assert (event.time, event.text.split()[0]) == (pytest.approx(120, abs=0.5), "mimi")


def test_one_that_is_taken_for_a_stranger_and_then_proven_ours_has_waited_from_the_beginning():
    door = house()
    play(door, waits(0, 100, *STRANGER))
    (event,) = events(play(door, waits(100, 60, *MIMI_UNSEEN_MOUTH)), "waiting-outside")
    assert event.time == pytest.approx(120, abs=0.5)


def test_a_person_or_another_species_never_waits_to_be_let_in():
    for kind in ("person", "other animal"):
        looks = (species(kind), *NOBODY_KNOWN[1:])
        assert not events(play(house(), waits(0, 300, *looks)), "waiting-outside")


def test_in_a_house_without_animals_nobody_waits():
    door = policy(OWN_MAY_ENTER, animals=(), welfare=WelfareSettings(waiting_minutes=1))
    assert not events(play(door, waits(0, 200, *EVEN)), "waiting-outside")


def test_one_that_goes_off_and_comes_back_has_been_waiting_all_the_while():
    door = house()
    first = play(door, waits(0, 50, *MIMI_UNSEEN_MOUTH), nobody(50, 40))
    assert not events(first, "waiting-outside")
    (event,) = events(play(door, waits(90, 60, *MIMI_UNSEEN_MOUTH, of_track={"id": 2})), "waiting-outside")
    assert event.time == pytest.approx(120, abs=0.5)
    assert event.visit == "visit-2", "the picture is that of the visit at hand"


def test_one_that_stays_away_longer_than_the_pause_begins_to_wait_anew():
    door = house()
    play(door, waits(0, 100, *MIMI_UNSEEN_MOUTH), nobody(100, 70))
    again = play(door, waits(170, 110, *MIMI_UNSEEN_MOUTH, of_track={"id": 2}))
    assert not events(again, "waiting-outside")


def test_who_came_back_undecided_counts_for_the_one_that_waited():
    door = house()
    play(door, waits(0, 60, *MIMI_UNSEEN_MOUTH), nobody(60, 30))
    (event,) = events(play(door, waits(90, 60, *NOBODY_KNOWN, of_track={"id": 2})), "waiting-outside")
    assert event.time == pytest.approx(120, abs=0.5)


def test_the_stay_of_one_proven_to_be_tom_never_counted_for_mimi():
    door = house()
    play(door, waits(0, 20, *NOBODY_KNOWN), waits(20, 70, *TOM_UNSEEN_MOUTH), nobody(90, 10))
    decisions = play(door, waits(100, 100, *MIMI_UNSEEN_MOUTH, of_track={"id": 2}))
    assert not events(decisions, "waiting-outside")


def test_each_of_two_that_wait_is_told_of():
    pair = [
        observation(
            index / 3,
            sighting(*MIMI_UNSEEN_MOUTH, id=1, time=index / 3),
            sighting(*TOM_UNSEEN_MOUTH, id=2, time=index / 3),
        )
        for index in range(600)
    ]
    told = events(play(house(), pair), "waiting-outside")
    assert sorted(event.text.split()[0] for event in told) == ["mimi", "tom"]


def test_one_that_was_told_of_undecided_and_then_known_leaves_the_other_to_be_told_of():
    door = house()
    told = play(door, waits(0, 130, *NOBODY_KNOWN), waits(130, 10, *MIMI_UNSEEN_MOUTH))
    assert len(events(told, "waiting-outside")) == 1
    play(door, nobody(140, 10))
    late = play(door, waits(150, 130, *TOM_UNSEEN_MOUTH, of_track={"id": 2}))
    (event,) = events(late, "waiting-outside")
    assert event.text.startswith("tom ")


def test_the_wait_ends_when_it_comes_in_and_that_is_said():
    door = house()
    play(door, waits(0, 130, *MIMI_UNSEEN_MOUTH))
    play(door, frames(130, 2, *MIMI_CLEAN, door=Door.CLOSED))
    decisions = play(door, empty(132, 1, door=Door.OPEN), nobody(133, 10))
    (visit,) = ended(decisions)
    assert (visit.kind, visit.who) == ("TRANSIT", "mimi")
    (event,) = events(decisions, "waiting-outside-ended")
    assert event.text == "mimi waits outside no more, after 2 min: it came in"


def test_the_wait_ends_when_the_bolt_is_open_for_it():
    door = house()
    play(door, waits(0, 130, *MIMI_UNSEEN_MOUTH))
    lets_in = play(door, frames(130, 3, *MIMI_CLEAN, bolt=BoltState.UNLOCKED))
    (event,) = events(lets_in, "waiting-outside-ended")
    assert event.text.endswith("the door is open for it")


def test_the_wait_ends_when_it_stays_away_or_proves_to_be_a_stranger():
    for after in (nobody(130, 80), waits(130, 10, *STRANGER)):
        door = house()
        play(door, waits(0, 130, *NOBODY_KNOWN))
        (event,) = events(play(door, after), "waiting-outside-ended")
        assert "not seen there for 1 min, or not one of yours" in event.text


def test_the_wait_of_one_goes_on_when_the_other_comes_in():
    door = house()
    play(door, waits(0, 130, *MIMI_UNSEEN_MOUTH), nobody(130, 10))
    decisions = play(door, goes_in(140, (*TOM_UNSEEN_MOUTH[:2], mouth()), 2))
    assert [visit.kind for visit in ended(decisions)] == ["TRANSIT"]
    assert not events(decisions, "waiting-outside-ended")


def test_a_cat_that_lies_before_an_open_door_does_not_wait():
    lies = waits(0, 400, *MIMI_CLEAN, bolt=BoltState.UNLOCKED)
    assert not events(play(house(), lies), "waiting-outside")


def test_a_bolt_that_is_told_to_open_and_is_jammed_keeps_it_waiting():
    (event,) = events(play(house(), waits(0, 200, *MIMI_CLEAN, bolt=BoltState.JAMMED)), "waiting-outside")
    assert event.text.startswith("mimi")


def test_one_that_walks_away_does_not_wait():
    leaves = waits(0, 300, *MIMI_UNSEEN_MOUTH, of_track={"heading": Heading.OUT})
    assert not events(play(house(), leaves), "waiting-outside")


def test_zero_minutes_mean_never():
    assert not events(play(house(waiting_minutes=0), waits(0, 900, *MIMI_UNSEEN_MOUTH)), "waiting-outside")


# --- frost ---------------------------------------------------------------------------------------


def cold(start, seconds, degrees):
    return [
        observation(
            start + index / 3, sighting(*MIMI_UNSEEN_MOUTH, time=start + index / 3), temperature_c=degrees
        )
        for index in range(round(seconds * 3))
    ]


def test_in_the_frost_the_owner_is_told_sooner():
    frosty = {"below_c": -5.0, "waiting_minutes_cold": 1.0}
    (event,) = events(play(house(**frosty), cold(0, 90, -7.2)), "waiting-outside")
    assert event.time == pytest.approx(60, abs=0.5)
    assert "for 1 min at -7 °C" in event.text
    for degrees in (-5.0, 12.0, None):
        assert not events(play(house(**frosty), cold(0, 90, degrees)), "waiting-outside")


@pytest.mark.parametrize(
    ("minutes", "minutes_cold", "degrees", "seconds"),
    [(15, 5, -8, 300), (15, 5, 3, 900), (15, 0, -8, 900), (0, 5, -8, 300), (0, 5, 3, 0), (3, 5, -8, 180)],
)
def test_the_frost_only_ever_shortens_the_wait(minutes, minutes_cold, degrees, seconds):
    chosen = WelfareSettings(waiting_minutes=minutes, waiting_minutes_cold=minutes_cold, below_c=-5.0)
    assert chosen.patience(degrees) == seconds


# --- where they are, and who is missed -----------------------------------------------------------


def goes_in(start, who_it_is, track=1):
    """Comes, is let in, and the flap closes behind it."""
    of_track = {"of_track": {"id": track}}
    yield from frames(start, 2, *who_it_is, door=Door.CLOSED, **of_track)
    yield from empty(start + 2, 1, door=Door.OPEN)
    yield from nobody(start + 3, 8)


def goes_out(start, track=1):
    """Comes out of the flap and is seen from behind."""
    out = {"of_track": {"id": track, "heading": Heading.OUT}}
    yield from frames(start, 0.5, *EVEN, door=Door.OPEN, **out)
    yield from frames(start + 0.5, 2, *EVEN, door=Door.CLOSED, **out)
    yield from nobody(start + 3, 8)


def places(decisions):
    return {name: where.place for name, where in decisions[-1].whereabouts.items()}


def test_at_first_nobody_is_known_to_be_anywhere():
    assert places(play(house(), nobody(0, 1))) == {"mimi": Place.UNKNOWN, "tom": Place.UNKNOWN}


def test_one_proven_before_the_camera_is_out_until_it_comes_in():
    door = house()
    assert places(play(door, waits(0, 5, *MIMI_UNSEEN_MOUTH)))["mimi"] is Place.OUT
    decisions = play(door, nobody(5, 8), goes_in(20, MIMI_CLEAN, 2))
    assert places(decisions) == {"mimi": Place.IN, "tom": Place.UNKNOWN}
    assert decisions[-1].whereabouts["mimi"].seen == pytest.approx(21.9)


def test_one_that_leaves_unseen_was_the_only_one_that_could():
    door = policy(welfare=WelfareSettings())
    play(door, goes_in(0, OWN_CLEAN))
    assert places(play(door, goes_out(20, 2))) == {"mimi": Place.OUT}


def test_one_that_is_named_leaves_alone():
    door = house()
    play(door, goes_in(0, MIMI_CLEAN), goes_in(20, (*TOM_UNSEEN_MOUTH[:2], mouth()), 2))
    turns = waits(40, 3, *MIMI_UNSEEN_MOUTH, of_track={"id": 3, "heading": Heading.UNCLEAR})
    decisions = play(door, turns, goes_out(43, 3))
    assert [(visit.who, visit.direction) for visit in ended(decisions)] == [("mimi", Heading.OUT)]
    assert places(decisions) == {"mimi": Place.OUT, "tom": Place.IN}


def test_when_either_of_two_may_have_left_neither_is_known():
    door = house()
    play(door, goes_in(0, MIMI_CLEAN), goes_in(20, (*TOM_UNSEEN_MOUTH[:2], mouth()), 2))
    assert places(play(door, nobody(35, 1))) == {"mimi": Place.IN, "tom": Place.IN}
    assert places(play(door, goes_out(40, 3))) == {"mimi": Place.UNKNOWN, "tom": Place.UNKNOWN}


def test_an_unnamed_one_that_goes_in_may_be_any_that_was_out():
    door = house()
    assert places(play(door, waits(0, 5, *MIMI_UNSEEN_MOUTH), nobody(5, 8)))["mimi"] is Place.OUT
    assert places(play(door, goes_in(20, NOBODY_KNOWN, 2)))["mimi"] is Place.UNKNOWN


def test_a_stranger_that_forces_its_way_in_moves_nobody():
    door = house()
    play(door, goes_in(0, MIMI_CLEAN), waits(15, 3, *TOM_UNSEEN_MOUTH, of_track={"id": 2}), nobody(18, 8))
    decisions = play(door, goes_in(30, STRANGER, 3))
    assert [visit.kind for visit in ended(decisions)] == ["BREACH"]
    assert places(decisions) == {"mimi": Place.IN, "tom": Place.OUT}


def test_an_animal_that_is_not_seen_for_a_day_is_missed_once_and_greeted_once():
    door = house(unseen_hours=14)
    play(door, waits(0, 5, *MIMI_UNSEEN_MOUTH))
    away = play(door, empty(5, 16 * 3600, rate=1 / 60, **LOCKED_DOOR))
    (event,) = events(away, "not-seen")
    assert event.time - 5 == pytest.approx(14 * 3600, abs=61)
    assert event.severity == "warning"
    assert event.text == "mimi was not seen at the door for 14 h: it was outside last, look for it"
    back = play(door, waits(16 * 3600 + 10, 5, *MIMI_UNSEEN_MOUTH, of_track={"id": 2}))
    assert [each.text for each in events(back, "not-seen-ended")] == ["mimi is at the door again"]


def test_one_that_sleeps_inside_is_mentioned_without_alarm():
    door = house(unseen_hours=1)
    play(door, goes_in(0, MIMI_CLEAN))
    (event,) = events(play(door, empty(20, 4000, rate=0.1, **LOCKED_DOOR)), "not-seen")
    assert (event.severity, "it came in last" in event.text) == ("info", True)


def test_an_animal_that_was_never_seen_is_not_missed():
    assert not events(play(house(unseen_hours=1), empty(0, 10_000, rate=0.1)), "not-seen")


def test_a_friends_cat_is_not_missed():
    guest = Animal("tom", lives_here=False)
    door = policy(animals=(MIMI, guest), welfare=WelfareSettings(unseen_hours=1))
    play(door, waits(0, 5, *TOM_UNSEEN_MOUTH))
    assert not events(play(door, empty(5, 5000, rate=0.1)), "not-seen")


# --- held open, blind, smoke ---------------------------------------------------------------------


def test_a_flap_that_is_held_open_is_told_of_once_and_when_it_is_closed():
    decisions = play(house(), nobody(0, 3), empty(3, 75, door=Door.OPEN), nobody(78, 5))
    (event,), (after,) = events(decisions, "held-open"), events(decisions, "held-open-ended")
    assert (event.severity, event.time) == ("warning", pytest.approx(33, abs=0.2))
    assert after.text == "the flap is closed again after 75 s"


def test_a_passage_is_no_held_open_flap_nor_is_a_flap_without_a_sensor():
    passage = (nobody(0, 3), empty(3, 29, door=Door.OPEN), nobody(32, 5))
    assert not events(play(house(), *passage), "held-open")
    assert not events(play(house(), empty(0, 100)), "held-open")


def test_a_sensor_that_fails_for_a_moment_neither_ends_nor_begins_a_held_open_flap():
    door = house()
    decisions = play(door, empty(0, 20, door=Door.OPEN), empty(20, 5), empty(25, 10, door=Door.OPEN))
    assert len(events(decisions, "held-open")) == 1


def test_a_camera_that_stays_blind_is_told_of_again_and_in_earnest():
    dark = [*empty(0, 200, rate=1.0, blind="black"), *empty(200, 200, rate=1.0, blind="gone")]
    decisions = play(house(), dark, nobody(400, 5))
    assert [(each.severity, each.time) for each in events(decisions, "blind")] == [("warning", 10.0)]
    (event,) = events(decisions, "blind-long")
    assert (event.severity, event.time) == ("critical", 300.0)
    assert "blind for 300 s (gone)" in event.text
    assert len(events(decisions, "sees")) == 1


def test_passing_headlights_are_no_event():
    flashes = [empty(start, 3, blind="saturated") + nobody(start + 3, 20) for start in range(0, 100, 23)]
    decisions = play(house(), *flashes)
    assert not [event for each in decisions for event in each.events]
    assert decisions[0].rule == "blind", "though it proves nothing meanwhile"


@pytest.mark.parametrize(("name", "severity"), [("smoke", "critical"), ("panic", "warning")])
def test_an_alarm_contact_is_told_of_when_it_comes_on_and_goes_off_and_the_loop_decides_on(name, severity):
    door = house()
    before = play(door, nobody(0, 3))
    during = play(door, empty(3, 5, buttons={name: True}), frames(8, 2, *MIMI_CLEAN, buttons={name: True}))
    after = play(door, nobody(10, 5))
    (event,) = events([*before, *during, *after], name)
    assert (event.severity, event.time) == (severity, 3.0)
    assert "the way out is held open" in event.text
    assert len(events(after, f"{name}-ended")) == 1
    assert during[-1].lease is not None


def test_who_comes_in_while_smoke_holds_the_way_open_is_no_burglar():
    door = house()
    smoke = {"buttons": {"smoke": True}}
    play(door, frames(0, 2, *MIMI_UNSEEN_MOUTH, door=Door.CLOSED, **smoke))
    decisions = play(door, empty(2, 1, door=Door.OPEN, **smoke), nobody(3, 10, **smoke))
    assert [visit.kind for visit in ended(decisions)] == ["TRANSIT"]


# --- going on ------------------------------------------------------------------------------------


def test_what_was_known_goes_on_in_a_policy_that_takes_over():
    door = house(unseen_hours=1)
    play(door, waits(0, 60, *MIMI_UNSEEN_MOUTH), nobody(60, 20))
    state = door.state()
    assert state is not None
    settings = WelfareSettings(waiting_minutes=2, pause_minutes=1, unseen_hours=1)
    other = policy(PREY_LOCKS_OUT, OWN_MAY_ENTER, animals=(MIMI, TOM), welfare=settings, state=state)
    rest = [*waits(80, 60, *MIMI_UNSEEN_MOUTH, of_track={"id": 2}), *empty(140, 4000, rate=0.1)]
    decisions = play(door, rest)
    assert decisions == play(other, rest)
    assert events(decisions, "waiting-outside") and events(decisions, "not-seen")


def test_after_a_restart_the_absence_goes_on_from_what_was_kept():
    kept = WelfareState(whereabouts={"mimi": Whereabouts(Place.OUT, seen=-3000.0)})
    door = policy(welfare=WelfareSettings(unseen_hours=1), state=PolicyState(welfare=kept))
    (event,) = events(play(door, empty(7000, 700, rate=1.0)), "not-seen")
    assert event.time == pytest.approx(7600, abs=1.5)


def test_a_clock_that_is_set_back_neither_prolongs_nor_ends_a_wait():
    door = house()
    play(door, waits(1000, 60, *MIMI_UNSEEN_MOUTH))
    (event,) = events(play(door, waits(10, 100, *MIMI_UNSEEN_MOUTH)), "waiting-outside")
    assert event.time == pytest.approx(70, abs=1)


LOOKS = st.sampled_from([MIMI_UNSEEN_MOUTH, TOM_UNSEEN_MOUTH, NOBODY_KNOWN, STRANGER, MIMI_CLEAN, None])


@st.composite
def long_evenings(draw):
    time, passes = 100.0, []
    for number in range(draw(st.integers(1, 8))):
        looks, steps = draw(LOOKS), draw(st.integers(1, 40))
        changes = {"door": draw(st.sampled_from(Door)), "bolt": draw(st.sampled_from(BoltState))}
        for _ in range(steps):
            seen = [sighting(*looks, id=number + 1, time=time)] if looks else []
            passes.append(observation(time, *seen, **changes))
            time += draw(st.sampled_from([0.3, 0.3, 2.0, 30.0]))
    return passes


@steady
@given(long_evenings())
def test_the_waits_told_of_are_never_more_than_the_animals_and_each_ends_once(passes):
    standing = 0
    for decision in play(house(waiting_minutes=0.5), passes):
        for event in decision.events:
            standing += {"waiting-outside": 1, "waiting-outside-ended": -1}.get(event.kind, 0)
        assert 0 <= standing <= 2


@steady
@given(long_evenings(), st.integers(1, 60))
def test_a_policy_that_takes_over_tells_the_same_of_welfare(passes, cut):
    door = house(waiting_minutes=0.5)
    play(door, passes[:cut])
    state = door.state()
    if state is not None:
        settings = WelfareSettings(waiting_minutes=0.5, pause_minutes=1.0)
        other = policy(PREY_LOCKS_OUT, OWN_MAY_ENTER, animals=(MIMI, TOM), welfare=settings, state=state)
        assert play(door, passes[cut:]) == play(other, passes[cut:])


def test_an_unfitting_length_of_time_is_refused_with_its_key():
    with pytest.raises(ConfigError, match=r"\[welfare\] waiting_minutes"):
        read_settings(WelfareSettings, "[welfare]", {"waiting_minutes": -1})
    with pytest.raises(ConfigError, match="did you mean below_c"):
        read_settings(WelfareSettings, "[welfare]", {"below": -5.0})
