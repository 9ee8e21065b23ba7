"""Teaching a head at home from pictures and video: crops, embeddings, logistic regression, a file.

This is the small path that a clip of the own animal and pictures of others need. Labels of visits,
splits forward in time and thresholds with a promise build on the same pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from device.decide.subject import STRANGER
from device.errors import PictureError
from device.interfaces import Detector, Embedder
from device.learn.logistic import Taught, fit
from device.messages import Embedding, Pixels
from device.see.card import Backbone, Card, Training
from device.see.crops import crop
from device.see.head import NEIGHBOURS
from device.see.head_writer import save_head

VARIATIONS = 5
"""How many embeddings each crop gives."""

GROUP = 8 * VARIATIONS
"""Embeddings in a row that count as one visit: left out together when familiarity is measured."""

QUANTILE = 0.05


@dataclass(slots=True)
class Examples:
    """Embeddings and the names that go with them."""

    embeddings: list[Embedding] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, name: str, embeddings: Iterable[Embedding]) -> None:
        for embedding in embeddings:
            self.embeddings.append(embedding)
            self.names.append(name)

    def of(self, name: str) -> NDArray[np.float32]:
        """All embeddings of one name, (n, d)."""
        return np.array(
            [e for e, n in zip(self.embeddings, self.names, strict=True) if n == name], np.float32
        )


def animal_crops(pictures: Iterable[Pixels], detector: Detector) -> Iterator[Pixels]:
    """The crop of the best animal of each picture; pictures without one are passed over."""
    for picture in pictures:
        animals = [found for found in detector.detect(picture) if found.label != "person"]
        if animals:
            yield crop(picture, max(animals, key=lambda found: found.score).box)


def variations(picture: Pixels) -> Iterator[Pixels]:
    """The crop itself, mirrored, darker, lighter and grey: what the light at a door does to it."""
    yield picture
    yield np.ascontiguousarray(picture[:, ::-1])
    for gain in (0.6, 1.4):
        yield cv2.convertScaleAbs(picture, alpha=gain).astype(np.uint8)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    yield cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8)


def embed_all(crops: Iterable[Pixels], embedder: Embedder) -> Iterator[Embedding]:
    """The embeddings of every variation of every crop."""
    for picture in crops:
        for variation in variations(picture):
            yield embedder.embed(variation)


def teach(examples: Examples, strength: float = 10.0) -> tuple[Taught, NDArray[np.float32], float]:
    """A head for who it is, the own animals' embeddings, and the cosine below which one is unfamiliar.

    Raises:
        PictureError: fewer than two names, or no stranger among them.
    """
    names = sorted(set(examples.names))
    if STRANGER not in names or len(names) < 2:
        raise PictureError(
            f"taught were {', '.join(names) or 'nobody'}; an own animal and strangers are needed"
        )
    taught = fit(np.array(examples.embeddings, np.float32), examples.names, strength)
    own = np.concatenate([examples.of(name) for name in names if name != STRANGER])
    return taught, own, familiar_cosine(own)


def familiar_cosine(examples: NDArray[np.float32]) -> float:
    """The 5 % quantile of how like its own kind each example is when its group is left out."""
    groups = np.arange(len(examples)) // GROUP
    if groups[-1] == 0:
        return -1.0
    cosines = examples @ examples.T
    cosines[groups[:, None] == groups[None, :]] = -1.0
    nearest = np.sort(cosines, axis=1)[:, -NEIGHBOURS:]
    return float(np.quantile(nearest.mean(axis=1), QUANTILE))


def save(examples: Examples, name: str, backbone: Card, models: Path) -> Path:
    """Teach, and write the head `name` into the folder `models` as its newest version; returns its folder.

    Raises:
        PictureError: fewer than two names, or no stranger among them.
    """
    taught, own, familiar = teach(examples)
    counts = {who: examples.names.count(who) for who in taught.labels}
    return save_head(
        models,
        name,
        "who",
        taught.labels,
        taught.weights,
        taught.bias,
        Backbone(backbone.name, backbone.sha256),
        Training("pictures shown with `latchlens teach`", "none", counts, taught.training_weights),
        examples=own,
        familiar_cosine=familiar,
    )
