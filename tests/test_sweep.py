"""Sweeps: what is played, what is counted of it, and what is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from device.errors import ConfigError
from device.messages import Event
from simulator.record import Record
from simulator.scene import find_scene, read_scene
from simulator.sweep import Share, curve, floors, trials
from simulator.sweep_figure import figure
from simulator.trials import Counted, Trial, changed, count_lockouts, count_prey
from simulator.visitors import NO_CHIP
from simulator.world import Happening

S2 = str(find_scene("s2"))


def counted(**changes: object) -> Counted:
    usual = Counted(Trial(S2, 0), "s2", 4.0, 12, True, (), (), clean=1, locked_out=0, prey=1, let_in=0)
    return replace(usual, **changes)


def test_a_sweep_plays_every_combination_seed_by_seed():
    chosen = trials([S2, "other.toml"], 2, ["rate=3,10", "threshold=own,2", "chip=none"])
    assert len(chosen) == 2 * 2 * 2 * 2
    assert [each.seed for each in chosen] == sorted(each.seed for each in chosen)
    assert chosen[0] == Trial(S2, 0, 3.0, "as written", "none", None)


@pytest.mark.parametrize(
    ("over", "part"),
    [
        ("rates=3", "did you mean rate?"),
        ("rate", "rate=3,5,10"),
        ("rate=fast", "rate=fast"),
        ("rate=0", "above 0"),
        ("light=fog", "dusk"),
        ("threshold=-1", "threshold=-1"),
    ],
)
def test_a_condition_that_is_not_known_is_told_with_those_that_are(over, part):
    with pytest.raises(ConfigError) as error:
        trials([S2], 1, [over])
    assert part in str(error.value)


def test_a_trial_changes_light_chip_and_threshold_and_nothing_else():
    scene = read_scene(Path(S2))
    other = changed(scene, Trial(S2, 0, 10.0, "dusk", "none", 2.5))
    prey = other.project.policy.evidence.prey
    assert (prey.prove, prey.refute, other.lights[0].what) == (2.5, 2.5, "dusk")
    assert {each.chip for each in other.visitors} == {NO_CHIP}
    assert changed(scene, Trial(S2, 0)) == scene


def test_a_floor_counts_what_passed_and_one_broken_promise_fails_it():
    plays = [counted(passed=number < 12) for number in range(20)]
    (good,) = floors(plays)
    assert (good.passed, good.seeds, good.met) == (12, 20, True)
    (few,) = floors([replace(each, floor=13) for each in plays])
    (unsafe,) = floors([*plays[1:], counted(unsafe=("coil limit",))])
    assert not few.met
    assert not unsafe.met


def test_a_floor_is_not_judged_by_plays_under_other_conditions_or_by_few_seeds():
    assert floors([counted(trial=Trial(S2, 0, light="dusk"))]) == []
    (few,) = floors([counted(passed=False)])
    assert few.met


def test_the_curve_adds_up_visits_by_threshold_with_their_bounds():
    plays = [counted(needed=2.0, let_in=1), counted(needed=2.0), counted(needed=4.0)]
    low, high = curve(plays)
    assert (low.threshold, low.prey_let_in, low.false_lockouts) == (2.0, Share(1, 2), Share(0, 2))
    assert high.prey_let_in == Share(0, 1)
    assert (high.prey_let_in.low, high.prey_let_in.high) == (0.0, pytest.approx(0.95))


def test_prey_counts_as_let_in_when_it_is_carried_through_the_flap():
    scene = read_scene(Path(S2))
    empty = Happening(65.0, "enters", "mimi")
    laden = Happening(9.0, "enters", "mimi", carrying=True)
    tom = replace(laden, who="the tom")
    assert count_prey(scene, Record(happenings=[empty, tom])) == (1, 0)
    assert count_prey(scene, Record(happenings=[laden])) == (1, 1)


def test_a_lockout_is_false_unless_one_with_prey_was_about():
    scene = read_scene(Path(S2))
    with_prey, without = (Event(time, None, "lockout", "") for time in (9.0, 66.0))
    came = [Happening(3.0, "arrives", "mimi"), Happening(25.0, "leaves", "mimi")]
    assert count_lockouts(scene, Record(happenings=came, events=[with_prey])) == (1, 0)
    assert count_lockouts(scene, Record(happenings=came, events=[without])) == (1, 1)


def test_the_figure_is_well_formed_and_says_the_counts_also_where_nobody_came():
    points = curve([counted(needed=2.0, let_in=1), counted(needed=4.0, clean=0)])
    drawn = ElementTree.fromstring(figure(points))
    titles = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert "1 of 1 (at most 100.0%)" in titles
    ElementTree.fromstring(figure(curve([counted(clean=0, prey=0)])))


def test_a_sweep_leaves_table_rows_and_figure_and_exits_well(tmp_path, latchlens):
    scene = tmp_path / "short.toml"
    scene.write_text('title = "A cat comes"\nseconds = 12\n\n[[visitor]]\nname = "mimi"\narrives = 1.0\n')
    out = tmp_path / "out"
    chosen = ["--scene", str(scene), "--seeds", "2", "--over", "threshold=own,2", "--save", str(out)]
    answer = latchlens("simulate", "--sweep", *chosen)
    answer.went_well()
    assert "short                        5  2 of 2     20 ok" in answer.out
    assert {each.name for each in out.iterdir()} == {"plays.csv", "sweep.txt", "sweep.json", "sweep.svg"}
    assert len((out / "plays.csv").read_text().splitlines()) == 1 + 4
    assert json.loads((out / "sweep.json").read_text())["plays"] == 4
