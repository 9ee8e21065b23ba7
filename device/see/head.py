"""Judges embeddings with small heads: species, whose animal it is, prey or not."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from device.errors import ModelError
from device.interfaces import Embedder, Head
from device.messages import Embedding, Needed, Pixels, Sighting, Track, Verdict
from device.neighbours import Lens, Neighbours
from device.see.card import Card, load_card, require_task
from device.see.crops import crop, view
from device.shipped import find_model, model_folder

TASKS = ("species", "who", "prey")
NEIGHBOURS = 3
"""An animal is as familiar as its mean cosine to this many nearest examples."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class LogisticHead:
    """A Head: softmax(embedding @ weights + bias), and how near the embedding is to known examples."""

    card: Card
    weights: Floats
    """(d, K)"""
    bias: Floats
    """(K,)"""
    priors: Floats
    """(K,) training weights that the scores are divided by."""
    examples: Floats | None = None
    """(n, d), L2-normalised."""
    familiar_cosine: float = 0.0
    neighbours: Neighbours | None = None
    likeness: float = 0.0
    """What one of likeness to a label adds to its logit."""

    @property
    def task(self) -> str:
        return self.card.task

    @property
    def labels(self) -> tuple[str, ...]:
        return self.card.labels

    def judge(self, embedding: Embedding) -> Verdict:
        """The probability of each label for one L2-normalised embedding, priors corrected."""
        logits = embedding @ self.weights + self.bias
        if self.neighbours is not None:
            logits = logits + self.likeness * self.neighbours.likeness(embedding[None])[0]
        scores = np.exp(logits - np.max(logits)) / self.priors
        scores /= scores.sum()
        named = dict(zip(self.labels, scores.tolist(), strict=True))
        return Verdict(self.task, named, self._familiar(embedding), self.needed)

    @property
    def needed(self) -> Needed | None:
        """What the meter that it feeds must exceed, if it was set together with the head."""
        found = self.card.thresholds
        return None if found is None else Needed(found.day.needed, found.infrared.needed)

    def _familiar(self, embedding: Embedding) -> bool | None:
        if self.examples is None:
            return None
        cosines = self.examples @ embedding
        nearest = np.sort(cosines)[-NEIGHBOURS:]
        return bool(nearest.mean() >= self.familiar_cosine)


def load_head(folder: Path, backbone_sha256: str, tasks: Sequence[str] = TASKS) -> LogisticHead:
    """The head in `folder` (card.toml, labels.txt, head.npz) for one of `tasks`, on that backbone.

    Raises:
        ModelError: it is missing, damaged, not a head, or taught on another backbone.
    """
    card = require_task(load_card(folder), *tasks)
    if card.backbone is None or card.backbone.sha256 != backbone_sha256:
        taught_on = card.backbone.name if card.backbone else "an unknown model"
        raise ModelError(
            f"{folder} was taught on another backbone ({taught_on}) than the one in use "
            f"(sha256 {backbone_sha256[:12]}…); teach it again or name the backbone it was taught on"
        )
    arrays = _arrays(card)
    weights, bias = arrays.get("weights"), arrays.get("bias")
    expected = (*card.input.shape, len(card.labels))
    if weights is None or bias is None or weights.shape != expected or bias.shape != expected[-1:]:
        found = "nothing" if weights is None else "x".join(map(str, weights.shape))
        raise ModelError(
            f"{card.path} has weights of {found} for {len(card.labels)} labels in "
            f"{folder / 'labels.txt'}; the files belong to different heads: copy the head again"
        )
    examples = arrays.get("examples")
    return LogisticHead(
        card,
        weights.astype(np.float32),
        bias.astype(np.float32),
        _priors(card),
        None if examples is None else _normalised(examples),
        float(arrays["familiar_cosine"]) if "familiar_cosine" in arrays else 0.0,
        *_neighbours(card, arrays, expected),
    )


class HeadNames(Protocol):
    """Which head judges what: the project's `[heads]`."""

    @property
    def species(self) -> str: ...
    @property
    def who(self) -> str: ...
    @property
    def prey(self) -> str: ...


def find_heads(names: HeadNames, state: Path | None, backbone_sha256: str) -> tuple[LogisticHead, ...]:
    """The heads a project names; "who" and "prey" may not be taught yet and are then absent.

    Raises:
        ModelError: the species head is missing, or any head is damaged or judges something else.
    """
    folders = {"species": model_folder(names.species, state) if names.species else None}
    for task in ("who", "prey"):
        name = str(getattr(names, task))
        folders[task] = find_model(name, state) if name else None
    heads = []
    for task, folder in folders.items():
        if folder is not None:
            head = load_head(folder, backbone_sha256)
            require_task(head.card, task)
            heads.append(head)
    return tuple(heads)


class HeadClassifier:
    """A Classifier: crop, embed once, and ask every head."""

    def __init__(self, embedder: Embedder, heads: Sequence[Head]) -> None:
        self._embedder = embedder
        self._heads = tuple(heads)

    def exchange(self, heads: Sequence[Head]) -> None:
        """Judge with other heads from the next frame on; may be called by any thread."""
        self._heads = tuple(heads)

    def classify(self, image: Pixels, track: Track) -> Sighting:
        """The sighting of one track; a track not seen in this frame is not judged."""
        seen, heads = view(image, track.box), self._heads
        if not (track.seen and heads):
            return Sighting(track, seen)
        embedding = self._embedder.embed(crop(image, track.box))
        return Sighting(track, seen, tuple(head.judge(embedding) for head in heads), embedding)


def _arrays(card: Card) -> Mapping[str, NDArray[Any]]:
    try:
        with np.load(card.path, allow_pickle=False) as stored:
            return {name: stored[name] for name in stored.files}
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{card.path} is not a head ({error}); copy the head again") from None


def _neighbours(
    card: Card, arrays: Mapping[str, NDArray[Any]], expected: tuple[int, ...]
) -> tuple[Neighbours | None, float]:
    """The examples of every label, and what likeness to them counts."""
    if "neighbours" not in arrays:
        return None, 0.0
    dimensions, labels = expected
    try:
        shown, owners = _normalised(arrays["neighbours"]), arrays["owners"].astype(np.intp)
        lens = Lens(*(arrays[name].astype(np.float32) for name in ("centre", "directions", "gains")))
        share = float(arrays["likeness"])
    except (KeyError, ValueError, TypeError) as error:
        raise ModelError(f"{card.path} is not a head ({error}); copy the head again") from None
    fits = (
        shown.shape == (len(owners), dimensions)
        and lens.directions.shape == (dimensions, len(lens.gains))
        and lens.centre.shape == (dimensions,)
        and set(owners.tolist()) == set(range(labels))
    )
    if not fits:
        raise ModelError(f"{card.path} has neighbours of another shape than its labels; copy the head again")
    return Neighbours(lens, shown, owners, labels), share


def _priors(card: Card) -> Floats:
    weights = card.training.weights if card.training else {}
    if set(weights) != set(card.labels) or any(weight <= 0 for weight in weights.values()):
        raise ModelError(
            f"{card.folder / 'card.toml'}: training.weights must give a positive number for each of "
            f"{', '.join(card.labels)}; copy the head again"
        )
    return np.array([weights[label] for label in card.labels], np.float32)


def _normalised(examples: NDArray[Any]) -> Floats:
    values = examples.astype(np.float32)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    directions: Floats = (values / np.maximum(lengths, np.float32(1e-9))).astype(np.float32, copy=False)
    return directions
