"""Says which animals one still picture shows: boxes from the detector, their kind from the species head."""

from __future__ import annotations

from collections.abc import Sequence

from device.interfaces import Detector, Embedder, Head
from device.messages import Box, Detection, Pixels, Verdict
from device.see.crops import crop

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
PERSON, NOTHING = "person", "nothing"

SURE = 0.8
"""Probability from which the head is believed about a whole picture in which nothing was boxed."""

SURE_BOX = 0.35
"""The detector's score from which several animals in one picture are believed."""


def subject(detections: Sequence[Detection]) -> Box:
    """The box of the best animal, all of the picture if there is none."""
    return next((each.box for each in detections if each.label != PERSON), WHOLE)


def verdict(image: Pixels, box: Box, embedder: Embedder, head: Head) -> Verdict:
    """What the head takes the region for."""
    return head.judge(embedder.embed(crop(image, box)))


def living(image: Pixels, detector: Detector, embedder: Embedder, head: Head) -> list[Detection]:
    """Every animal and person in a still picture, the surest first.

    The detector's word counts for persons. Animals are named by the head, whose probability is
    their score; boxes in which it sees nothing are dropped. If no animal is left, the whole
    picture counts as one where the head is sure of it.
    """
    detections = detector.detect(image)
    found = [each for each in detections if each.label == PERSON]
    for each in _worth_naming(detections):
        found += _named(each.box, verdict(image, each.box, embedder, head), least=0.0)
    if all(each.label == PERSON for each in found):
        whole = _named(WHOLE, verdict(image, WHOLE, embedder, head), SURE)
        found += [each for each in whole if each.label != PERSON]
    return sorted(found, key=lambda each: -each.score)


def _worth_naming(detections: Sequence[Detection]) -> list[Detection]:
    """The animals that the detector is sure of, or else the best one: weak boxes beside it are its parts."""
    animals = [each for each in detections if each.label != PERSON]
    return [each for each in animals if each.score >= SURE_BOX] or animals[:1]


def _named(box: Box, judged: Verdict, least: float) -> list[Detection]:
    score = judged.scores[judged.best]
    return [] if judged.best == NOTHING or score < least else [Detection(box, judged.best, score)]
