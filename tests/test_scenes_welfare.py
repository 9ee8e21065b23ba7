"""Scenes of welfare: the frost, the owner's tap from afar, the date, and what is written wrongly of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from device.errors import ConfigError
from device.messages import Inputs
from device.tell.records import Records
from simulator.expectations import Expectation, measure
from simulator.owner import Owner, Tap
from simulator.performance import play_scene
from simulator.scene import find_scene, read_scene
from simulator.weather import WeatherChange, in_the_weather
from simulator.world import World

START = 'title = "A night"\nseconds = 10\n'


def scene_of(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(START + text, encoding="utf-8")
    return read_scene(path)


def test_the_message_about_a_cat_in_the_frost_has_its_visit_with_a_picture(tmp_path):
    result = play_scene(read_scene(find_scene("s15-waits-in-the-frost")), tmp_path, 0, 5.0)
    (event,) = [each for each in result.record.events if each.kind == "waiting-outside"]
    assert event.severity == "critical"
    assert "at -8 °C" in event.text
    assert 'tap "let in"' in event.text
    with Records(tmp_path) as records:
        visit = records.visit(event.visit)
    assert list((tmp_path / "pictures").rglob(f"*{visit.id}*")), "what the message shows"


def test_a_scene_knows_what_the_clock_on_the_wall_says(tmp_path):
    local = scene_of(tmp_path, 'starts = "2026-10-25T02:30:00"\n')
    zoned = scene_of(tmp_path, "starts = 2026-10-25T02:30:00+02:00\n")
    second = scene_of(tmp_path, "starts = 2026-10-25T02:30:00+01:00\n")
    assert local.starts == zoned.starts == second.starts - 3600
    assert scene_of(tmp_path, "").starts is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('starts = "tonight"\n', "starts = 'tonight' is no date"),
        ("[[weather]]\ntemperature_c = 3.0\n", "felt by nothing"),
        ("[[weather]]\ntemperature_c = -300.0\n", "[[weather]] 1 temperature_c"),
        ("[[tap]]\nwhat = 'open'\nat = 3.0\n", "[[tap]] 1 what"),
    ],
)
def test_what_is_wrong_with_the_night_is_told_with_its_line(tmp_path, text, said):
    path = tmp_path / "mine.toml"
    path.write_text(START + text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine.toml, line \d+: ") as error:
        read_scene(path)
    assert said in str(error.value)


def test_the_thermometer_of_a_scene_feels_the_weather_of_the_moment():
    world = World.of(())
    house = read_scene(find_scene("s15-waits-in-the-frost")).project
    changes = (WeatherChange(-3.0, begins=50.0), WeatherChange(4.0, begins=10.0))
    (part,) = [each for each in in_the_weather(house, changes, world).inputs if each.kind == "thermometer"]
    sensor = part.build(None)
    felt = {}
    for time in (0.0, 10.0, 49.9, 50.0):
        world.time = time
        felt[time] = sensor.read(Inputs(time)).temperature_c
    assert felt == {0.0: None, 10.0: 4.0, 49.9: 4.0, 50.0: -3.0}


def test_a_tap_reaches_the_door_once_and_in_its_order():
    world = World.of(())
    owner = Owner((Tap("lock", 20.0), Tap("let in", 5.0)), world)
    taken = []
    for time in (0.0, 5.0, 6.0, 30.0, 31.0):
        world.time = time
        taken.append([(each.kind, each.id) for each in owner.take()])
    assert taken == [[], [("let in", "tap-1")], [], [("lock", "tap-2")], []]


SMALLEST_CARD = 8e9
"""Bytes; no smaller card is sold for a Raspberry Pi."""


def written(state):
    return sum(path.stat().st_size for path in state.rglob("*") if path.is_file())


def test_eight_hours_of_branches_fill_less_than_a_hundredth_of_the_smallest_card(tmp_path):
    eight_hours = read_scene(find_scene("s14-sun-and-branches"))
    sizes = []
    for seconds in (60.0, 240.0):
        state = tmp_path / str(seconds)
        play_scene(replace(eight_hours, seconds=seconds), state, 0, 5.0, leaps=False)
        sizes.append(written(state))
    growth = (sizes[1] - sizes[0]) / 180 * eight_hours.seconds
    assert 0 < growth < 0.01 * SMALLEST_CARD, f"{growth / 1e6:.0f} MB"


def test_that_something_is_not_told_may_be_asked_of_a_part_of_the_scene(tmp_path):
    result = play_scene(read_scene(find_scene("s15b-locked-out")), tmp_path, 0, 5.0)
    for before, met in ((182.0, True), (1e9, False)):
        wanted = Expectation("no event", kind="waiting-outside", before=before)
        assert measure(result.record, wanted).met is met
