"""The motion gate on generated planes: noise, light, infrared, leaves, and animals that move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.messages import Box, Frame, Luma
from device.see.luma import make_frame
from device.see.motion import BackgroundGate, Settings, build
from simulator.cat import cat
from simulator.render import paste, scenery

RATE = 5.0

Animal = Callable[[float], tuple[float, float]]


class Scene:
    """A textured doorstep at 5 frames a second with sensor noise, lamps and an animal."""

    def __init__(self, seed: int = 3, noise: float = 4.0, shape: tuple[int, int] = (120, 160)) -> None:
        self._random = np.random.default_rng(seed)
        self._noise = noise
        coarse = self._random.uniform(30, 180, (12, 16)).astype(np.float32)
        self._ground = cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
        fur = np.random.default_rng(seed + 1).uniform(-12, 12, (shape[0] // 3 + 1, shape[1] // 3 + 1))
        self._coat = cv2.resize(fur.astype(np.float32), shape[::-1], interpolation=cv2.INTER_LINEAR)
        self.number = 0

    @property
    def time(self) -> float:
        return self.number / RATE

    def pave(self) -> None:
        """Lay a bright path of rough stones through the middle."""
        rows, columns = self._ground.shape
        path = self._ground[:, columns * 3 // 8 : columns * 5 // 8]
        stones = self._random.uniform(-25, 25, (rows // 3, path.shape[1] // 3)).astype(np.float32)
        path[:] = 190 + cv2.resize(stones, path.shape[::-1], interpolation=cv2.INTER_NEAREST)

    def shade(self, light: float) -> None:
        """The soft shadow of a cloud falls over the middle, from a quarter to three quarters."""
        across = np.linspace(-1, 1, self._ground.shape[1], dtype=np.float32)
        self._ground *= 1 - (1 - light) * np.exp(-((across * 2) ** 4))

    def frame(
        self,
        light: float = 1.0,
        animal: Box | None = None,
        infrared: bool = False,
        leaves: bool = False,
    ) -> Frame:
        """The next frame; the animal hides the ground and is 40 levels darker, leaves tremble at the left."""
        plane = self._ground.copy()
        rows, columns = plane.shape
        if leaves:
            plane[:, : columns // 8] += self._random.uniform(-18, 18, (rows, columns // 8))
        if animal is not None:
            left, top, right, bottom = animal.pixels(rows, columns)
            hidden = plane[top:bottom, left:right]
            hidden[:] = hidden.mean() - 40 + self._coat[: bottom - top, : right - left]
        plane = plane * light + self._random.normal(0, self._noise, plane.shape)
        luma: Luma = np.clip(plane, 0, 255).astype(np.uint8)
        frame = Frame(self.time, np.zeros((1, 1, 3), np.uint8), luma, self.number, infrared=infrared)
        self.number += 1
        return frame


def calm(gate: BackgroundGate, scene: Scene, seconds: float = 10.0) -> None:
    for _ in range(int(seconds * RATE)):
        gate.open(scene.frame())


def moves(gate: BackgroundGate, frame: Frame) -> bool:
    gate.open(frame)
    return gate.moving_region() is not None


def test_noise_opens_the_gate_for_safety_only() -> None:
    gate, scene = build(Settings(safety_seconds=2.0)), Scene()
    opened = [gate.open(scene.frame()) for _ in range(101)]
    assert [index for index, is_open in enumerate(opened) if is_open] == list(range(0, 101, 10))


def test_an_animal_opens_the_gate_at_its_first_frame() -> None:
    gate, scene = build(Settings(safety_seconds=60)), Scene()
    calm(gate, scene)
    assert not gate.open(scene.frame())
    assert gate.open(scene.frame(animal=Box(0.4, 0.4, 0.1, 0.12)))


def test_the_gate_stays_open_for_a_moment_after_the_last_movement() -> None:
    gate, scene = build(Settings(safety_seconds=60, hold_seconds=0.5)), Scene()
    calm(gate, scene)
    gate.open(scene.frame(animal=Box(0.4, 0.4, 0.1, 0.12)))
    assert [gate.open(scene.frame()) for _ in range(4)] == [True, True, False, False]


def test_the_moving_region_is_where_the_animal_is() -> None:
    gate, scene = build(Settings()), Scene()
    calm(gate, scene)
    animal = Box(0.5, 0.3, 0.2, 0.25)
    gate.open(scene.frame(animal=animal))
    region = gate.moving_region()
    assert region is not None
    assert region.iou(animal) > 0.8
    gate.open(scene.frame())
    assert gate.moving_region() is None


def test_of_two_animals_the_larger_is_the_moving_region() -> None:
    gate, scene = build(Settings()), Scene()
    calm(gate, scene)
    small, large = Box(0.1, 0.1, 0.1, 0.1), Box(0.6, 0.5, 0.2, 0.3)
    frame = scene.frame(animal=large)
    left, top, right, bottom = small.pixels(*frame.luma.shape)
    frame.luma[top:bottom, left:right] = 0
    gate.open(frame)
    region = gate.moving_region()
    assert region is not None
    assert region.iou(large) > 0.8


def test_a_speck_smaller_than_the_least_area_does_not_count() -> None:
    gate, scene = build(Settings(area=0.01)), Scene()
    calm(gate, scene)
    assert not moves(gate, scene.frame(animal=Box(0.4, 0.4, 0.05, 0.08)))


@pytest.mark.parametrize("light", [0.5, 0.7, 1.3])
def test_a_cloud_or_lamp_that_changes_all_the_light_does_not_count(light: float) -> None:
    gate, scene = build(Settings()), Scene()
    calm(gate, scene)
    assert not any(moves(gate, scene.frame(light)) for _ in range(20))
    assert not any(moves(gate, scene.frame()) for _ in range(20))


def test_an_animal_is_seen_while_the_light_changes() -> None:
    gate, scene = build(Settings()), Scene()
    calm(gate, scene)
    for index in range(10):
        gate.open(scene.frame(1 - index / 20))
    assert moves(gate, scene.frame(0.5, animal=Box(0.4, 0.4, 0.15, 0.2)))


def test_a_small_cat_at_a_wall_with_structure_is_no_shadow() -> None:
    """Both are brighter than their surroundings, which alone does not make one the other's shadow."""
    gate = build(Settings())
    for number in range(50):
        gate.open(make_frame(scenery().copy(), number / RATE, number))
    image = scenery().copy()
    paste(image, cat("grey"), 40, 200, 45)
    assert moves(gate, make_frame(image, 50 / RATE, 50))


