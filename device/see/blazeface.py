"""Finds human faces with six points in each (BlazeFace, Bazarevsky et al., 2019); it knows nobody.

The model sees large faces, so that every person's upper part is looked at besides the whole picture.
Decoding as in MediaPipe's graph `face_detection_short_range` (github.com/google-ai-edge/mediapipe).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError
from device.messages import Box, Pixels
from device.see.tflite import TfliteModel
from device.shipped import model_folder

Floats = NDArray[np.float32]
Point = tuple[float, float]

TASK = "faces"
MODEL = "blazeface-short"
SURE = 0.5
SAME = 0.3
"""Intersection over union from which two boxes are one face."""
UPPER = 0.6
"""Of a person's box so much is looked at, from the top."""
GRIDS = ((16, 2), (8, 6))
"""Cells along a side, and anchors in each cell; all of them are points, as large as the picture."""
NUMBERS = 16
"""Of each anchor: centre, size, and six points."""


@dataclass(frozen=True, slots=True)
class Face:
    """One face; left and right are the person's own. Points in ratios of the picture."""

    box: Box
    score: float
    right_eye: Point
    left_eye: Point
    nose: Point
    mouth: Point
    right_ear: Point
    left_ear: Point

    def roll_deg(self, width_px: int, height_px: int) -> float:
        """How far the head leans to one side in a picture of that size; 0 upright, positive clockwise."""
        (rx, ry), (lx, ly) = self.right_eye, self.left_eye
        return math.degrees(math.atan2((ly - ry) * height_px, (lx - rx) * width_px))


def build(state: Path | None = None) -> FaceDetector:
    """The detector; its model is looked for in the `state` directory first."""
    return FaceDetector(TfliteModel(model_folder(MODEL, state), TASK, threads=1))


class FaceDetector:
    """Finds faces in a picture, the surest first."""

    def __init__(self, model: TfliteModel) -> None:
        self.model = model
        self._anchors = anchors()
        shapes = tuple(each.shape for each in model.card.output)
        if shapes != ((1, len(self._anchors), NUMBERS), (1, len(self._anchors), 1)):
            raise ModelError(f"{model.card.folder} is no BlazeFace of 896 anchors; name another model")
        self._side = model.card.input.shape[1]

    def detect(self, image: Pixels, persons: Iterable[Box] = ()) -> list[Face]:
        """Faces in a (height, width, 3) BGR picture; `persons` are where one may be too small to be seen."""
        whole = Box(0.0, 0.0, 1.0, 1.0)
        upper = (Box(each.left, each.top, each.width, each.height * UPPER) for each in persons)
        found = [face for part in (whole, *upper) for face in self._look(image, part)]
        kept: list[Face] = []
        for face in sorted(found, key=lambda each: -each.score):
            if all(face.box.iou(other.box) < SAME for other in kept):
                kept.append(face)
        return kept

    def _look(self, image: Pixels, part: Box) -> list[Face]:
        height, width, _ = image.shape
        left, top, right, bottom = part.pixels(height, width)
        cut = image[top:bottom, left:right]
        side = max(cut.shape[:2])
        down, across = (side - cut.shape[0]) // 2, (side - cut.shape[1]) // 2
        square = np.zeros((side, side, 3), np.uint8)
        square[down : down + cut.shape[0], across : across + cut.shape[1]] = cut
        # The model wants red first.
        self.model.show(np.asarray(cv2.cvtColor(square, cv2.COLOR_BGR2RGB), np.uint8))
        numbers, scores = self.model.invoke()
        sure = 1 / (1 + np.exp(-np.clip(scores[0, :, 0], -80, 80)))
        (places,) = np.nonzero(sure >= SURE)
        scale = np.array([side / width, side / height], np.float32)
        shift = np.array([(left - across) / width, (top - down) / height], np.float32)
        return [
            _face(self._points(numbers[0, place], self._anchors[place]), scale, shift, float(sure[place]))
            for place in places
        ]

    def _points(self, numbers: Floats, anchor: Floats) -> Floats:
        """(8, 2): centre, size, then the six points, in ratios of the square."""
        points: Floats = (numbers.reshape(8, 2) / self._side).astype(np.float32)
        points[0] += anchor
        points[2:] += anchor
        return points


def anchors() -> Floats:
    """The (896, 2) middles of the anchors as x, y, in ratios of the square."""
    rows = [
        ((column + 0.5) / grid, (row + 0.5) / grid)
        for grid, each in GRIDS
        for row in range(grid)
        for column in range(grid)
        for _ in range(each)
    ]
    return np.array(rows, np.float32)


def _face(points: Floats, scale: Floats, shift: Floats, score: float) -> Face:
    """A face in ratios of the whole picture."""
    centre, size = points[0] * scale + shift, points[1] * scale
    corners = [*(centre - size / 2).tolist(), *(centre + size / 2).tolist()]
    seen: Sequence[Point] = [(x, y) for x, y in (points[2:] * scale + shift).tolist()]
    return Face(Box.from_corners(*corners), score, *seen)
