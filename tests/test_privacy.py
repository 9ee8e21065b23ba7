"""Persons in pictures that leave the device cannot be recognised, and nothing else is touched."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from device.decide.policy import DoorPolicy, PolicySettings
from device.loop import Eyes, Loop
from device.messages import (
    Box,
    Decision,
    Detection,
    Frame,
    Inputs,
    Lease,
    Observation,
    Pixels,
    Settings,
    Sighting,
    Track,
)
from device.see.drawing import draw
from device.see.privacy import blur_persons, without_persons
from device.see.tracker import BoxTracker
from device.see.tracker import Settings as TrackerSettings
from tests import making


class Doorstep:
    """Every part of the loop but tracker and policy: a cat stays, and a person joins it in the last frame."""

    def __init__(self, frames: int) -> None:
        self.told: list[tuple[Pixels, Observation]] = []
        self._frames = frames
        self._shown = 0

    def next(self, timeout: float) -> Frame:  # noqa: ARG002
        self._shown += 1
        return Frame(time=self.now(), image=noise(), luma=noise()[:, :, 0], number=self._shown)

    def now(self) -> float:
        return self._shown / 5

    def wall(self) -> None:
        return None

    def check(self, frame: Frame | None, now: float) -> None:  # noqa: ARG002
        return None

    def open(self, frame: Frame) -> bool:  # noqa: ARG002
        return True

    def detect(self, image: Pixels) -> list[Detection]:  # noqa: ARG002
        return [CAT, PERSON] if self._shown == self._frames else [CAT]

    def classify(self, image: Pixels, track: Track) -> Sighting:  # noqa: ARG002
        return Sighting(track, making.view())

    def inputs(self) -> Inputs:
        return Inputs(self.now())

    def hold(self, lease: Lease | None) -> None:
        """No bolt."""

    def current(self) -> Settings:
        return Settings()

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:  # noqa: ARG002
        assert frame is not None
        self.told.append((frame.image, observation))

    def close(self) -> None:
        """Nothing to give back."""


PERSON = Detection(Box(0.25, 0.25, 0.5, 0.5), "person", 0.9)
CAT = Detection(Box(0.1, 0.6, 0.3, 0.3), "cat", 0.8)


def noise(height_px: int = 120, width_px: int = 160) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (height_px, width_px, 3), dtype=np.uint8)


def test_a_person_is_blurred_in_a_copy_and_the_original_stays() -> None:
    picture = noise()
    hidden = blur_persons(picture, [PERSON])
    assert np.array_equal(picture, noise())
    assert hidden[40:80, 50:110].std() < picture[40:80, 50:110].std() / 3


def test_what_is_outside_the_enlarged_box_and_what_is_no_person_is_not_touched() -> None:
    picture = noise()
    hidden = blur_persons(picture, [PERSON, CAT])
    changed = (hidden != picture).any(axis=2)
    assert changed[24:96, 32:128].mean() > 0.9
    assert not changed[:22].any() and not changed[98:].any() and not changed[:, :29].any()
    assert np.array_equal(blur_persons(picture, [CAT]), picture)


def test_a_person_who_was_only_just_seen_beside_an_animal_is_hidden_in_its_picture() -> None:
    door = Doorstep(frames=6)
    eyes = Eyes(door, door, door, BoxTracker(TrackerSettings()), door)
    loop = Loop(door, eyes, DoorPolicy(PolicySettings()), door, door, door, door)
    for _ in range(6):
        loop.step()
    picture, observation = door.told[-1]
    assert [each.track.label for each in observation.sightings] == ["cat"], "the person is no track yet"
    hidden = without_persons(picture, observation)
    assert np.array_equal(hidden, blur_persons(picture, [PERSON]))
    assert not np.array_equal(hidden, picture)


def test_an_animal_that_the_species_head_takes_for_a_person_is_hidden_too() -> None:
    sighting = making.sighting(making.species("person"))
    hidden = without_persons(noise(), making.observation(1.0, sighting))
    taken = Detection(sighting.track.box, "person", 0.9)
    assert np.array_equal(hidden, blur_persons(noise(), [taken]))


def test_two_persons_with_the_same_coarse_colours_cannot_be_told_apart() -> None:
    """Only means of large cells survive: what differs within a cell is gone for good."""
    one = np.full((120, 120, 3), 100, np.uint8)
    other = one.copy()
    one[::2], one[1::2] = 90, 110
    other[:, ::2], other[:, 1::2] = 90, 110
    whole = Detection(Box(0, 0, 1, 1), "person", 0.9)
    assert np.array_equal(blur_persons(one, [whole]), blur_persons(other, [whole]))


ratios = st.floats(0, 1)
boxes = st.builds(Box.from_corners, ratios, ratios, ratios, ratios)


@given(boxes, st.integers(1, 40), st.integers(1, 40))
def test_any_box_in_any_picture_can_be_blurred_and_drawn(box: Box, height_px: int, width_px: int) -> None:
    person = Detection(box, "person", 0.5)
    picture = noise(height_px, width_px)
    assert blur_persons(picture, [person]).shape == picture.shape
    assert draw(picture, [person, Detection(box, "cat", 1.0)]).shape == picture.shape


def test_boxes_are_drawn_into_a_copy_at_their_place() -> None:
    picture = np.zeros((480, 640, 3), np.uint8)
    drawn = draw(picture, [CAT])
    assert not picture.any()
    assert drawn[int(0.6 * 480) + 60, 64].any() and not drawn[: int(0.5 * 480)].any()
    assert not drawn[350:400, 100:200].any()
