"""Visits: when one begins and ends, which way it went, and whether it was PEEK, TRANSIT, DENY or BREACH."""

import pytest

from device.messages import BoltState, Door, Heading, Outcome, VisitKind, VisitPhase
from tests.making import (
    EVEN,
    MIMI,
    OWN_CLEAN,
    OWN_WITH_PREY,
    STRANGER,
    TOM,
    empty,
    ended,
    events,
    frames,
    observation,
    opened,
    play,
    policy,
    sighting,
    species,
    who,
)

CLOSED, OPEN = {"door": Door.CLOSED}, {"door": Door.OPEN}
OUT, UNCLEAR = {"of_track": {"heading": Heading.OUT}}, {"of_track": {"heading": Heading.UNCLEAR}}


def visit_of(*parts, door=None):
    """The one visit that the parts make, ended by ten seconds of nobody."""
    door = door or policy()
    decisions = play(door, *parts)
    last = decisions[-1].time
    sensed = parts[-1][-1].inputs.door
    visits = ended(decisions + play(door, empty(last + 0.1, 10, door=sensed)))
    assert len(visits) == 1
    return visits[0]


def through(start: float, *verdicts, before: float = 2.0, **changes):
    """An animal before the door that then goes through the flap."""
    return (
        frames(start, before, *verdicts, **CLOSED, **changes),
        frames(start + before, 0.3, *verdicts, **OPEN, **changes),
        empty(start + before + 0.3, 0.7, **OPEN),
        empty(start + before + 1.0, 0.5, **CLOSED),
    )


def test_an_own_cat_that_is_let_in_and_goes_through_is_a_transit():
    visit = visit_of(*through(0, *OWN_CLEAN))
    assert (visit.kind, visit.direction, visit.who) == (VisitKind.TRANSIT, Heading.IN, "mimi")
    assert (visit.outcome, visit.rule, visit.species) == (Outcome.UNLOCK, "own", "cat")
    assert visit.unlocked_at is not None and 0.4 <= visit.unlocked_at < 1.5


def test_boxes_that_show_nothing_are_no_visit_unless_the_flap_opens():
    ghost = (species("nothing"), *EVEN[1:])
    assert not ended(play(policy(), frames(0, 5, *ghost, **CLOSED), empty(5, 10, **CLOSED)))
    forced = play(policy(), frames(0, 5, *ghost, **CLOSED), empty(5, 1, **OPEN), empty(6, 10, **CLOSED))
    assert [visit.kind for visit in ended(forced)] == [VisitKind.BREACH]


def test_one_that_sits_in_the_tunnel_for_long_has_come_in_when_the_flap_closes():
    visit = visit_of(frames(0, 2, *OWN_CLEAN, **CLOSED), empty(2, 75, **OPEN), empty(77, 1, **CLOSED))
    assert (visit.kind, visit.direction, visit.who) == (VisitKind.TRANSIT, Heading.IN, "mimi")


def test_a_flap_that_is_open_for_ever_keeps_no_visit_for_ever():
    door = policy()
    decisions = play(door, frames(0, 2, *OWN_CLEAN, **CLOSED), empty(2, 200, rate=1.0, **OPEN))
    (visit,) = ended(decisions)
    assert visit.kind is VisitKind.PEEK
    assert door.state() is not None


def test_one_that_waits_behind_another_in_the_tunnel_takes_nothing_of_its_visit():
    door = policy(animals=(MIMI, TOM))
    behind = [
        observation(time, sighting(*STRANGER, id=2, time=time), **(OPEN if time < 40 else CLOSED))
        for time in (20 + number / 5 for number in range(125))
    ]
    decisions = play(
        door, frames(0, 2, *OWN_CLEAN, **CLOSED), empty(2, 18, **OPEN), behind, empty(45, 10, **CLOSED)
    )
    assert [(visit.kind, visit.direction) for visit in ended(decisions)] == [
        (VisitKind.TRANSIT, Heading.IN),
        (VisitKind.DENY, Heading.IN),
    ]


def test_an_own_cat_that_is_let_in_and_only_looks_is_a_peek():
    visit = visit_of(frames(0, 4, *OWN_CLEAN, **CLOSED))
    assert (visit.kind, visit.outcome) == (VisitKind.PEEK, Outcome.UNLOCK)


