"""Scenes: visitors, faults and expectations in plain text, played against the real loop and guard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from device.errors import ConfigError
from device.messages import BoltState
from simulator.performance import Result, play_scene
from simulator.scene import find_scene, read_scene, shipped_scenes
from simulator.sweep import cores, floors, play, trials
from simulator.trials import Counted
from simulator.visitors import Phase, Visitor
from simulator.world import World

NAMES = [path.stem for path in shipped_scenes()]
OFTEN = ["s1", "s2", "s6"]


def played(name: str, tmp_path: Path, seed: int = 0, rate: float = 10.0) -> Result:
    folder = tmp_path / f"{name}-{seed}-{rate}"
    folder.mkdir()
    return play_scene(read_scene(find_scene(name)), folder, seed, rate)


@pytest.fixture(scope="module")
def plays() -> list[Counted]:
    """Every scene with three seeds at three frame rates, and some with twenty seeds, on all cores."""
    everywhere = trials([str(path) for path in shipped_scenes()], 3, ["rate=3,5,10", "threshold=own"])
    often = trials([str(find_scene(name)) for name in OFTEN], 20, ["rate=5", "threshold=own"])
    counted: list[Counted] = []
    play([*everywhere, *(each for each in often if each.seed >= 3)], cores(), counted.append)
    return counted


@pytest.mark.parametrize("name", NAMES)
def test_a_scene_is_safe_with_every_seed_at_three_five_and_ten_frames_a_second(name, plays):
    those = [each for each in plays if each.name == name]
    assert {each.trial.rate for each in those} == {3.0, 5.0, 10.0}
    assert [(each.trial.seed, each.trial.rate, each.unsafe) for each in those if each.unsafe] == []


@pytest.mark.parametrize("name", OFTEN)
def test_what_a_scene_expects_happens_with_as_many_seeds_as_it_says(name, plays):
    (floor,) = [each for each in floors(plays) if each.rate == 5.0 and each.name == find_scene(name).stem]
    assert floor.seeds == 20
    assert floor.met, f"{floor.passed} of 20, {floor.needed} are needed; missed: {floor.missed}"


def test_the_same_seed_gives_the_same_decisions_and_another_seed_others(tmp_path):
    first, again = played("s1", tmp_path / "a", 3), played("s1", tmp_path / "b", 3)
    assert first.decisions == again.decisions
    assert first.decisions != played("s1", tmp_path, 4).decisions


@pytest.fixture(autouse=True)
def _folders(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()


STRANGERS_SCENE = """
title = "Somebody else's evening"
seconds = 30

[[visitor]]
name = "luna"
arrives = 4.5
walks = 2.0

[[visitor]]
name = "a hedgehog"
species = "hedgehog"
arrives = 20.0
pushes = false

