"""Imagines animals that no picture at hand shows, from what the backbone's own classifier knows of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

STEP = 0.5
"""How far a kind lies from the mean embedding, in lengths of the mean."""

KINDS: Mapping[str, tuple[range, ...]] = {
    "bird": (range(7, 25), range(80, 101), range(127, 147)),
    "cat": (range(281, 286),),
    "dog": (range(151, 269),),
    # Wild dogs and cats, bears, hares, rodents, hoofed animals, weasels, monkeys, elephants.
    "other": (range(269, 281), range(286, 300), range(330, 389), range(101, 107)),
    "nothing": (range(398, 1000),),
}
"""Ranges of ImageNet's 1000 classes by our labels."""


def prototypes(classifier: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """One embedding for each ImageNet class that has a label of ours, (n, 1280), and the labels.

    Args:
        classifier: (1000, 1280) weights of the layer that followed the embedding.
        mean: (1280,) mean of real, L2-normalised embeddings.

    A well-trained classifier's weights point from the mean of all classes to the mean of theirs
    ("neural collapse", Papyan, Han, Donoho 2020), so mean + step * direction stands for a class.
    Embeddings follow a ReLU and are never negative.
    """
    labels = {number: label for label, spans in KINDS.items() for span in spans for number in span}
    directions = classifier - classifier.mean(axis=0)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    imagined = np.maximum(mean + STEP * directions[sorted(labels)], 0)
    imagined /= np.linalg.norm(imagined, axis=1, keepdims=True)
    return imagined.astype(np.float32), [labels[number] for number in sorted(labels)]
