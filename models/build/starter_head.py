"""Teaches the starter head that tells cat, dog, person, bird, other animal and nothing apart."""

from __future__ import annotations

import argparse
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from efficientnet import published_classifier
from examples import Example, gather, variations
from prototypes import prototypes

from device.learn.logistic import Taught, fit
from device.see import embedding, ssd
from device.see.card import Backbone, Training
from device.see.head_writer import save_head
from device.shipped import model_folder

FOLDS = 5
STRENGTH = 30.0
PRIOR = {"cat": 1.0, "dog": 1.0}
"""Before a pet's door a pet is e times as likely as anything else: added to the bias."""
ROUNDS = 500
NAME = "starter-species"

Floats = np.ndarray


def embeddings(examples: Sequence[Example], embedder: embedding.TfliteEmbedder) -> Floats:
    """(n, v, 1280): each example's variations, the device's own crop first."""
    rows = []
    for example in examples:
        image = example.read()
        seed = zlib.crc32(f"{example.path.name} {example.box}".encode())
        rows.append([embedder.embed(view) for view in variations(image, example.box, seed)])
    return np.array(rows, np.float32)


def folds(examples: Sequence[Example]) -> np.ndarray:
    """A fold 0..FOLDS-1 for each example, the same for all of one picture; dealt out within each source."""
    fold_of: dict[Path, int] = {}
    dealt: Counter[str] = Counter()
    for example in examples:
        if example.path not in fold_of:
            fold_of[example.path] = dealt[example.source] % FOLDS
            dealt[example.source] += 1
    return np.array([fold_of[example.path] for example in examples])


def taught(
    examples: Sequence[Example], vectors: Floats, chosen: np.ndarray, classifier: np.ndarray
) -> Taught:
    """The head taught on all variations of the chosen examples and on imagined animals."""
    kept = vectors[chosen]
    labels = [example.label for example, use in zip(examples, chosen, strict=True) if use]
    repeated = [label for label in labels for _ in range(kept.shape[1])]
    imagined, kinds = prototypes(classifier, kept[:, 0].mean(axis=0))
    everything = np.vstack([kept.reshape(-1, kept.shape[-1]), imagined])
    head = fit(everything, repeated + kinds, STRENGTH, rounds=ROUNDS)
    prior = np.array([PRIOR.get(label, 0.0) for label in head.labels], np.float32)
    return replace(head, bias=head.bias + prior)


def out_of_fold(examples: Sequence[Example], vectors: Floats, classifier: np.ndarray) -> list[str]:
    """What each example is taken for by a head that never saw its picture."""
    answers = np.empty(len(examples), object)
    fold = folds(examples)
    for number in range(FOLDS):
        head = taught(examples, vectors, fold != number, classifier)
        held_out = fold == number
        best = (vectors[held_out, 0] @ head.weights + head.bias).argmax(axis=1)
        answers[held_out] = [head.labels[index] for index in best]
    return list(answers)


def figures(examples: Sequence[Example], answers: Sequence[str]) -> dict[str, str]:
    """k of n for each source and label, and how often it was taken for a cat."""
    rows: dict[str, str] = {}
    for source, label in sorted({(each.source, each.label) for each in examples}):
        given = [
            answer
            for each, answer in zip(examples, answers, strict=True)
            if (each.source, each.label) == (source, label)
        ]
        right = f"{given.count(label)} of {len(given)} right"
        wrong = "" if label == "cat" else f", {given.count('cat')} taken for a cat"
        rows[f"{label} ({source})"] = f"{right}{wrong}, {FOLDS}-fold by picture"
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/, other_animals/, coco/")
    parser.add_argument("--out", type=Path, required=True, help="folder of models; a new version is added")
    arguments = parser.parse_args()
    detector = ssd.build(ssd.Settings())
    embedder = embedding.build(embedding.Settings())
    examples = gather(arguments.data, detector)
    vectors = embeddings(examples, embedder)
    classifier = published_classifier()
    measured = figures(examples, out_of_fold(examples, vectors, classifier))
    for row in measured.items():
        print(*row, sep=": ")
    head = taught(examples, vectors, np.ones(len(examples), bool), classifier)
    folder = save_head(
        arguments.out,
        NAME,
        "species",
        head.labels,
        head.weights,
        head.bias,
        Backbone(embedder.model.card.title, embedder.sha256),
        Training(
            data="cat and dog photos (ardamavi/Dog-Cat-Classifier, Apache-2.0), raccoon photos "
            "(datitran/raccoon_dataset, MIT), camera-trap samples (agentmorris/MegaDetector, MIT; "
            "SpeciesNet-Improved, CDLA-Permissive-1.0), COCO train2017 (lightly-ai/coco128_yolo); "
            "and imagined embeddings of ImageNet classes (models/build/prototypes.py)",
            split=f"{FOLDS} folds by picture for the figures; the head itself is taught on all; "
            "a prior of e for cat and dog",
            examples=dict(sorted(Counter(each.label for each in examples).items())),
            weights=head.training_weights,
        ),
        measured=measured,
        licence="Apache-2.0",
        origin="taught by models/build/starter_head.py",
    )
    print(f"wrote {folder}, taught on {model_folder('efficientnet-lite0').parent.name}")


if __name__ == "__main__":
    main()
