"""How alike two animals are, as a probability: cosines about the mean cat, calibrated on known animals.

A backbone taught on photographs sees "a cat" in every cat. What all cats share is therefore taken away first
(the embedding minus the mean of many cats, normalised again), and a logistic curve turns the cosine of what
is left into the odds that both pictures show the same animal. Of an animal with several pictures the two most
alike count, averaged; the curve depends on how many there are to choose from.

Among many animals one is soon alike by chance. So the odds are weighed by Bayes' rule, for a visitor that is
one of the collection as often as it is none of it, and any one of its animals as often as any other:
P(animal) = odds(animal) / n / (1 + sum of all odds / n).
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError
from device.learn.dataset import Floats, unpacked

FILE = Path(__file__).with_name("similarity.json")
BEST = 2
"""So many of an animal's pictures count: one may be alike by chance."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """The probability at even odds that two are the same: 1 / (1 + exp(-(slope * score + offset)))."""

    slope: float
    offset: float

    def probability(self, scores: Floats | Values) -> Values:
        """Of scores of any shape."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * scores.astype(np.float64) + self.offset))))

    def odds(self, score: float) -> float:
        """Of one score: probability over counter-probability."""
        return math.exp(self.slope * score + self.offset)


@dataclass(frozen=True, slots=True, eq=False)
class Similarity:
    """What turns embeddings of one backbone into probabilities."""

    backbone: str
    """sha256 of the model whose embeddings it is for."""
    centre: Floats
    """(d,): the mean of many cats."""
    curves: tuple[tuple[int, Curve], ...]
    """From how many pictures of an animal on which curve holds, rising."""

    def centred(self, embeddings: Floats) -> Floats:
        """(n, d) embeddings without what all cats share, L2-normalised again."""
        rest = embeddings - self.centre
        return np.asarray(rest / np.maximum(np.linalg.norm(rest, axis=-1, keepdims=True), 1e-9), np.float32)

    def of_animal(self, searched: Floats, pictures: Floats) -> float:
        """The odds that the (d,) `searched` shows the animal of the (n, d) `pictures`; all centred."""
        score = float(np.sort(pictures @ searched)[-BEST:].mean())
        return self.curve(len(pictures)).odds(score)

    def of_animals(self, searched: Floats, animals: Sequence[Floats]) -> list[float]:
        """The probability for each animal, by its (n, d) pictures, that `searched` shows it and no other."""
        odds = [self.of_animal(searched, pictures) / len(animals) for pictures in animals]
        return [each / (1 + sum(odds)) for each in odds]

    def of_picture(self, searched: Floats, picture: Floats, animals: int) -> float:
        """The probability for one picture by itself, in a collection of so many animals."""
        odds = self.curve(1).odds(float(picture @ searched)) / animals
        return odds / (1 + odds)

    def curve(self, pictures: int) -> Curve:
        """The curve for an animal of which there are so many pictures."""
        return next(curve for least, curve in reversed(self.curves) if pictures >= least or least == 1)


@cache
def shipped() -> Similarity:
    """The calibration that travels with Latchlens, for its shipped backbone."""
    return parse(json.loads(FILE.read_text(encoding="utf-8")))


def parse(document: dict[str, Any]) -> Similarity:
    """A calibration as `document` writes it."""
    codes = np.frombuffer(base64.b64decode(document["centre"]), np.int8)
    centre = unpacked(codes[None])[0] * np.float32(document["length"])
    curves = tuple(
        (int(each["pictures"]), Curve(each["slope"], each["offset"])) for each in document["curves"]
    )
    return Similarity(document["backbone"], centre, curves)


def for_backbone(sha256: str) -> Similarity:
    """The calibration for the backbone of that hash.

    Raises:
        ModelError: there is none: cosines of another backbone mean something else.
    """
    found = shipped()
    if found.backbone != sha256:
        raise ModelError(
            f"there is no calibration of similarity for the backbone in use (sha256 {sha256[:12]}…); "
            "use the shipped one, or calibrate yours with models/build/similarity.py"
        )
    return found


def fit_curve(scores: Values, same: NDArray[np.bool_], weights: Values, steps: int = 50) -> Curve:
    """The logistic curve of greatest likelihood through (n,) scores, by Newton's method (Platt 1999)."""
    columns = np.stack([scores, np.ones_like(scores)], axis=1)
    found = np.zeros(2)
    for _ in range(steps):
        probability = 1 / (1 + np.exp(-(columns @ found)))
        slope = columns.T @ (weights * (same - probability)) - 1e-6 * found
        bend = (columns * (weights * probability * (1 - probability))[:, None]).T @ columns
        found = found + np.linalg.solve(bend + 1e-6 * np.eye(2), slope)
    return Curve(float(found[0]), float(found[1]))


def trials(
    animals: Sequence[Floats], pictures: int, repeats: int, seed: int
) -> tuple[Values, NDArray[np.int_], NDArray[np.int_]]:
    """Scores of everyone against everyone with `pictures` drawn of each: scores, whose, against whom.

    `animals` are centred embeddings, (n, d) of each.
    """
    random = np.random.default_rng(seed)
    scores, of, against = [], [], []
    for _ in range(repeats):
        for known, all_of_it in enumerate(animals):
            drawn = random.choice(len(all_of_it), pictures, replace=False)
            for other, views in enumerate(animals):
                searched = np.delete(views, drawn, axis=0) if other == known else views
                best = np.sort(searched @ all_of_it[drawn].T, axis=1)[:, -min(BEST, pictures) :].mean(axis=1)
                scores.append(best)
                of.append(np.full(len(best), other))
                against.append(np.full(len(best), known))
    return np.concatenate(scores).astype(np.float64), np.concatenate(of), np.concatenate(against)


def even_weights(of: NDArray[np.int_], against: NDArray[np.int_]) -> Values:
    """(n,) weights with which each pair of animals counts alike, and the same as often as different ones."""
    animals = np.unique(against)
    weights = np.zeros(len(of))
    for one in animals:
        for other in np.unique(of):
            pair = (against == one) & (of == other)
            if pair.any():
                weights[pair] = (1.0 if one == other else 1 / (len(animals) - 1)) / pair.sum()
    return weights