def test_an_own_cat_that_opens_the_flap_and_stays_outside_is_a_peek():
    visit = visit_of(
        frames(0, 2, *OWN_CLEAN, **CLOSED),
        frames(2, 0.5, *OWN_CLEAN, **OPEN),
        frames(2.5, 1, *OWN_CLEAN, **CLOSED),
    )
    assert visit.kind is VisitKind.PEEK


def test_a_stranger_that_is_refused_is_a_deny_even_as_it_walks_away():
    visit = visit_of(frames(0, 3, *STRANGER), frames(3, 1, *STRANGER, **OUT))
    assert (visit.kind, visit.direction, visit.who) == (VisitKind.DENY, Heading.IN, "stranger")
    assert visit.unlocked_at is None


def test_one_that_nobody_could_tell_is_a_peek_and_a_question():
    door = policy()
    decisions = play(door, frames(0, 3, *EVEN), frames(3, 1, *EVEN, **OUT), empty(4, 10))
    (visit,) = ended(decisions)
    assert (visit.kind, visit.outcome, visit.who) == (VisitKind.PEEK, Outcome.UNDECIDED, None)
    (question,) = events(decisions, "question")
    assert question.visit == visit.id
    assert "left undecided (waiting: who it is; needed 4.0, reached 0.0" in question.text


def test_a_stranger_that_gets_through_is_a_breach_and_critical():
    door = policy()
    decisions = play(door, *through(0, *STRANGER), empty(3.5, 10, **CLOSED))
    (visit,) = ended(decisions)
    assert (visit.kind, visit.direction) == (VisitKind.BREACH, Heading.IN)
    (breach,) = events(decisions, "breach")
    assert (breach.severity, breach.visit) == ("critical", visit.id)
    assert breach.text == "stranger came in without permission: no rule lets it in"


def test_one_that_nobody_could_tell_and_that_gets_through_is_a_breach():
    visit = visit_of(*through(0, *EVEN))
    assert (visit.kind, visit.direction) == (VisitKind.BREACH, Heading.IN)


def test_prey_that_is_seen_after_the_unlock_makes_a_forced_entry_a_breach():
    visit = visit_of(
        frames(0, 2, *OWN_CLEAN, **CLOSED),
        *through(2, *OWN_WITH_PREY),
    )
    assert (visit.kind, visit.outcome) == (VisitKind.BREACH, Outcome.LOCK_OUT)
    assert visit.unlocked_at is not None


def test_prey_that_is_seen_after_the_unlock_is_a_deny_if_it_stays_out():
    assert visit_of(frames(0, 2, *OWN_CLEAN), frames(2, 3, *OWN_WITH_PREY)).kind is VisitKind.DENY


def test_an_entry_while_the_owner_holds_the_door_open_is_no_breach():
    visit = visit_of(*through(0, *STRANGER, mode="unlocked"), door=policy())
    assert visit.kind is VisitKind.TRANSIT


def test_an_entry_that_would_have_been_permitted_is_no_breach_without_enforcing():
    assert visit_of(*through(0, *OWN_CLEAN, enforce=False)).kind is VisitKind.TRANSIT
    assert visit_of(*through(0, *STRANGER, enforce=False)).kind is VisitKind.BREACH


# --- which way -----------------------------------------------------------------------------------


def test_a_cat_that_comes_out_through_the_flap_is_a_transit_out():
    visit = visit_of(frames(0, 0.5, *EVEN, **OPEN, **OUT), frames(0.5, 2, *EVEN, **CLOSED, **OUT))
    assert (visit.kind, visit.direction) == (VisitKind.TRANSIT, Heading.OUT)


def test_without_a_door_sensor_sight_tells_the_way_out():
    visit = visit_of(frames(0, 0.3, *EVEN, **UNCLEAR), frames(0.3, 2, *EVEN, **OUT))
    assert (visit.kind, visit.direction) == (VisitKind.TRANSIT, Heading.OUT)


def test_the_door_sensor_beats_sight_on_the_way_out():
    visit = visit_of(frames(0, 3, *EVEN, **OUT, **CLOSED))
    assert (visit.kind, visit.direction) == (VisitKind.PEEK, Heading.OUT)


