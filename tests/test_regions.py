"""A moving region that the species head recognises is a detection where the detector sees none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from device.messages import Box, Detection, Embedding, Pixels, Verdict
from device.see.regions import RegionFinder, Settings

IMAGE: Pixels = np.zeros((90, 160, 3), np.uint8)
IMAGE[40:60, 100:120] = 200
REGION = Box(100 / 160, 40 / 90, 20 / 160, 20 / 90)


@dataclass
class FixedDetector:
    found: Sequence[Detection] = ()

    def detect(self, image: Pixels) -> Sequence[Detection]:
        assert image is IMAGE
        return self.found


@dataclass
class FixedGate:
    region: Box | None = REGION

    def moving_region(self) -> Box | None:
        return self.region


class MeanEmbedder:
    """Embeds a crop as its mean brightness, and counts how often."""

    def __init__(self) -> None:
        self.calls = 0

    def embed(self, crop: Pixels) -> Embedding:
        self.calls += 1
        return np.array([crop.mean() / 255], np.float32)


@dataclass
class BrightIsLiving:
    """A species head that knows the scores of a bright crop; a dark one shows nothing."""

    scores: Mapping[str, float]
    familiar: bool | None = None
    task: str = "species"

    def judge(self, embedding: Embedding) -> Verdict:
        scores = self.scores if embedding[0] > 0.3 else {"nothing": 1.0}
        return Verdict("species", scores, self.familiar)


CAT = BrightIsLiving({"cat": 0.7, "dog": 0.2, "nothing": 0.1})


def test_a_recognised_region_becomes_a_detection_below_the_detectors_own() -> None:
    finder = RegionFinder(FixedDetector(), FixedGate(), MeanEmbedder(), [CAT])
    assert finder.detect(IMAGE) == (Detection(REGION, "cat", 0.4),)


@pytest.mark.parametrize(
    "head",
    [
        BrightIsLiving({"cat": 0.5, "nothing": 0.5}),
        BrightIsLiving({"nothing": 1.0}),
        BrightIsLiving({"cat": 0.9, "nothing": 0.1}, familiar=False),
    ],
)
def test_a_head_that_is_not_sure_makes_no_detection(head: BrightIsLiving) -> None:
    assert not RegionFinder(FixedDetector(), FixedGate(), MeanEmbedder(), [head]).detect(IMAGE)


@pytest.mark.parametrize("region", [None, Box(0.0, 0.0, 1.0, 1.0), Box(0.1, 0.1, 0.1, 0.1)])
def test_no_region_or_the_whole_picture_or_an_empty_one_makes_no_detection(region: Box | None) -> None:
    assert not RegionFinder(FixedDetector(), FixedGate(region), MeanEmbedder(), [CAT]).detect(IMAGE)


def test_what_the_detector_boxes_is_kept_and_saves_the_embedding() -> None:
    found = (Detection(Box(0.1, 0.1, 0.2, 0.2), "dog", 0.6),)
    embedder = MeanEmbedder()
    assert RegionFinder(FixedDetector(found), FixedGate(), embedder, [CAT]).detect(IMAGE) == found
    assert embedder.calls == 0


def test_a_weak_detection_is_kept_beside_the_region() -> None:
    weak = Detection(Box(0.6, 0.4, 0.2, 0.3), "dog", 0.2)
    finder = RegionFinder(FixedDetector((weak,)), FixedGate(), MeanEmbedder(), [CAT])
    assert finder.detect(IMAGE) == (Detection(REGION, "cat", 0.4), weak)


def test_without_a_species_head_the_detector_stands_alone() -> None:
    who = BrightIsLiving({"Minka": 1.0}, task="who")
    assert not RegionFinder(FixedDetector(), FixedGate(), MeanEmbedder(), [who]).detect(IMAGE)


def test_the_settings_bound_what_is_believed() -> None:
    finder = RegionFinder(FixedDetector(), FixedGate(), MeanEmbedder(), [CAT], Settings(sure=0.95))
    assert not finder.detect(IMAGE)
