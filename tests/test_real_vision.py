"""Scenes seen by the real models: frames rendered from photographs, heads taught in the simulator."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from simulator.cat import COATS, cat
from simulator.light import LightChange
from simulator.lighting import lit
from simulator.performance import Result, play_scene
from simulator.real import RealVision
from simulator.render import PackagedWardrobe, Painter, scenery
from simulator.scene import find_scene, read_scene
from simulator.visitors import Actor, Habit, Phase, Visitor
from simulator.world import World

RATE = 5.0
HOUSE = PackagedWardrobe(("mimi", "luna"))


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> RealVision:
    """Real eyes; their heads are taught once for all tests here."""
    return RealVision(tmp_path_factory.mktemp("heads"))


def played(name: str, state: Path, vision: RealVision) -> Result:
    return play_scene(read_scene(find_scene(name)), state, 0, RATE, vision)


def painted(visitor: Visitor, light: str = "day"):
    world = World([Actor(visitor, Phase.WAITING, 1.0)], time=1.0)
    return Painter(world, HOUSE, 0, () if light == "day" else (LightChange(light),)).paint()


@pytest.mark.parametrize("name", ["s1", "s2"])
def test_a_scene_goes_as_it_must_when_the_real_models_see_it(name, tmp_path, taught):
    result = played(name, tmp_path, taught)
    assert [each for each in result.outcomes if not each.met] == []
    assert result.vision == "real"


def test_each_of_the_household_wears_its_own_coat_and_no_stranger_wears_it():
    coats = [HOUSE.coat(Visitor(name, 0.0)) for name in ("mimi", "luna", "the black tom", "tiger", "felix")]
    assert coats[:3] == ["tabby", "ginger", "black"]
    assert set(coats[2:]) <= set(COATS[2:])
    assert HOUSE.coat(Visitor("racky", 0.0, species="raccoon")) == "raccoon"


def test_the_animal_fills_the_box_that_the_world_gives_it():
    actor = Actor(Visitor("mimi", 0.0), Phase.WAITING, 1.0)
    changed = cv2.absdiff(painted(actor.visitor), lit(scenery(), None, np.random.default_rng([0, 2])))
    ys, xs = np.nonzero(changed.max(axis=2) > 40)
    left, top, right, bottom = actor.box().pixels(480, 640)
    assert top - 5 <= np.quantile(ys, 0.005) <= top + 25
    assert bottom - 10 <= np.quantile(ys, 0.995) <= bottom + 5
    assert left <= np.quantile(xs, 0.005)
    assert np.quantile(xs, 0.995) <= right


def test_what_it_carries_hangs_from_its_mouth_until_it_lies_on_the_ground():
    clean, carrying = painted(Visitor("mimi", 0.0)), painted(Visitor("mimi", 0.0, carries=True))
    dropped = painted(Visitor("mimi", 0.0, carries=True, drops=0.5))
    assert 300 < middle_row(clean, carrying) < 390
    assert 430 < middle_row(clean, dropped) < 480


def middle_row(one, other) -> float:
    """Where, in the median, two pictures differ."""
    return float(np.median(np.nonzero(cv2.absdiff(one, other).max(axis=2) > 20)[0]))


def test_an_averted_head_hides_what_the_mouth_holds_and_one_that_is_down_most_of_it():
    differing = {
        pose: np.count_nonzero(cv2.absdiff(cat("tabby", pose).image, cat("tabby", pose, carrying=True).image))
        for pose in ("clear", "down", "averted")
    }
    assert differing["averted"] == 0
    assert differing["down"] < 0.6 * differing["clear"]


def test_only_the_infrared_lamp_takes_the_colour_away():
    from device.see.luma import is_infrared

    lights = {light: is_infrared(painted(Visitor("mimi", 0.0), light=light)) for light in ("day", "infrared")}
    assert lights == {"day": False, "infrared": True}


def test_a_blurred_look_is_too_blurred_to_prove_anything():
    from device.see.crops import view

    box = Actor(Visitor("mimi", 0.0), Phase.WAITING, 1.0).box()
    sharp = view(painted(Visitor("mimi", 0.0)), box).sharpness
    blurred = view(painted(Visitor("mimi", 0.0, head=(Habit("blurred"),))), box).sharpness
    assert blurred < 20 < sharp


def test_the_same_seed_paints_the_same_picture_and_another_seed_another():
    world = World([Actor(Visitor("mimi", 0.0), Phase.WAITING, 1.0)], time=1.0)
    first, again, other = (Painter(world, HOUSE, seed).paint() for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_an_unknown_way_of_seeing_is_refused(latchlens):
    latchlens("simulate", "--scene", "s1", "--vision", "reel").refused("--vision reel", "real", status=2)


def test_a_way_of_seeing_needs_a_scene_to_be_seen(latchlens, tmp_path):
    for unused in (("--vision", "real"), ("--sprites", tmp_path)):
        latchlens("simulate", *unused).refused("--scene", status=2)
