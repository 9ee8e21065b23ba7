"""Chooses a few embeddings that cover many: greedy k-centre (Gonzalez 1985), at most twice the best."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def k_centre(embeddings: Floats, count: int, first: int = 0, known: Floats | None = None) -> list[int]:
    """The places of at most `count` embeddings, each the farthest from all that were chosen before it.

    Args:
        embeddings: (n, d), L2-normalised; the distance is one minus the cosine.
        first: the place that is chosen first when nothing is `known`.
        known: (m, d) that were chosen earlier: what is like them comes last.

    Of equally far ones the earliest is taken, so the same embeddings give the same choice.
    """
    if not len(embeddings) or count < 1:
        return []
    chosen = [] if known is not None and len(known) else [first]
    centres = known if not chosen else embeddings[[first]]
    assert centres is not None
    distances = 1.0 - (embeddings @ centres.T).max(axis=1)
    distances[chosen] = -np.inf
    while len(chosen) < min(count, len(embeddings)):
        farthest = int(np.argmax(distances))
        chosen.append(farthest)
        distances = np.minimum(distances, 1.0 - embeddings @ embeddings[farthest])
        distances[chosen] = -np.inf
    return chosen
