"""Where the animals are, over restarts: places at once, the seconds of an absence every ten minutes."""

from __future__ import annotations

import pytest

from device.decide.policy import PolicyState
from device.decide.welfare import WelfareState
from device.messages import Door, Place, Whereabouts
from device.tell.sink import Told
from device.tell.store import Store
from device.tell.whereabouts import KEY, PERIOD_S, WhereaboutsMemory, remembered
from tests.making import OWN_CLEAN, empty, frames, policy


@pytest.fixture
def store(tmp_path):
    opened = Store(tmp_path)
    yield opened
    opened.close()


def tell(memory, door, *parts):
    for part in parts:
        for observation in part:
            memory.tell([Told(observation, door.decide(observation))])


def test_an_absence_and_a_place_go_on_after_a_restart(store):
    door, memory = policy(), WhereaboutsMemory(store, {})
    shut = {"door": Door.CLOSED}
    tell(memory, door, frames(1000, 2, *OWN_CLEAN, **shut), empty(1002, 1300, rate=0.1, **shut))
    known = remembered(store.settings())
    assert known["mimi"].place is Place.OUT
    assert -1300 <= known["mimi"].seen <= -1300 + PERIOD_S
    again = policy(state=PolicyState(welfare=WelfareState(known)))
    (after,) = [again.decide(each) for each in empty(7.0, 0.1)]
    assert after.whereabouts["mimi"] == Whereabouts(Place.OUT, 7.0 + known["mimi"].seen)


def test_the_end_of_the_program_writes_once_more(store):
    door, memory = policy(), WhereaboutsMemory(store, {})
    tell(memory, door, frames(1000, 2, *OWN_CLEAN), empty(1002, 300, rate=0.1))
    memory.close()
    assert remembered(store.settings())["mimi"].seen == pytest.approx(-290, abs=11)


def test_what_is_kept_in_mind_takes_no_more_room_with_time(store, tmp_path):
    from device.tell.database import open_to_read

    door, memory = policy(), WhereaboutsMemory(store, {})
    tell(memory, door, frames(1000, 2, *OWN_CLEAN), empty(1002, 50_000, rate=0.01))
    store.set_settings({"mode": "locked"})
    reader = open_to_read(tmp_path)
    counted = reader.execute("SELECT key, count(*) FROM settings_history GROUP BY key").fetchall()
    reader.close()
    assert dict(counted) == {KEY: 1, "mode": 1}


def test_of_animals_that_were_never_seen_nothing_is_written(store):
    door, memory = policy(), WhereaboutsMemory(store, {})
    tell(memory, door, empty(0, 5000, rate=0.01))
    memory.tell([])
    memory.close()
    WhereaboutsMemory(store, {}).close()
    assert KEY not in store.settings()


@pytest.mark.parametrize(
    "damaged",
    [
        "{",
        "[]",
        '{"mimi": 3}',
        '{"mimi": {"place": "attic"}}',
        '{"mimi": {"place": "in", "seen": "long ago", "seen_wall": null}}',
    ],
)
def test_a_damaged_value_knows_of_nobody(damaged):
    assert remembered({KEY: damaged}) == {}
