"""Finds and boxes animals and persons with an SSD detector (single shot, fixed anchors)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from device.errors import ModelError
from device.messages import Box, Detection, Pixels
from device.see.card import Card, Quantisation
from device.see.tflite import TfliteModel
from device.shipped import model_folder

Floats = NDArray[np.float32]

CANDIDATES = 100
"""How many boxes above the threshold are looked at; a picture of three animals gives about twenty."""

PART_INSIDE, PART_SCORE = 0.8, 0.6
"""A box is a part of an animal if so much of it lies inside and it scores less than this share."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Keys of `[detector]` with `kind = "ssd"`."""

    model: str = "ssd-mobilenet-v2-oid"
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.15
    """Low, so that the tracker can go on with weak boxes; it begins a track from a higher score only."""
    sure: Annotated[float, Field(gt=0, le=1)] = 0.35
    """If the best animal scores less than this, the detector looks again, closer."""
    doubtful: Annotated[float, Field(gt=0, le=1)] = 0.05
    """But only if it scores at least this; 1 never looks twice."""
    threads: Annotated[int, Field(ge=1, le=16)] = 2
    max_iou: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Of two boxes of the same kind that overlap more than this only the better stays."""


def build(settings: Settings, state: Path | None = None) -> SsdDetector:
    """The detector; its model is looked for in the `state` directory first."""
    model = TfliteModel(model_folder(settings.model, state), "detection", settings.threads)
    return SsdDetector(model, settings)


class Candidates(NamedTuple):
    """Boxes above a threshold, the best first."""

    corners: Floats
    """(n, 4) left, top, right, bottom in ratios of what was looked at."""
    kinds: NDArray[np.intp]
    """(n,) indices into the detector's labels."""
    scores: Floats
    """(n,), falling."""

    def at_least(self, score: float) -> Candidates:
        """Only the candidates that score so much."""
        count = int(np.count_nonzero(self.scores >= score))
        return Candidates(self.corners[:count], self.kinds[:count], self.scores[:count])


class SsdDetector:
    """A Detector: scores first, boxes only for the few anchors whose score passes the threshold.

    An animal that the whole picture shows too small or too squeezed to be sure of is looked at a
    second time in a square around it: where a cat climbing a chair was boxed in 37 of 45 frames,
    the second look boxes it in 44.
    """

    def __init__(self, model: TfliteModel, settings: Settings) -> None:
        card = model.card
        if card.decoder.get("kind") != "ssd":
            raise ModelError(
                f"{card.folder}: the decoder is {card.decoder.get('kind')!r}, not 'ssd'; name another model"
            )
        self.model = model
        self._settings = settings
        self._columns, self._labels = _wanted(card)
        self._persons = np.array([label == "person" for label in self._labels])
        self._anchors = anchors(card.decoder)
        self._centre_scale = float(card.decoder["centre_scale"])
        self._size_scale = float(card.decoder["size_scale"])
        self._boxes, self._scores = (each.quantisation for each in card.output)
        least = min(settings.threshold, settings.doubtful)
        self._least = _as_stored(math.log(least / (1 - least)), self._scores)

    def detect(self, image: Pixels) -> Sequence[Detection]:
        """Animals and persons in a (height, width, 3) BGR picture, the best first."""
        found = self._look(image)
        region = self._worth_another_look(found, image)
        if region is not None:
            found = _together(found, self._look_closer(image, region))
        found = found.at_least(self._settings.threshold)
        kept = distinct(found, self._persons[found.kinds], self._settings.max_iou)
        return [
            Detection(
                Box.from_corners(*found.corners[index].tolist()),
                self._labels[found.kinds[index]],
                float(found.scores[index]),
            )
            for index in kept
        ]

    def _look(self, image: Pixels) -> Candidates:
        self.model.show(image)
        encodings, scores = self.model.invoke()
        return self._decode(encodings[0], scores[0])

    def _worth_another_look(self, found: Candidates, image: Pixels) -> tuple[int, int, int] | None:
        """Left, top and side in pixels of a square around a doubtful animal, if there is one."""
        (animals,) = np.nonzero(~self._persons[found.kinds])
        if not len(animals):
            return None
        score = found.scores[animals[0]]
        if not self._settings.doubtful <= score < self._settings.sure:
            return None
        height, width, _ = image.shape
        corners = found.corners[animals[0]] * (width, height, width, height)
        short, long = sorted((height, width))
        extent = float(max(corners[2:] - corners[:2]))
        side = round(min(max(1.5 * extent, 0.5 * short), short))
        if side > 0.95 * long:
            return None  # nothing new to be seen
        x, y = (corners[:2] + corners[2:]) / 2
        return (
            round(min(max(float(x) - side / 2, 0), width - side)),
            round(min(max(float(y) - side / 2, 0), height - side)),
            side,
        )

    def _look_closer(self, image: Pixels, region: tuple[int, int, int]) -> Candidates:
        """What is seen in a square of the picture, in ratios of the whole picture."""
        left, top, side = region
        height, width, _ = image.shape
        found = self._look(image[top : top + side, left : left + side])
        size = np.array([width, height] * 2, np.float32)
        shift = np.array([left, top] * 2, np.float32)
        return found._replace(corners=(found.corners * np.float32(side) + shift) / size)

    def _decode(self, encodings: NDArray[Any], stored: NDArray[Any]) -> Candidates:
        wanted = stored[:, self._columns]
        best = wanted.max(axis=1)
        (passing,) = np.nonzero(best > self._least)
        order = passing[np.argsort(-best[passing].astype(np.float32), kind="stable")][:CANDIDATES]
        corners = self._corners(_real(encodings[order], self._boxes), self._anchors[order])
        scores = (1 / (1 + np.exp(-_real(best[order], self._scores)))).astype(np.float32)
        return Candidates(np.clip(corners, 0, 1), wanted[order].argmax(axis=1), scores)

    def _corners(self, encodings: Floats, boxes: Floats) -> Floats:
        """Left, top, right, bottom (n, 4) of boxes encoded against anchors as y, x, height, width."""
        centres = encodings[:, :2] / self._centre_scale * boxes[:, 2:] + boxes[:, :2]
        halves = np.exp(encodings[:, 2:] / self._size_scale) * boxes[:, 2:] / 2
        return np.concatenate([centres - halves, centres + halves], axis=1)[:, [1, 0, 3, 2]]


