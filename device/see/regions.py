"""Lets a moving region begin a track where the detector boxes nothing but the species head is sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from pydantic import Field

from device.interfaces import Detector, Embedder, Head
from device.messages import Box, Detection, Pixels
from device.see.crops import crop

Ratio = Annotated[float, Field(gt=0, le=1)]

NOTHING = "nothing"
"""The species head's label for a picture without animal or person."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of `[regions]`."""

    sure: Ratio = 0.8
    """Probability from which the species head is believed that a region shows an animal or person."""
    enough: Ratio = 0.35
    """Score of a detection that makes regions superfluous: the tracker's `high`."""
    score: Ratio = 0.4
    """Score of a region at most: enough to begin a track, below what the detector itself is sure of."""
    largest: Ratio = 0.6
    """Ratio of the picture above which a region rather shows that the camera or the light moved."""


class MovementSource(Protocol):
    """A motion gate that knows where the latest frame moved."""

    def moving_region(self) -> Box | None:
        """Bounds of what moved in the latest frame, None if nothing did."""
        ...


class RegionFinder:
    """A Detector around another one, for small or odd views that only a classifier recognises.

    Of `heads` the one for the task "species" is asked; without it the detector stands alone.

    `detect` is called with the image of the frame that `gate` took last. A region costs one
    embedding, and only in frames where something moved and the detector was not sure.
    """

    def __init__(
        self,
        detector: Detector,
        gate: MovementSource,
        embedder: Embedder,
        heads: Sequence[Head],
        settings: Settings | None = None,
    ) -> None:
        self._detector = detector
        self._gate = gate
        self._embedder = embedder
        self._species = next((head for head in heads if head.task == "species"), None)
        self._settings = settings or Settings()

    def detect(self, image: Pixels) -> Sequence[Detection]:
        """The detector's boxes; before its weak ones, if it has no other, a region the head recognises."""
        found = self._detector.detect(image)
        if any(detection.score >= self._settings.enough for detection in found):
            return found
        region = self._gate.moving_region()
        if region is None or region.area > self._settings.largest:
            return found
        recognised = self._recognise(image, region)
        return found if recognised is None else (recognised, *found)

    def _recognise(self, image: Pixels, region: Box) -> Detection | None:
        """The region as a detection, None unless the head is sure that it shows something living."""
        if self._species is None:
            return None
        verdict = self._species.judge(self._embedder.embed(crop(image, region)))
        living = {label: score for label, score in verdict.scores.items() if label != NOTHING}
        sure = sum(living.values())
        if not living or sure < self._settings.sure or verdict.familiar is False:
            return None
        label = max(living, key=lambda each: living[each])
        return Detection(region, label, min(sure, self._settings.score))
