"""The regression that teaches heads: right, balanced, and the same every time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.learn.logistic import Taught, fit


def blobs(counts: dict[str, int], size: int = 20, seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """L2-normalised points about one direction for each label."""
    random = np.random.default_rng(seed)
    labels = [label for label, count in counts.items() for _ in range(count)]
    directions = {label: np.eye(size)[number] for number, label in enumerate(counts)}
    points = np.array([directions[label] for label in labels]) + random.normal(0, 0.15, (len(labels), size))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32), labels


def scores(head: Taught, points: np.ndarray) -> np.ndarray:
    logits = points @ head.weights + head.bias
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def test_new_examples_are_told_apart() -> None:
    head = fit(*blobs({"cat": 40, "dog": 40, "other": 40}), strength=10)
    points, labels = blobs({"cat": 30, "dog": 30, "other": 30}, seed=1)
    assert head.labels == ("cat", "dog", "other")
    assert [head.labels[index] for index in scores(head, points).argmax(axis=1)] == labels


@pytest.mark.parametrize("size", [5, 400])
def test_the_solution_is_the_optimum_with_more_and_with_fewer_examples_than_dimensions(size: int) -> None:
    points, labels = blobs({"a": 30, "b": 30}, size)
    head = fit(points, labels, strength=3, tolerance=1e-7, rounds=20_000)
    targets = np.array([[label == "a", label == "b"] for label in labels], float)
    gradient = 3 * points.T.astype(float) @ (scores(head, points) - targets) + head.weights
    assert np.abs(gradient).max() < 1e-3


def test_a_rare_class_counts_as_much_as_a_common_one() -> None:
    counts = {"common": 200, "rare": 5}
    middle = np.zeros((1, 20), np.float32)
    middle[0, :2] = 0.5**0.5
    balanced = fit(*blobs(counts), strength=1)
    unbalanced = fit(*blobs(counts), strength=1, balanced=False)
    rare = balanced.labels.index("rare")
    assert scores(balanced, middle)[0, rare] > 0.4
    assert scores(unbalanced, middle)[0, rare] < 0.2
    assert balanced.training_weights == pytest.approx({"common": 1, "rare": 1})
    assert unbalanced.training_weights == pytest.approx({"common": 400 / 205, "rare": 10 / 205}, abs=1e-5)


def test_sample_weights_count_like_repeated_examples() -> None:
    points, labels = blobs({"a": 6, "b": 6})
    weighted = fit(points, labels, 2, balanced=False, sample_weights=[2.0] * 6 + [1.0] * 6)
    repeated = fit(np.vstack([points[:6], points]), labels[:6] + labels, 2 * 12 / 18, balanced=False)
    assert np.allclose(weighted.weights, repeated.weights, atol=1e-3)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_the_same_examples_give_the_same_head_to_the_bit(seed: int, strength: float) -> None:
    points, labels = blobs({"a": 5, "b": 8, "c": 3}, seed=seed)
    first, second = fit(points, labels, strength, rounds=200), fit(points, labels, strength, rounds=200)
    assert (first.weights == second.weights).all()
    assert (first.bias == second.bias).all()
    assert np.isfinite(first.weights).all()


def test_one_class_or_a_missing_label_is_refused() -> None:
    points, labels = blobs({"a": 4, "b": 4})
    with pytest.raises(ValueError, match="at least two classes"):
        fit(points, ["a"] * 8)
    with pytest.raises(ValueError, match="8 embeddings with 7 labels"):
        fit(points, labels[:-1])
