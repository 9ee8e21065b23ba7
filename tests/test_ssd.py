"""The detector boxes animals and persons, one box for each, and looks closer when it doubts."""

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from device.messages import Box, Detection, Pixels
from device.see import ssd
from device.see.card import load_card
from device.see.ssd import Candidates, SsdDetector, anchors, distinct
from device.shipped import model_folder

NO_PERSON = np.array([False] * 10)


@pytest.fixture(scope="module")
def detector() -> SsdDetector:
    return ssd.build(ssd.Settings(threads=1))


def candidates(*rows: tuple[float, float, float, float, float]) -> Candidates:
    """Boxes given as left, top, right, bottom, score."""
    values = np.array(rows, np.float32).reshape(-1, 5)
    return Candidates(values[:, :4], np.zeros(len(values), np.intp), values[:, 4])


def animals(found: list[Detection]) -> list[Detection]:
    return [each for each in found if each.label != "person"]


def frames(path: Path, every: int) -> list[Pixels]:
    video = cv2.VideoCapture(str(path))
    pictures = (video.read()[1] for _ in range(int(video.get(cv2.CAP_PROP_FRAME_COUNT))))
    return list(islice(pictures, 0, None, every))


def test_anchors_are_those_the_model_was_taught_with() -> None:
    made = anchors(load_card(model_folder("ssd-mobilenet-v2-oid")).decoder)
    assert made.shape == (1917, 4)
    assert made[0] == pytest.approx((0.5 / 19, 0.5 / 19, 0.1, 0.1))
    assert made[1] == pytest.approx((0.5 / 19, 0.5 / 19, 0.2 / 2**0.5, 0.2 * 2**0.5))
    assert made[-1] == pytest.approx((0.5, 0.5, (0.95 * 1.0) ** 0.5, (0.95 * 1.0) ** 0.5))


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (360, 640)])
@pytest.mark.parametrize("shade", [0, 128, 255])
def test_an_even_picture_of_any_size_shows_no_animal(
    detector: SsdDetector, size: tuple[int, int], shade: int
) -> None:
    assert not [each for each in detector.detect(np.full((*size, 3), shade, np.uint8)) if each.score > 0.35]


def test_a_cat_is_found_and_boxed(detector: SsdDetector) -> None:
    data = pytest.importorskip("skimage.data")
    picture = cv2.cvtColor(data.chelsea(), cv2.COLOR_RGB2BGR)
    (cat,) = animals(list(detector.detect(picture)))
    assert cat.label == "cat"
    assert cat.score > 0.6
    assert cat.box.area > 0.5


def test_the_second_look_boxes_a_small_cat_in_its_place(detector: SsdDetector) -> None:
    data = pytest.importorskip("skimage.data")
    cat = cv2.resize(cv2.cvtColor(data.chelsea(), cv2.COLOR_RGB2BGR), (180, 120))
    wide = np.full((360, 1080, 3), 140, np.uint8)
    wide[200:320, 820:1000] = cat
    (found, *_) = animals(list(detector.detect(wide)))
    assert found.box.iou(Box(820 / 1080, 200 / 360, 180 / 1080, 120 / 360)) > 0.6


def test_a_picture_without_animals_is_looked_at_once(detector: SsdDetector) -> None:
    before = detector.model.invocations
    detector.detect(np.full((360, 640, 3), 128, np.uint8))
    assert detector.model.invocations == before + 1


def test_an_animal_that_the_detector_calls_cat_and_dog_gets_one_box() -> None:
    found = candidates((0.1, 0.1, 0.5, 0.5, 0.8), (0.12, 0.1, 0.52, 0.5, 0.7))
    assert distinct(found, NO_PERSON[:2], 0.5) == [0]


def test_a_person_does_not_hide_the_cat_in_their_arms() -> None:
    found = candidates((0.1, 0.1, 0.5, 0.5, 0.8), (0.12, 0.1, 0.52, 0.5, 0.7))
    assert distinct(found, np.array([True, False]), 0.5) == [0, 1]


def test_a_weak_box_within_a_strong_one_is_a_part_of_the_same_animal() -> None:
    found = candidates((0.1, 0.1, 0.9, 0.9, 0.8), (0.2, 0.2, 0.4, 0.4, 0.3))
    assert distinct(found, NO_PERSON[:2], 0.5) == [0]


def test_a_kitten_before_its_mother_keeps_its_own_box() -> None:
    found = candidates((0.1, 0.1, 0.9, 0.9, 0.8), (0.2, 0.2, 0.4, 0.4, 0.7))
    assert distinct(found, NO_PERSON[:2], 0.5) == [0, 1]


GRID = [step / 64 for step in range(65)]
"""Edges of boxes in ratios; finer ones than a fraction of a pixel do not occur."""


@settings(deadline=None)
@given(
    arrays.arrays(np.float32, st.tuples(st.integers(0, 12), st.just(4)), elements=st.sampled_from(GRID)),
    st.floats(0.1, 0.9),
)
def test_boxes_that_are_kept_never_overlap_more_than_allowed(corners: np.ndarray, max_iou: float) -> None:
    boxes = np.concatenate(
        [np.minimum(corners[:, :2], corners[:, 2:]), np.maximum(corners[:, :2], corners[:, 2:])], 1
    )
    found = Candidates(
        boxes, np.zeros(len(boxes), np.intp), np.linspace(0.9, 0.1, len(boxes), dtype=np.float32)
    )
    kept = [
        Box.from_corners(*boxes[index].tolist())
        for index in distinct(found, np.zeros(len(boxes), bool), max_iou)
    ]
    assert bool(kept) == bool(len(boxes))
    assert all(one.iou(other) <= max_iou + 1e-3 for i, one in enumerate(kept) for other in kept[:i])


@pytest.mark.parametrize("name", ["cat_jumps_on_chair", "dog_in_meadow"])
def test_the_animal_is_boxed_in_nearly_every_frame_of_a_clip(
    detector: SsdDetector, shared_data: Path, name: str
) -> None:
    pictures = frames(shared_data / "video" / f"{name}.mp4", every=15)
    boxed = [any(each.score >= 0.35 for each in animals(list(detector.detect(one)))) for one in pictures]
    assert sum(boxed) >= len(boxed) - 1