def test_a_shadow_on_rough_ground_does_not_count() -> None:
    scene, gate = Scene(noise=1.0), build(Settings())
    scene.pave()
    calm(gate, scene)
    for _ in range(4):
        scene.shade(0.9)
        assert not moves(gate, scene.frame())


def wall(patch: float = 0, soft: float = 0, side: int = 20) -> Frame:
    """A plain wall with a square patch in another light; `soft`: pixels over which its border fades."""
    plane = np.full((120, 160), 120, np.float32)
    plane[50 : 50 + side, 60 : 60 + side] += patch
    if soft:
        plane = cv2.GaussianBlur(plane, (0, 0), soft)
    plane += np.random.default_rng(1).normal(0, 1.0, plane.shape)
    return Frame(0.0, np.zeros((1, 1, 3), np.uint8), np.clip(plane, 0, 255).astype(np.uint8), 0)


@pytest.mark.parametrize(
    ("patch", "soft", "side", "counts"),
    [(8, 0, 8, True), (-12, 0, 18, True), (22, 5, 8, False)],
)
def test_on_a_plain_wall_what_has_an_outline_counts(
    patch: float, soft: float, side: int, counts: bool
) -> None:
    gate = build(Settings())
    for number in range(50):
        gate.open(replace(wall(), time=number / RATE))
    assert moves(gate, replace(wall(patch, soft, side), time=50 / RATE)) == counts


def test_a_switch_to_infrared_does_not_count_but_an_animal_afterwards_does() -> None:
    gate, day, night = build(Settings(settle_seconds=1.0)), Scene(seed=3), Scene(seed=4)
    calm(gate, day)
    night.number = day.number
    assert not any(moves(gate, night.frame(infrared=True)) for _ in range(20))
    assert moves(gate, night.frame(infrared=True, animal=Box(0.4, 0.4, 0.1, 0.12)))


def test_an_animal_is_found_for_safety_while_the_gate_settles() -> None:
    gate, scene = build(Settings(settle_seconds=10, safety_seconds=2.0)), Scene()
    calm(gate, scene)
    animal = Box(0.4, 0.4, 0.1, 0.12)
    assert sum(gate.open(scene.frame(infrared=True, animal=animal)) for _ in range(20)) == 2


