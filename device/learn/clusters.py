"""Groups visits of unknown animals into those that look like one animal: average linkage on cosines.

Average linkage (Sokal and Michener 1958) joins the two groups that are most alike on average, until none are
alike enough; one look-alike picture joins nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from device.learn.dataset import Floats
from device.learn.similarity import Similarity

ALIKE = 0.95
"""The probability of being the same animal from which two groups are joined."""


def cluster(visits: Sequence[Floats], similarity: Similarity, alike: float = ALIKE) -> list[list[int]]:
    """The places of visits that look like one animal, the largest group first, each in the order given.

    `visits` are the embeddings of each, (n, d), not centred.
    """
    if not visits:
        return []
    means = similarity.centred(np.stack([each.mean(axis=0) for each in visits]))
    scores = (means @ means.T).astype(np.float64)
    np.fill_diagonal(scores, -np.inf)
    curve = similarity.curve(2)  # a visit is the mean of a few views, so it is steadier than one picture
    least = (np.log(alike / (1 - alike)) - curve.offset) / curve.slope
    groups = {place: [place] for place in range(len(visits))}
    while len(groups) > 1:
        one, other = divmod(int(scores.argmax()), len(visits))
        if scores[one, other] < least:
            break
        _join(scores, groups, one, other)
    return sorted((sorted(each) for each in groups.values()), key=lambda each: (-len(each), each))


def _join(scores: np.ndarray, groups: dict[int, list[int]], one: int, other: int) -> None:
    """Put the group at `other` into that at `one`; its likeness is the mean of both, by their sizes."""
    mine, theirs = len(groups[one]), len(groups[other])
    together = (mine * scores[one] + theirs * scores[other]) / (mine + theirs)
    scores[one], scores[:, one] = together, together
    scores[other], scores[:, other] = -np.inf, -np.inf
    scores[one, one] = -np.inf
    groups[one] += groups.pop(other)
