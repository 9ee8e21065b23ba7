"""What learning learns from: examples (an embedding, a visit, labels) and the arrays made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from device.errors import DatasetError
from device.messages import Box, Embedding

Codes = NDArray[np.int8]
"""One embedding in 8 bits, (1280,) for the shipped backbone: only its direction counts, so no scale."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """Something boxed in a picture by a person, or by a program that a person checked."""

    box: Box
    label: str
    confidence: float = 1.0
    task: str = "bounding-box"
    """What was asked for: the name of the attribute in a manifest."""
    foreign: Mapping[str, Any] = field(default_factory=dict)
    """What a file said of this box that Latchlens does not use; written out again."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A labelled picture that has not been embedded: what the formats read and write."""

    source: str
    """A path, relative to a folder that the reader of it knows, or an address such as s3://bucket/a.jpg."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """The label of each task, such as {"who": "mimi", "prey": "clean"}."""
    boxes: tuple[LabelledBox, ...] = ()
    size_px: tuple[int, int] | None = None
    """Width and height; None if the file did not say."""
    wall: float | None = None
    visit: str | None = None
    """None if the file did not say: then times decide, see `split`."""
    infrared: bool = False
    foreign: Mapping[str, Any] = field(default_factory=dict)
    """What a file said of this picture that Latchlens does not use; written out again."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Labelled pictures as one file or folder of some format holds them."""

    pictures: tuple[Picture, ...]
    foreign: Mapping[str, Any] = field(default_factory=dict)
    """What it said of all of them together that Latchlens does not use; written out again."""


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One view of one animal: its embedding, the visit it belongs to, and what is known of it."""

    id: str
    visit: str
    """Frames of one visit are alike: nobody may learn from some and be judged by others."""
    wall: float | None
    """UTC seconds; None while the device's clock was not set, or where a picture does not tell."""
    codes: Codes
    labels: Mapping[str, str] = field(default_factory=dict)
    """By task: "who" → a name or "stranger", "prey" → "clean" or "prey", "species" → "cat" and so on."""
    infrared: bool = False
    probability: float = 1.0
    """How probable it was that this one was offered for labelling; 0: it was picked for being hard and
    says nothing of rates. See `queue`."""
    source: str = ""
    """Where its picture lies: below the state directory, or where it was imported from."""

    @property
    def embedding(self) -> Embedding:
        """The L2-normalised embedding, (d,) float32."""
        embedding: Embedding = unpacked(self.codes[None])[0]
        return embedding


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Examples of one backbone, in the order in which they were taken."""

    examples: tuple[Example, ...]
    backbone: str = ""
    """sha256 of the model that made the embeddings; "" if nobody knows."""

    def __len__(self) -> int:
        return len(self.examples)

    def embeddings(self) -> Floats:
        """All embeddings, (n, d) float32, L2-normalised, in the order of `examples`."""
        if not self.examples:
            return np.zeros((0, 0), np.float32)
        return unpacked(np.stack([each.codes for each in self.examples]))

    def labels(self, task: str) -> tuple[str, ...]:
        """The label of every example, in order.

        Raises:
            DatasetError: an example has none; choose those that have one with `labelled`.
        """
        missing = next((each.id for each in self.examples if task not in each.labels), None)
        if missing is not None:
            raise DatasetError(f"example {missing} has no label for {task!r}; label it or leave it out")
        return tuple(each.labels[task] for each in self.examples)

    def labelled(self, task: str) -> Dataset:
        """Those that have a label for `task`."""
        return self.where(lambda each: task in each.labels)

    def where(self, wanted: Callable[[Example], bool]) -> Dataset:
        """Those that are `wanted`, in the same order."""
        return replace(self, examples=tuple(filter(wanted, self.examples)))

    def take(self, numbers: Iterable[int]) -> Dataset:
        """Those at the places `numbers`, in that order."""
        return replace(self, examples=tuple(self.examples[number] for number in numbers))

    def visits(self) -> dict[str, list[int]]:
        """The places of each visit's examples, visits in the order of their first one."""
        found: dict[str, list[int]] = {}
        for number, each in enumerate(self.examples):
            found.setdefault(each.visit, []).append(number)
        return found

    def weights(self) -> NDArray[np.float64]:
        """(n,) one over the sampling probability, 0 for those picked on purpose: makes rates honest."""
        chances = (each.probability for each in self.examples)
        return np.array([1 / chance if chance else 0.0 for chance in chances], np.float64)

    def classes(self, task: str) -> tuple[str, ...]:
        """The labels that occur for `task`, sorted.

        Raises:
            DatasetError: there are fewer than two, so that there is nothing to tell apart.
        """
        found = sorted({each.labels[task] for each in self.examples if task in each.labels})
        if len(found) < 2:
            had = f"all {found[0]!r}" if found else "none at all"
            raise DatasetError(
                f"the labels for {task!r} are {had}; "
                "at least two different ones are needed: label some of another kind"
            )
        return tuple(found)


def packed(embedding: Embedding) -> Codes:
    """An embedding in 8 bits; the largest part uses the whole range. Cosines move by less than 0.001."""
    largest = float(np.abs(embedding).max(initial=0.0))
    codes: Codes = np.round(embedding * (127 / max(largest, 1e-9))).astype(np.int8)
    return codes


def unpacked(codes: Codes) -> Floats:
    """(n, d) int8 as L2-normalised float32."""
    values = codes.astype(np.float32)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, np.float32(1e-9)), np.float32)
