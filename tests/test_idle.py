"""Leaving out what is idle: no decision, visit, event or move of the bolt may come of it or be lost by it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from device.messages import Ask, Decision, Observation
from device.tell import journal
from simulator.faults import CameraFault, DeviceFault, Press
from simulator.oracle import OracleSettings
from simulator.owner import Tap
from simulator.performance import Result, play_scene
from simulator.record import Record
from simulator.scene import Scene, find_scene, read_scene
from simulator.visitors import Visitor

Passes = dict[tuple[str, float], tuple[Observation, Decision]]


@cache
def house() -> Scene:
    """The house of the scenes, with nobody coming; lockouts last 30 seconds."""
    return replace(read_scene(find_scene("s1")), visitors=(), expectations=(), name="chance")


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Minutes in which a few come, some with prey or in vain, and something is pressed or fails."""
    seconds = draw(st.integers(40, 200))
    moment = st.floats(0, seconds, allow_nan=False).map(lambda time: round(time, 2))
    visitor = st.builds(
        Visitor,
        name=st.sampled_from(["mimi", "luna", "the tom"]),
        arrives=moment,
        carries=st.booleans(),
        patience=st.floats(0, 15),
        walks=st.floats(0.5, 3),
        beside=st.sampled_from([-0.3, 0.0, 0.3]),
    )
    fault = st.builds(CameraFault, st.sampled_from(["black", "frozen", "gone"]), moment, moment)
    failure = st.builds(
        DeviceFault, st.sampled_from(["killed", "power cut", "slow inference"]), moment, moment
    )
    press = st.builds(Press, st.just("panic"), moment, st.floats(0.1, 5))
    return replace(
        house(),
        seconds=float(seconds),
        visitors=tuple(draw(st.lists(visitor, max_size=3))),
        faults=tuple(draw(st.lists(fault, max_size=1))),
        device_faults=tuple(draw(st.lists(failure, max_size=1))),
        taps=tuple(draw(st.lists(st.builds(Tap, st.sampled_from(Ask), moment), max_size=1))),
        starts=draw(st.sampled_from([None, 1.79e9])),
        presses=tuple(draw(st.lists(press, max_size=1))),
        oracle=OracleSettings(stirs=draw(st.sampled_from([0.0, 2.0, 12.0]))),
    )


def played(scene: Scene, seed: int, rate: float, leaps: bool) -> tuple[Result, Passes, bytes]:
    """How a scene went, and what its journal tells, pass by pass and byte by byte."""
    with TemporaryDirectory() as folder:
        state = Path(folder) / "state"
        result = play_scene(scene, state, seed, rate, leaps=leaps)
        files = sorted((state / "journal").glob("*.jsonl"))
        passes = {
            (file.name, seen.time): (seen, decided)
            for file in files
            for seen, decided in journal.read(file)[1]
        }
        return result, passes, b"".join(file.read_bytes() for file in files)


def about(decision: Decision) -> Decision:
    """A decision whose lockouts are told to a hundredth: they were added up in other steps."""
    return replace(decision, lockouts={who: round(left, 2) for who, left in decision.lockouts.items()})


def about_record(record: Record) -> Record:
    """Everything that happened, with its times; letters by what they tell, for their ids are drawn anew."""
    letters = [replace(each, id="", payload=_told(each.payload)) for each in record.arrived]
    record = replace(record, arrived=letters)
    if record.final is None:
        return record
    left = {who: round(seconds, 2) for who, seconds in record.final.lockouts.items()}
    return replace(record, final=replace(record.final, lockouts=left))


def _told(payload: str) -> str:
    """A letter without its id; how often it was tried says nothing of the door."""
    return json.dumps({key: value for key, value in json.loads(payload).items() if key != "id"})


def is_idle(observation: Observation, decision: Decision) -> bool:
    """Whether nothing was seen, looked at, said or permitted in a pass; a lockout may go on."""
    seen = observation.looked or observation.sightings or observation.blind
    return not (seen or decision.visits or decision.events or decision.lease or decision.would)


@given(scenes(), st.integers(0, 99), st.sampled_from([3.0, 5.0, 10.0]))
@settings(max_examples=16, phases=[Phase.generate])  # to shrink a failure would take minutes
def test_leaving_out_what_is_idle_changes_nothing(scene, seed, rate):
    (whole, every, _), (short, some, _) = (played(scene, seed, rate, leaps) for leaps in (False, True))
    assert about_record(short.record) == about_record(whole.record)
    for time in every.keys() & some.keys():
        assert some[time][0] == every[time][0]
        assert about(some[time][1]) == about(every[time][1])
    for time in every.keys() ^ some.keys():
        assert is_idle(*(every.get(time) or some[time])), f"at {time} s"


def test_an_empty_hour_takes_few_passes():
    scene = replace(house(), seconds=3600.0, oracle=OracleSettings(stirs=0.0))
    _, passes, _ = played(scene, 0, 10.0, leaps=True)
    assert len(passes) < 100


def test_a_lockout_ends_at_the_same_frame_though_most_of_it_is_left_out():
    scene = replace(
        house(),
        seconds=120.0,
        visitors=(Visitor("mimi", arrives=3.0, carries=True, patience=8.0),),
        oracle=OracleSettings(separation=6.0, correlation=0.0, stirs=0.0),
    )
    (whole, every, _), (short, some, _) = (played(scene, 0, 10.0, leaps) for leaps in (False, True))
    assert [each.kind for each in short.record.events] == ["lockout", "lockout-ended"]
    assert short.record.events == whole.record.events
    assert len(some) < len(every)


@pytest.mark.parametrize("name", ["s1", "s2"])
def test_the_same_seed_gives_the_same_journal_to_the_byte_and_another_seed_does_not(name):
    scene = read_scene(find_scene(name))
    first, again, other = (played(scene, seed, 10.0, leaps=True)[2] for seed in (3, 3, 4))
    assert first == again
    assert first != other
