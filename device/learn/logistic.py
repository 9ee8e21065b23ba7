"""Teaches a head: multinomial logistic regression on embeddings, in numpy, the same result every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Taught:
    """What was learnt: scores of an embedding x are softmax(x @ weights + bias), one for each label."""

    weights: Floats
    """(d, K)"""
    bias: Floats
    """(K,)"""
    labels: tuple[str, ...]
    """In alphabetical order."""
    training_weights: dict[str, float]
    """Each class's share of the total weight in training times K; 1.0 when classes are balanced."""


def fit(
    embeddings: Floats,
    labels: Sequence[str],
    strength: float = 1.0,
    *,
    balanced: bool = True,
    sample_weights: Sequence[float] | None = None,
    rounds: int = 1000,
    tolerance: float = 1e-4,
) -> Taught:
    """Fit the head.

    Args:
        embeddings: (n, d), L2-normalised.
        labels: n names, at least two different ones.
        strength: of the data against the L2 penalty (scikit-learn's C); the bias is not penalised.
        balanced: every class counts the same, however many examples it has.
        sample_weights: how much each example counts within its class; equally when None.

    Raises:
        ValueError: the numbers do not match, or fewer than two classes.

    Newton's method with conjugate gradients (Nocedal, Wright: "Numerical Optimization", 2006, chapter 7)
    and a backtracking search; deterministic, and done with at most `rounds` products with the curvature.
    Works in the span of the examples (n numbers instead of d) where that is smaller.
    """
    names = tuple(sorted(set(labels)))
    if len(names) < 2 or len(labels) != len(embeddings):
        raise ValueError(
            f"{len(embeddings)} embeddings with {len(labels)} labels of {len(names)} classes; "
            "give one label for each embedding and at least two classes"
        )
    targets = np.array([[name == label for name in names] for label in labels], np.float64)
    counts = _example_weights(targets, balanced, sample_weights)
    basis, features = _compressed(embeddings)
    solution = _minimise(features, targets, counts, strength, rounds, tolerance)
    shares = (targets * counts[:, None]).sum(axis=0)
    return Taught(
        weights=(basis @ solution[:-1]).astype(np.float32),
        bias=(solution[-1] - solution[-1].mean()).astype(np.float32),
        labels=names,
        training_weights={
            name: round(float(share), 6) for name, share in zip(names, shares / shares.mean(), strict=True)
        },
    )


def probabilities(logits: Doubles) -> Doubles:
    """Softmax over the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: Doubles = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def _example_weights(targets: Doubles, balanced: bool, given: Sequence[float] | None) -> Doubles:
    """How much each example counts; the sum is n, so that `strength` means the same for any data."""
    weights = np.ones(len(targets)) if given is None else np.asarray(given, np.float64)
    if balanced:
        weights = weights / (targets * weights[:, None]).sum(axis=0)[targets.argmax(axis=1)]
    return np.asarray(weights * len(targets) / weights.sum(), np.float64)


def _compressed(embeddings: Floats) -> tuple[Doubles, Doubles]:
    """(basis (d, r), features (n, r)) with embeddings = features @ basis.T, r = min(n, d).

    The L2-penalised solution lies in the span of the examples, so nothing is lost.
    """
    values = embeddings.astype(np.float64)
    if len(values) >= values.shape[1]:
        return np.eye(values.shape[1]), values
    basis, triangle = np.linalg.qr(values.T)
    return basis, np.ascontiguousarray(triangle.T)


def _minimise(
    features: Doubles, targets: Doubles, counts: Doubles, strength: float, rounds: int, tolerance: float
) -> Doubles:
    """The (r + 1, K) weights, bias last, that minimise penalty / 2 + strength * weighted log loss."""
    padded = np.hstack([features, np.ones((len(features), 1))])
    penalty = np.ones((padded.shape[1], 1))
    penalty[-1] = 1e-6
    here: Doubles = np.zeros((padded.shape[1], targets.shape[1]))

    def loss(weights: Doubles) -> float:
        likely = np.log(np.maximum((probabilities(padded @ weights) * targets).sum(axis=1), 1e-300))
        return float((penalty * weights**2).sum() / 2 - strength * (counts * likely).sum())

    now, left = loss(here), rounds
    while left > 0:
        chances = probabilities(padded @ here)
        gradient = strength * (padded.T @ ((chances - targets) * counts[:, None])) + penalty * here
        if np.abs(gradient).max() < tolerance * max(1.0, strength):
            break
        curved = _Curvature(padded, chances, counts * strength, penalty)
        step, used = _conjugate(curved, gradient, left)
        left -= used
        slope, length = float((gradient * step).sum()), 1.0
        while (then := loss(here + length * step)) > now + 1e-4 * length * slope and length > 1e-6:
            length /= 2
        here, now = here + length * step, then
    return here


@dataclass(frozen=True, slots=True)
class _Curvature:
    """The second derivative of the loss, as what it does to a direction."""

    padded: Doubles
    chances: Doubles
    counts: Doubles
    penalty: Doubles

    def times(self, direction: Doubles) -> Doubles:
        raised = self.chances * (self.padded @ direction)
        turned = raised - self.chances * raised.sum(axis=1, keepdims=True)
        product: Doubles = self.padded.T @ (turned * self.counts[:, None]) + self.penalty * direction
        return product


def _conjugate(curved: _Curvature, gradient: Doubles, most: int) -> tuple[Doubles, int]:
    """Newton's step to a tenth of the gradient, by conjugate gradients, and how many products it took."""
    step: Doubles = np.zeros_like(gradient)
    residual, towards = -gradient, -gradient
    size = float((residual**2).sum())
    # Less exact far away, more the nearer it comes: then the whole converges faster than linearly.
    enough = min(0.1, size**0.25) ** 2 * size
    for number in range(1, most + 1):
        product = curved.times(towards)
        length = size / float((towards * product).sum())
        step = step + length * towards
        residual = residual - length * product
        left = float((residual**2).sum())
        if left < enough:
            return step, number
        towards, size = residual + left / size * towards, left
    return step, most
