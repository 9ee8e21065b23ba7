"""Figures of the device itself: what is measured is told, and what nothing measures is None."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.messages import Fault, Frame, Place, Whereabouts
from device.tell.health import Health, State
from device.tell.machine import THROTTLED
from device.tell.mqtt_states import cat, decided, problem, statistics, visitors
from device.tell.statistics import WINDOW_S, Report, Statistics, quantile
from tests.test_journal import full_pass, idle_pass, visit

NOTHING = Report(0.0, None, None, None, None)


@dataclass
class SetClock:
    """A clock that stands until it is set."""

    time: float = 100.0

    def now(self) -> float:
        return self.time

    def wall(self) -> float | None:
        return None


def watched(clock: SetClock, sys: Path, frames: int, latency: float = 0.02) -> Statistics:
    found = Statistics(clock, sys)
    pixels = np.zeros((2, 2, 3), np.uint8)
    for number in range(frames):
        clock.time += 0.1
        found.publish(Frame(clock.time - latency, pixels, pixels[..., 0], number), *idle_pass(1.0))
    return found


def write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True)
    (folder / path).write_text(text)


def test_where_nothing_was_seen_and_nothing_measures_nothing_is_claimed(tmp_path: Path) -> None:
    assert Statistics(SetClock(), tmp_path).report() == NOTHING
    assert Statistics(SetClock(), tmp_path).measures == (False, False)


def test_frames_a_second_and_latency_are_of_the_last_minute(tmp_path: Path) -> None:
    clock = SetClock()
    found = watched(clock, tmp_path, 300)
    assert found.report().frames_per_s == pytest.approx(10.0)
    assert found.report().latency_p50_s == pytest.approx(0.02)
    assert found.report().latency_p95_s == pytest.approx(0.02)
    clock.time += WINDOW_S + 1
    assert found.report() == NOTHING


def test_a_pass_without_a_frame_counts_as_none(tmp_path: Path) -> None:
    found = Statistics(SetClock(), tmp_path)
    found.publish(None, *full_pass())
    assert found.report() == NOTHING


@given(st.lists(st.floats(0, 10), min_size=1), st.floats(0, 1, exclude_max=True))
def test_a_quantile_is_one_of_the_values_with_its_share_below(values: list[float], share: float) -> None:
    values.sort()
    found = quantile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("0", ()),
        ("50000", ()),
        ("50005", ("undervoltage", "throttled")),
        ("a", ("frequency capped", "too warm")),
        ("rubbish", None),
    ],
)
def test_the_firmwares_word_is_read_as_it_is_now(
    tmp_path: Path, word: str, why: tuple[str, ...] | None
) -> None:
    write(tmp_path, THROTTLED, word + "\n")
    assert Statistics(SetClock(), tmp_path).report().throttled == why


@pytest.mark.parametrize(("text", "why"), [("0", ()), ("1", ("undervoltage",)), ("?", None)])
def test_without_it_the_alarm_of_undervoltage_is_read(
    tmp_path: Path, text: str, why: tuple[str, ...] | None
) -> None:
    write(tmp_path, "class/hwmon/hwmon1/in0_lcrit_alarm", text)
    assert Statistics(SetClock(), tmp_path).report().throttled == why


@pytest.mark.parametrize(
    ("text", "degrees"), [("51121\n", 51.121), ("-4500", -4.5), ("", None), ("hot", None)]
)
def test_the_processors_temperature_is_read_in_thousandths(
    tmp_path: Path, text: str, degrees: float | None
) -> None:
    write(tmp_path, "class/thermal/thermal_zone0/temp", text)
    assert Statistics(SetClock(), tmp_path).report().temperature_c == degrees


def test_figures_that_nobody_measures_are_null_at_the_broker() -> None:
    assert statistics(NOTHING) == {
        "frames_per_s": 0.0,
        "latency_p50_ms": None,
        "latency_p95_ms": None,
        "temperature_c": None,
        "throttled": None,
        "throttled_why": None,
    }
    held_back = statistics(Report(9.96, 0.01234, 0.05, 51.26, ("too warm",)))
    assert list(held_back.values()) == [10.0, 12.3, 50.0, 51.3, "ON", ("too warm",)]


def test_a_problem_is_a_fault_and_warnings_are_listed() -> None:
    health = Health()
    health.set("camera", State.OK, "sees")
    health.set("clock", State.WARNING, "not set", "connect the network")
    assert problem(health.report()) == {
        "problem": "OFF",
        "parts": {"clock": "not set; connect the network"},
        "faults": [],
    }
    health.set("bolt", State.FAULT, "jammed", fault=Fault.BOLT)
    assert (problem(health.report())["problem"], problem(health.report())["faults"]) == ("ON", ["bolt"])


def test_prey_is_told_only_when_it_is_proven() -> None:
    _, decision = full_pass()
    assert visitors([])["prey"] == "OFF"
    assert visitors([visit(species="cat")])["cat"] == "ON"
    assert visitors(decision.visits)["prey"] == "OFF"


def test_an_endless_lockout_is_null_and_a_sight_is_told_to_the_minute() -> None:
    observation, decision = idle_pass(1.0)
    endless = replace(decision, lockouts={"tom": float("inf"), "mimi": 96.0})
    assert decided(endless, observation.settings)["lockouts"] == {"tom": None, "mimi": 100.0}
    assert cat("mimi", True, Whereabouts(Place.IN, 1.0, 1.7e9 + 7)) == {
        "name": "mimi", "at_door": "ON", "place": "in", "last_seen": "2023-11-14T22:13:00+00:00"
    }  # fmt: skip