def test_without_a_door_sensor_sight_tells_the_way_in():
    visit = visit_of(frames(0, 3, *OWN_CLEAN))
    assert (visit.kind, visit.direction) == (VisitKind.TRANSIT, Heading.IN)
    turned = visit_of(frames(0, 3, *OWN_CLEAN), frames(3, 1, *OWN_CLEAN, **OUT))
    assert turned.kind is VisitKind.PEEK


def test_the_door_sensor_beats_sight_on_the_way_in():
    assert visit_of(frames(0, 3, *OWN_CLEAN, **CLOSED)).kind is VisitKind.PEEK
    visit = visit_of(*through(0, *OWN_CLEAN, **UNCLEAR))
    assert (visit.kind, visit.direction) == (VisitKind.TRANSIT, Heading.IN)


def test_a_door_sensor_that_falls_silent_while_the_flap_is_open_loses_no_entry():
    visit = visit_of(
        frames(0, 2, *STRANGER, **CLOSED),
        frames(2, 0.3, *STRANGER, **OPEN),
        empty(2.3, 0.5, door=Door.UNKNOWN),
        empty(2.8, 0.5, **CLOSED),
    )
    assert visit.kind is VisitKind.BREACH


def test_one_that_comes_back_after_going_out_is_judged_by_how_it_left():
    visit = visit_of(
        frames(0, 1, *STRANGER, **OUT, **OPEN),
        frames(1, 2, *STRANGER, **CLOSED),
    )
    assert visit.kind is VisitKind.DENY


# --- beginning and end ---------------------------------------------------------------------------


def test_a_visit_is_told_when_it_begins_changes_and_ends():
    decisions = play(policy(), frames(0, 2, *OWN_CLEAN), empty(2, 10))
    phases = [visit.phase for each in decisions for visit in each.visits]
    assert phases[0] is VisitPhase.NEW
    assert phases[-1] is VisitPhase.END
    assert set(phases[1:-1]) == {VisitPhase.UPDATE}
    assert len(phases) < 6, "not one document for each frame"


def test_a_visit_ends_some_seconds_after_the_last_sighting():
    decisions = play(policy(), frames(0, 1, *EVEN, wall=1000.0), empty(1, 10))
    (visit,) = ended(decisions)
    assert (visit.started, visit.ended, visit.started_wall) == (0.0, pytest.approx(0.9), 1000.0)
    end = next(each.time for each in decisions if each.visits and each.visits[0].phase is VisitPhase.END)
    assert 5.9 < end <= 6.1


def test_two_frames_of_something_are_not_worth_a_record():
    decisions = play(policy(), frames(0, 0.2, *EVEN), empty(0.2, 10))
    assert not [visit for each in decisions for visit in each.visits]


def test_two_frames_of_something_that_moved_the_flap_are():
    visit = visit_of(frames(0, 0.2, *EVEN, **OPEN), empty(0.2, 1, **OPEN), empty(1.2, 1, **CLOSED))
    assert (visit.frames, visit.kind) == (2, VisitKind.BREACH)


def test_a_track_that_is_followed_unseen_does_not_prolong_a_visit():
    unseen = {"of_track": {"seen": False}}
    decisions = play(policy(), frames(0, 1, *EVEN), frames(1, 7, **unseen), empty(8, 8))
    (visit,) = ended(decisions)
    assert (visit.ended, visit.frames) == (pytest.approx(0.9), 10)


def test_a_new_track_continues_the_visit_but_not_the_evidence():
    first, second = frames(0, 0.5, *OWN_CLEAN), frames(1, 0.1, *OWN_CLEAN, of_track={"id": 2})
    door = policy()
    decisions = play(door, first, empty(0.5, 0.5), second)
    assert not opened(decisions), "the new track has proven nothing"
    visit = decisions[-1].visits[-1]
    assert (visit.id, visit.tracks, visit.attempts) == ("visit-1", (1, 2), 2)
    assert max(reading.usable_frames for reading in visit.evidence) == 1
    more = play(door, frames(1.1, 1, *OWN_CLEAN, of_track={"id": 2}))
    assert more[-1].lease is not None


