"""Who follows another one through the open flap, and who pushes while the bolt is still on its way."""

from __future__ import annotations

import pytest

from device.messages import Door, Heading, VisitKind
from tests.making import (
    EVEN,
    OWN_CLEAN,
    STRANGER,
    empty,
    ended,
    events,
    frames,
    observation,
    play,
    policy,
    sighting,
    species,
)

CLOSED, OPEN = {"door": Door.CLOSED}, {"door": Door.OPEN}
OUT = {"heading": Heading.OUT}


def second(start: float, seconds: float, *verdicts, **changes):
    """The second animal, as the track 2."""
    of_track = {key: changes.pop(key) for key in ("heading",) if key in changes}
    return [
        observation(time, sighting(*verdicts, id=2, time=time, **of_track), **changes)
        for time in (start + number / 10 for number in range(round(seconds * 10)))
    ]


def mimi_goes_in_and(*follows):
    """Mimi is let in; `follows` happens while she is in the flap; then it has closed and nobody is there."""
    door = policy()
    decisions = play(
        door,
        frames(0, 2, *OWN_CLEAN, **CLOSED),
        frames(2, 0.3, *OWN_CLEAN, **OPEN),
        *follows,
        empty(3.5, 0.5, **OPEN),
        empty(4, 10, **CLOSED),
    )
    return decisions, {visit.id[-1]: visit.kind for visit in ended(decisions)}


@pytest.mark.parametrize("tom", [EVEN, STRANGER])
def test_one_that_follows_through_the_open_flap_is_a_breach_and_the_owner_is_told(tom):
    decisions, kinds = mimi_goes_in_and(second(2.5, 1, *tom, **OPEN))
    assert kinds == {"1": VisitKind.TRANSIT, "2": VisitKind.BREACH}
    assert len(events(decisions, "breach")) == 1


def test_one_that_walks_away_while_another_is_in_the_flap_has_not_followed():
    decisions, kinds = mimi_goes_in_and(second(2.5, 0.5, *EVEN, **OPEN), second(3, 0.5, *EVEN, **OUT, **OPEN))
    assert kinds == {"1": VisitKind.TRANSIT, "2": VisitKind.PEEK}
    assert not events(decisions, "breach")


def test_a_person_beside_the_open_flap_has_not_followed():
    person = (species("person"), *EVEN[1:])
    decisions, _ = mimi_goes_in_and(second(2.5, 1, *person, **OPEN))
    assert not events(decisions, "breach")


@pytest.mark.parametrize(("late", "kind"), [(0.5, VisitKind.TRANSIT), (2.0, VisitKind.BREACH)])
def test_a_push_while_the_bolt_is_on_its_way_back_is_no_breach(late, kind):
    door = policy(hold=1.0)
    decisions = play(
        door,
        frames(0, 1.5, *OWN_CLEAN, **CLOSED),
        empty(1.5, 0.9 + late, **CLOSED),
        empty(2.4 + late, 1, **OPEN),
        empty(3.4 + late, 10, **CLOSED),
    )
    (visit,) = ended(decisions)
    assert visit.kind is kind
