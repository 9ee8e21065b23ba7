"""Likeness to known examples, with what varies all the time at this door counting less.

Heads are taught with it and judge with it, so it is computed in one place. At one door nearly everything
that a camera sees varies in the same few ways: light, distance, posture. Cosines between embeddings mostly
measure those. The directions in which the door's usual views vary most are therefore shrunk to the noise of
the others before cosines are taken (within-class whitening, of the leading directions only).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

NEAREST = 3
"""Likeness to a label is the mean cosine to so many nearest examples of it."""
DIRECTIONS = 64
"""How many directions are shrunk at most."""
NOISE = 0.3
"""Variance up to which a direction counts in full, as a ratio of the mean variance of all."""
FEWEST = 50
"""With fewer usual views nothing is shrunk: their directions would be chance."""
MOST = 1500
"""Of more usual views, so many evenly spread ones tell the directions as well."""


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """How embeddings are shown before cosines are taken."""

    centre: Floats
    """(d,)"""
    directions: Floats
    """(d, r), orthonormal"""
    gains: Floats
    """(r,), 0..1: what is left of each direction."""

    def show(self, embeddings: Floats) -> Floats:
        """(n, d) embeddings as (n, d) directions of length 1."""
        moved = embeddings - self.centre
        moved = moved + ((moved @ self.directions) * (self.gains - 1)) @ self.directions.T
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        shown: Floats = (moved / np.maximum(lengths, np.float32(1e-9))).astype(np.float32, copy=False)
        return shown


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Known examples of every label, seen through a lens."""

    lens: Lens
    examples: Floats
    """(n, d), as the lens shows them."""
    owners: NDArray[np.intp]
    """(n,) the number of each example's label."""
    labels: int

    def likeness(self, embeddings: Floats) -> Floats:
        """(m, labels) mean cosine of each embedding to the nearest examples of each label."""
        cosines = self.lens.show(embeddings) @ self.examples.T
        columns = [_nearest(cosines[:, self.owners == label]) for label in range(self.labels)]
        return np.stack(columns, axis=1)


def lens(usual: Floats) -> Lens:
    """The lens for a door at which `usual` (n, d) embeddings are seen; plain cosines if they are few."""
    dimensions = usual.shape[1]
    if len(usual) < FEWEST:
        nothing = np.zeros((dimensions, 0), np.float32)
        return Lens(np.zeros(dimensions, np.float32), nothing, np.zeros(0, np.float32))
    chosen = usual[:: -(-len(usual) // MOST)].astype(np.float32)
    centre = chosen.mean(axis=0)
    moved = chosen - centre
    variances, directions = _leading(moved)
    noise = NOISE * float((moved**2).sum()) / len(moved) / dimensions
    gains = np.sqrt(noise / (variances + noise))
    return Lens(centre, directions, gains.astype(np.float32))


def neighbours(through: Lens, embeddings: Floats, labels: Sequence[int], count: int) -> Neighbours:
    """The examples `embeddings` (n, d) whose labels have the numbers `labels` below `count`."""
    return Neighbours(through, through.show(embeddings), np.asarray(labels, np.intp), count)


def _nearest(cosines: Floats) -> Floats:
    """(m,) the mean of the highest few of each row."""
    count = min(NEAREST, cosines.shape[1])
    highest = np.partition(cosines, -count, axis=1)[:, -count:]
    return np.asarray(highest.mean(axis=1), np.float32)


def _leading(moved: Floats) -> tuple[Floats, Floats]:
    """Variances (r,) and directions (d, r) of the largest variation, by subspace iteration.

    Halko, Martinsson, Tropp: "Finding structure with randomness", SIAM Review 53, 2011, algorithm 4.4.
    """
    count = min(DIRECTIONS, *moved.shape)
    wide = min(count + 8, *moved.shape)
    sample = moved.T @ np.random.default_rng(0).standard_normal((len(moved), wide), np.float32)
    for _ in range(3):
        basis, _ = np.linalg.qr(sample)
        sample = moved.T @ (moved @ basis)
    basis, _ = np.linalg.qr(sample)
    _, stretch, turns = np.linalg.svd(moved @ basis, full_matrices=False)
    variances = stretch[:count] ** 2 / len(moved)
    return variances.astype(np.float32), np.asarray(basis @ turns[:count].T, np.float32)