def test_a_new_track_beside_another_animal_is_a_visit_of_its_own():
    both = [
        observation(number / 10, sighting(*EVEN), sighting(*STRANGER, id=2), wall=None)
        for number in range(20)
    ]
    visits = ended(play(policy(), both, empty(2, 10)))
    assert sorted((visit.id, visit.tracks, visit.who) for visit in visits) == [
        ("visit-1", (1,), None),
        ("visit-2", (2,), "stranger"),
    ]


def test_a_track_that_returns_after_its_visit_ended_begins_a_new_one():
    decisions = play(policy(), frames(0, 1, *EVEN), empty(1, 8), frames(9, 1, *EVEN), empty(10, 8))
    assert [visit.id for visit in ended(decisions)] == ["visit-1", "visit-2"]


def test_frames_without_a_look_end_no_track():
    pauses = empty(1, 1, looked=False)
    decisions = play(policy(), frames(0, 1, *EVEN), pauses, frames(2, 1, *EVEN), empty(3, 8))
    (visit,) = ended(decisions)
    assert (visit.tracks, visit.frames, visit.attempts) == ((1,), 20, 1)


def test_a_visit_keeps_the_name_that_was_proven_and_drops_one_disproven():
    unsure = visit_of(frames(0, 2, *OWN_CLEAN), frames(2, 12, *EVEN))
    assert unsure.who == "mimi"
    stranger = visit_of(frames(0, 2, *OWN_CLEAN), frames(2, 3, *STRANGER))
    assert stranger.who == "stranger"


def test_an_answer_outlives_the_doubt_that_follows_it():
    visit = visit_of(frames(0, 2, *OWN_CLEAN), frames(2, 13, *EVEN))
    assert (visit.outcome, visit.rule) == (Outcome.UNLOCK, "own")


def test_an_undecided_visit_says_what_was_missing_last():
    visit = visit_of(frames(0, 1, *EVEN), frames(1, 1, species(), who()))
    assert "prey has never been taught" in visit.reason


def test_one_proven_own_without_a_name_is_no_stranger_any_more():
    either = who(0.5)
    twins = type(either)("who", {"mimi": 0.49, "tom": 0.49, "stranger": 0.02})
    none = type(either)("who", {"mimi": 0.01, "tom": 0.01, "stranger": 0.98})
    door = policy(animals=(MIMI, TOM))
    visit = visit_of(frames(0, 2, species(), none), frames(2, 4, species(), twins), door=door)
    assert visit.who is None


def test_attempts_of_a_fixed_horizon_are_counted():
    visit = visit_of(frames(0, 65, *EVEN, rate=5.0))
    assert visit.attempts == 3


def test_whoever_follows_an_animal_that_was_let_in_has_a_visit_of_its_own():
    door = policy({"name": "own", "who": "own", "then": "unlock"}, require_prey_proof=False)
    first = play(door, frames(0, 2, species(), who()))
    assert opened(first)
    after = play(door, frames(3, 2, species(), who(0.01), of_track={"id": 2}), empty(5.1, 12))
    visits = {visit.id: visit for visit in ended(after)}
    assert [visit.who for visit in visits.values()] == ["mimi", "stranger"]
    assert [visit.outcome for visit in visits.values()] == [Outcome.UNLOCK, Outcome.KEEP_LOCKED]


def test_while_nothing_is_enforced_and_the_flap_is_left_open_nobody_breaks_in():
    left_open = {"enforce": False, "bolt": BoltState.UNLOCKED}
    door = policy()
    decisions = play(
        door,
        frames(0, 2, *EVEN, **CLOSED | left_open),
        frames(2, 0.5, *EVEN, **OPEN | left_open),
        empty(2.5, 10, **CLOSED | left_open),
    )
    (visit,) = ended(decisions)
    assert (visit.kind, visit.direction) == (VisitKind.TRANSIT, Heading.IN)
    assert not events(decisions, "breach")


def test_a_flap_forced_past_a_locked_bolt_is_a_breach_though_nothing_is_enforced():
    locked = {"enforce": False, "bolt": BoltState.LOCKED}
    visit = visit_of(
        frames(0, 2, *EVEN, **CLOSED | locked),
        frames(2, 0.5, *EVEN, **OPEN | locked),
        empty(2.5, 10, **CLOSED | locked),
    )
    assert visit.kind is VisitKind.BREACH