def anchors(decoder: Mapping[str, Any]) -> Floats:
    """The (n, 4) anchors as centre y, centre x, height, width in ratios of the picture.

    Source: multiple_grid_anchor_generator of the TensorFlow Object Detection API, whose lowest
    layer is reduced to three boxes.
    """
    grids: Sequence[int] = decoder["grids"]
    smallest, largest = float(decoder["smallest"]), float(decoder["largest"])
    sizes = [*np.linspace(smallest, largest, len(grids)), 1.0]
    rows: list[tuple[float, float, float, float]] = []
    for level, grid in enumerate(grids):
        shapes = [(sizes[level], ratio) for ratio in (1.0, 2.0, 0.5, 3.0, 1 / 3)]
        shapes.append((math.sqrt(sizes[level] * sizes[level + 1]), 1.0))
        if level == 0:
            shapes = [(0.1, 1.0), (smallest, 2.0), (smallest, 0.5)]
        for row in range(grid):
            for column in range(grid):
                rows += [
                    (
                        (row + 0.5) / grid,
                        (column + 0.5) / grid,
                        size / math.sqrt(ratio),
                        size * math.sqrt(ratio),
                    )
                    for size, ratio in shapes
                ]
    return np.array(rows, np.float32)


def distinct(found: Candidates, persons: NDArray[np.bool_], max_iou: float) -> list[int]:
    """Indices of the boxes to keep, best first: an animal gets one box whatever it is called.

    Greedy non-maximum suppression among animals and among persons; a person who holds a cat does
    not hide it. A much weaker box within a better one is a part of the same animal.
    """
    boxes = list(zip(found.corners.tolist(), found.scores.tolist(), persons.tolist(), strict=True))
    kept: list[int] = []
    for index, (corners, score, person) in enumerate(boxes):
        for better in kept:
            other, best, of_person = boxes[better]
            if person == of_person and _hides(other, corners, max_iou, score < PART_SCORE * best):
                break
        else:
            kept.append(index)
    return kept


def _hides(better: Sequence[float], other: Sequence[float], max_iou: float, weak: bool) -> bool:
    """Whether a box leaves no room for another: they overlap too much, or that one is `weak` and inside.

    On bare numbers: with a `Box` of each of forty candidates a frame it takes four times as long.
    """
    left, top, right, bottom = better
    other_left, other_top, other_right, other_bottom = other
    width = min(right, other_right) - max(left, other_left)
    height = min(bottom, other_bottom) - max(top, other_top)
    if width <= 0 or height <= 0:
        return False
    area = (right - left) * (bottom - top)
    other_area = (other_right - other_left) * (other_bottom - other_top)
    shared = width * height
    part = weak and shared > PART_INSIDE * min(area, other_area)
    return part or shared > max_iou * (area + other_area - shared)


def _together(first: Candidates, second: Candidates) -> Candidates:
    """Both looks' boxes in one list, the best first."""
    scores = np.concatenate([first.scores, second.scores])
    order = np.argsort(-scores, kind="stable")
    corners = np.concatenate([first.corners, second.corners])
    return Candidates(corners[order], np.concatenate([first.kinds, second.kinds])[order], scores[order])


def _wanted(card: Card) -> tuple[NDArray[np.intp], list[str]]:
    """Columns of the score tensor that stand for animals and persons, with our names for them."""
    ours: Mapping[str, str] = card.decoder["labels"]
    classes = card.output[1].shape[-1]
    if len(card.labels) != classes:
        raise ModelError(
            f"{card.folder / 'labels.txt'} has {len(card.labels)} labels for {classes} classes; "
            "copy the model again"
        )
    if unknown := sorted(set(ours) - set(card.labels)):
        raise ModelError(
            f"{card.folder / 'card.toml'}: decoder.labels names {unknown[0]!r}, not in labels.txt; correct it"
        )
    columns = [column for column, label in enumerate(card.labels) if label in ours]
    return np.array(columns), [ours[card.labels[column]] for column in columns]


def _as_stored(value: float, quantisation: Quantisation | None) -> float:
    return value if quantisation is None else value / quantisation.scale + quantisation.zero_point


def _real(stored: NDArray[Any], quantisation: Quantisation | None) -> Floats:
    numbers = stored.astype(np.float32)
    if quantisation is None:
        return numbers
    return (numbers - np.float32(quantisation.zero_point)) * np.float32(quantisation.scale)
