"""Blends a logistic head with its nearest neighbours, so that the sum is a log likelihood ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

LOGITS_PENALTY, LIKENESS_PENALTY = 10.0, 0.3
"""L2 penalties of the two shares in the blend, both features scaled to one, a visit counting one.

A logistic head on 1,280 numbers needs dozens of visits before it can be trusted; until then the neighbours
decide, and its share grows with the visits.
"""


@dataclass(frozen=True, slots=True)
class Blend:
    """How logits and likenesses add up to one score for each label."""

    logits: float
    likeness: float
    offset: tuple[float, ...]

    def scores(self, logits: Doubles, likeness: Doubles) -> Doubles:
        """(n, K) log scores; differences are log likelihood ratios."""
        scores: Doubles = self.logits * logits + self.likeness * likeness + np.array(self.offset)
        return scores

    def in_favour(self, good: Sequence[int], shift: float) -> Blend:
        """The same with `shift` more for the labels that have the numbers `good`."""
        offset = (each + shift * (number in good) for number, each in enumerate(self.offset))
        return replace(self, offset=tuple(offset))


def fitted(features: Doubles, targets: Doubles, weights: Doubles) -> Blend:
    """The blend that explains the labels best: logistic regression on two features that all labels share.

    Newton's method; convex, so that a dozen rounds end it.

    Args:
        features: (n, K, 2) logits and likenesses, by pieces that were not taught with that view's visit.
        targets: (n, K), 1 at the label.
        weights: (n,) how much each view counts, in visits.
    """
    labels = targets.shape[1]
    features = features - features.mean(axis=1, keepdims=True)
    scale = np.sqrt((features**2).mean(axis=(0, 1))) + 1e-9
    offsets = np.broadcast_to(np.eye(labels), (len(features), labels, labels))
    columns = np.concatenate([features / scale, offsets], axis=2)
    penalty = np.array([LOGITS_PENALTY, LIKENESS_PENALTY] + [1e-3] * labels)
    solution = np.zeros(2 + labels)
    for _ in range(50):
        scores = columns @ solution
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        centred = columns - (chances[:, :, None] * columns).sum(axis=1, keepdims=True)
        gradient = ((chances - targets)[:, :, None] * columns * weights[:, None, None]).sum(axis=(0, 1))
        gradient += penalty * solution
        curvature = np.einsum("nk,nki,nkj->ij", chances * weights[:, None], centred, centred)
        step = np.linalg.solve(curvature + np.diag(penalty), gradient)
        solution = solution - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-8:
            break
    logits, likeness = np.maximum(solution[:2], 0.0) / scale
    return Blend(float(logits), float(likeness), tuple((solution[2:] - solution[2:].mean()).tolist()))