[[expect]]
that = "stays out"
who = "a hedgehog"
"""


def test_a_scene_written_by_someone_else_runs_without_touching_python(tmp_path, latchlens):
    path = tmp_path / "mine.toml"
    path.write_text(STRANGERS_SCENE, encoding="utf-8")
    answer = latchlens("simulate", "--scene", str(path), "--json")
    answer.went_well()
    (line,) = answer.objects
    assert (line["scene"], line["passed"], line["vision"]) == ("mine", True, "oracle")


def test_a_scene_that_fails_ends_with_status_1(tmp_path, latchlens):
    path = tmp_path / "mine.toml"
    path.write_text(STRANGERS_SCENE + '[[expect]]\nthat = "comes in"\nwho = "a hedgehog"\n', encoding="utf-8")
    answer = latchlens("simulate", "--scene", str(path), "--json")
    assert answer.status == 1
    assert json.loads(answer.out)["passed"] is False


@pytest.mark.parametrize(
    ("change", "line", "parts"),
    [
        (("seconds = 30", ""), None, ("seconds",)),
        (("seconds = 30", "seconds = -3"), 3, ("the scene's seconds = -3", "greater than 0")),
        (("seconds = 30", "seconds = 1e9"), 3, ("the scene's seconds", "100000")),
        (("seconds = 30", "seconds = inf"), 3, ("the scene's seconds", "finite")),
        (("seconds = 30", 'seconds = 30\nfloor = "x"'), 4, ("the scene's floor = 'x'",)),
        (("seconds = 30", "seconds = 30\nfloor = 21"), 4, ("the scene's floor = 21", "20")),
        (("seconds = 30", "seconds = 30\nproject = 5"), 4, ("the scene's project = 5", "string")),
        (("seconds = 30", 'seconds = 30\nproject = "barn.toml"'), None, ("barn.toml", "no such project")),
        (('title = "Somebody else\'s evening"', "title = 7"), 2, ("the scene's title = 7",)),
        (("title =", "titel ="), 2, ("titel", "did you mean title?")),
        (("title =", "title"), None, ("TOML", "line 2")),
        (("[[expect]]", "[expect]"), 16, ("[[expect]]", "two brackets")),
        (("[[visitor]]", "[[vistor]]"), 5, ("vistor", "did you mean visitor?")),
        (("arrives = 4.5", "arives = 4.5"), 7, ("[[visitor]] 1 arives", "did you mean arrives?")),
        (("arrives = 4.5", 'arrives = "soon"'), 7, ("[[visitor]] 1 arrives = 'soon'",)),
        (("arrives = 4.5", "arrives = -4.5"), 7, ("[[visitor]] 1 arrives = -4.5", "greater")),
        (("arrives = 4.5", ""), 5, ("[[visitor]] 1 arrives", "required")),
        (("pushes = false", 'pushes = "no"'), 14, ("[[visitor]] 2 pushes = 'no'",)),
        (("walks = 2.0", 'head = "down"'), 8, ("[[visitor]] 1 head = 'down'",)),
        (
            ("walks = 2.0", 'head = [{ heads = "down" }]'),
            8,
            ("[[visitor]] 1 head heads", "did you mean head?"),
        ),
        (("stays out", "stay out"), 17, ("[[expect]] 1 that", "stay out", "did you mean stays out?")),
        (('who = "a hedgehog"', 'who = "hedgehog"'), 18, ("[[expect]] 1 who", "hedgehog")),
        (('who = "a hedgehog"', "after = 5\nbefore = 2"), 19, ("[[expect]] 1 before = 2", "after")),
        (("[[expect]]", "[oracle]\nmised = 1\n[[expect]]"), 17, ("[oracle] mised", "did you mean missed?")),
        (("[[expect]]", "[[oracle]]\n[[expect]]"), 16, ("[oracle]", "table")),
        (("[[expect]]", '[[press]]\ninput = "bell"\nat = 1\n[[expect]]'), 17, ("[[press]] 1 input", "bell")),
        (("[[expect]]", '[[camera_fault]]\nwhat = "tired"\nbegins = 1\n[[expect]]'), 17, ("tired", "black")),
        (
            ("[[expect]]", '[[camera_fault]]\nwhat = "black"\nbegins = 9\nends = 8\n[[expect]]'),
            19,
            ("[[camera_fault]] 1 ends = 8", "later than begins"),
        ),
    ],
)
def test_an_error_in_a_scene_is_one_line_with_file_line_key_and_fix(tmp_path, change, line, parts):
    path = tmp_path / "mine.toml"
    path.write_text(STRANGERS_SCENE.replace(*change, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        read_scene(path)
    for part in ("mine.toml", *parts, *([f"mine.toml, line {line}:"] if line else [])):
        assert part in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "options", [("--save", "x"), ("--state", "x"), ("--start", "1"), ("--end", "9"), ("--project", "demo")]
)
def test_what_a_scene_has_no_use_for_is_refused(latchlens, options):
    answer = latchlens("simulate", "--scene", "s1", *options)
    answer.refused(f"leave out {options[0]}", status=2)


def test_a_scene_that_does_not_exist_is_told_with_those_that_do():
    with pytest.raises(ConfigError, match="s1-clean-by-day"):
        find_scene("s99")


def test_a_visitor_waits_until_the_bolt_opens_and_then_goes_through():
    world = World.of((Visitor("mimi", arrives=1.0, walks=1.0),))
    for _ in range(200):
        world.advance(0.02, bolt_open=False)
    assert world.actors[0].phase is Phase.WAITING
    for _ in range(250):
        world.advance(0.02, bolt_open=True)
    assert world.actors[0].phase is Phase.INSIDE
    assert [each.what for each in world.happenings] == ["arrives", "pushes", "enters", "inside"]


def test_what_a_visitor_carries_it_may_drop_and_grab_again():
    world = World.of((Visitor("mimi", arrives=1.0, carries=True, drops=2.0, grabs=5.0),))
    (actor,) = world.actors
    assert [actor.carrying(time) for time in (1.5, 3.5, 6.5)] == [True, False, True]


def test_a_bolt_is_only_open_to_the_world_when_it_is_sensed_so(tmp_path):
    result = played("s1", tmp_path)
    (entered,) = [each.time for each in result.record.happenings if each.what == "enters"]
    before = [state for time, state in result.record.bolt if time <= entered]
    assert before[-1] is BoltState.UNLOCKED
