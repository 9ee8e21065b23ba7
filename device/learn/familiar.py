"""Tells views unlike every known view of the own animals, which may argue against entry but never for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.neighbours import NEAREST, Floats

QUANTILE = 0.05
"""So many of the own animals' own views are called unfamiliar, each judged without its visit."""
AGAINST = 1.0
"""The least log ratio of an unfamiliar view against being an own animal, as [identity] unfamiliar."""


@dataclass(frozen=True, slots=True, eq=False)
class Familiar:
    """Known views of the own animals, and how like them a view must be."""

    examples: Floats
    """(n, d), L2-normalised"""
    visits: tuple[str, ...]
    """(n,) the visit of each."""
    cosine: float
    """Mean cosine to the nearest few below which a view is unfamiliar."""

    def likeness(self, embeddings: Floats, visits: Sequence[str]) -> NDArray[np.float64]:
        """(m,) mean cosine of each embedding to the nearest examples of other visits than its own."""
        cosines = (embeddings @ self.examples.T).astype(np.float64)
        cosines[np.array(visits)[:, None] == np.array(self.visits)[None, :]] = -1.0
        nearest: NDArray[np.float64] = np.sort(cosines, axis=1)[:, -NEAREST:].mean(axis=1)
        return nearest

    def tempered(
        self, ratios: NDArray[np.float64], embeddings: Floats, visits: Sequence[str]
    ) -> NDArray[np.float64]:
        """(m,) log ratios for an own animal; those of unfamiliar views speak against it."""
        unknown = self.likeness(embeddings, visits) < self.cosine
        return np.where(unknown, np.minimum(ratios, -AGAINST), ratios)


def familiar(embeddings: Floats, visits: Sequence[str]) -> Familiar:
    """From (n, d) embeddings of the own animals and the visit of each."""
    everything = Familiar(embeddings, tuple(visits), -1.0)
    if len(set(visits)) < 2:
        return everything
    cosine = float(np.quantile(everything.likeness(embeddings, visits), QUANTILE))
    return Familiar(embeddings, tuple(visits), cosine)