def test_a_sudden_change_of_light_without_notice_does_not_count() -> None:
    """The contrast grows as when a lamp goes on: no single gain undoes it."""
    gate, scene = build(Settings()), Scene()
    calm(gate, scene)

    def harsh(frame: Frame) -> Frame:
        plane = np.clip((frame.luma.astype(np.float32) - 100) * 2 + 100, 0, 255).astype(np.uint8)
        return Frame(frame.time, frame.image, plane, frame.number)

    assert not any(moves(gate, harsh(scene.frame())) for _ in range(20))


def test_another_scene_before_the_camera_counts() -> None:
    gate, scene, other = build(Settings()), Scene(seed=3), Scene(seed=4)
    calm(gate, scene)
    other.number = scene.number
    assert moves(gate, other.frame())


def test_a_camera_that_pans_keeps_the_gate_open() -> None:
    gate, scene = build(Settings(safety_seconds=60)), Scene(noise=0)
    wide = cv2.resize(scene.frame().luma, (640, 120))
    opened = []
    for index in range(60):
        luma = wide[:, index * 6 : index * 6 + 160]
        opened.append(gate.open(Frame(index / RATE, np.zeros((1, 1, 3), np.uint8), luma, index)))
    assert all(opened)


def test_leaves_in_the_wind_are_learnt_and_an_animal_still_seen() -> None:
    gate, scene = build(Settings()), Scene()
    for _ in range(200):
        gate.open(scene.frame(leaves=True))
    assert not any(moves(gate, scene.frame(leaves=True)) for _ in range(50))
    assert moves(gate, scene.frame(leaves=True, animal=Box(0.4, 0.4, 0.1, 0.12)))


def test_what_stays_becomes_background() -> None:
    gate, scene = build(Settings(adapt_seconds=3)), Scene()
    calm(gate, scene)
    box = Box(0.4, 0.4, 0.2, 0.2)
    assert moves(gate, scene.frame(animal=box))
    assert not [moves(gate, scene.frame(animal=box)) for _ in range(100)][-1]


def test_the_background_still_learns_after_the_clock_went_back() -> None:
    gate, scene = build(Settings(adapt_seconds=3)), Scene()
    scene.number = 5000
    calm(gate, scene)
    scene.number = 0
    box = Box(0.4, 0.4, 0.2, 0.2)
    assert moves(gate, scene.frame(animal=box))
    assert not [moves(gate, scene.frame(animal=box)) for _ in range(300)][-1]


def test_the_gate_adapts_by_time_and_not_by_frames() -> None:
    def seconds_until_learnt(every: int) -> float:
        gate, scene = build(Settings(adapt_seconds=4)), Scene(noise=0)
        calm(gate, scene)
        start = scene.time
        while True:
            frame = scene.frame(animal=Box(0.4, 0.4, 0.2, 0.2))
            if scene.number % every == 0 and not moves(gate, frame):
                return frame.time - start

    assert seconds_until_learnt(1) == pytest.approx(seconds_until_learnt(2), abs=1.0)


@pytest.mark.parametrize("shape", [(120, 160), (90, 160), (120, 90), (480, 640), (60, 400)])
def test_planes_of_any_shape_are_watched(shape: tuple[int, int]) -> None:
    gate, scene = build(Settings()), Scene(shape=shape)
    calm(gate, scene)
    animal = Box(0.4, 0.3, 0.2, 0.4)
    gate.open(scene.frame(animal=animal))
    region = gate.moving_region()
    assert region is not None
    assert region.iou(animal) > 0.4


def test_a_camera_with_another_size_begins_anew() -> None:
    gate, scene = build(Settings()), Scene()
    calm(gate, scene)
    other = Scene(shape=(90, 160))
    other.number = scene.number
    assert not moves(gate, other.frame())
    assert moves(gate, other.frame(animal=Box(0.4, 0.4, 0.1, 0.12)))


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["zeros", "full", "random"]))
def test_the_gate_opens_at_least_every_two_seconds_whatever_it_sees(seed: int, kind: str) -> None:
    random = np.random.default_rng(seed)
    gate = build(Settings(safety_seconds=2.0))
    time, last = 0.0, 0.0
    for number in range(60):
        plane = {"zeros": np.zeros, "full": lambda shape: np.full(shape, 255)}.get(
            kind, lambda shape: random.integers(0, 256, shape)
        )((24, 32))
        frame = Frame(time, np.zeros((1, 1, 3), np.uint8), plane.astype(np.uint8), number)
        if gate.open(frame):
            last = time
        assert time - last < 2.0
        time += float(random.uniform(0.05, 0.5))
