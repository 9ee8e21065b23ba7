"""Calibrates similarity on pictures of animals of known name: writes device/learn/similarity.json.

    python models/build/similarity.py --individuals DIR --cats DIR

DIR of individuals holds a folder of pictures for each animal; of cats, any pictures of many different ones.
What is written holds the mean of embeddings and two numbers a curve, no picture. Prints, with each animal
left out in turn, how often what was said to be so probable was true.
"""

from __future__ import annotations

import argparse
import base64
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from device import shipped
from device.config import read_project
from device.learn.dataset import packed
from device.learn.similarity import FILE, Similarity, even_weights, fit_curve, trials
from device.portraits import Portraitist
from device.see.pictures import read_picture

PICTURES = (1, 2, 3, 5)
REPEATS = 20
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0001)


def embeddings(folder: Path, look: Portraitist) -> np.ndarray:
    """(n, d): the best animal of each picture in the folder."""
    return np.stack(list(_embeddings(folder, look)))


def _embeddings(folder: Path, look: Portraitist) -> Iterator[np.ndarray]:
    for path in sorted(each for each in folder.iterdir() if each.suffix.lower() in (".jpg", ".jpeg", ".png")):
        yield look.best(read_picture(path)).embedding


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--individuals", type=Path, required=True)
    parser.add_argument("--cats", type=Path, required=True)
    parser.add_argument("--to", type=Path, default=FILE)
    chosen = parser.parse_args()
    look = Portraitist.of(read_project(shipped.project("cat-flap")), None)
    centre = embeddings(chosen.cats, look).mean(axis=0)
    folders = sorted(each for each in chosen.individuals.iterdir() if each.is_dir())
    plain = Similarity(look.backbone, centre, ())
    animals = [plain.centred(embeddings(folder, look)) for folder in folders]
    curves = []
    for pictures in PICTURES:
        scores, of, against = trials(animals, pictures, REPEATS, seed=0)
        curve = fit_curve(scores, of == against, even_weights(of, against))
        curves.append(
            {"pictures": pictures, "slope": round(curve.slope, 3), "offset": round(curve.offset, 3)}
        )
        report(pictures, scores, of, against)
    document = {
        "about": "mean embedding of 200 cats, and curves fitted to seven cats known by name",
        "backbone": look.backbone,
        "length": round(float(np.linalg.norm(centre)), 6),
        "centre": base64.b64encode(packed(centre / np.linalg.norm(centre)).tobytes()).decode(),
        "curves": curves,
    }
    chosen.to.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def report(pictures: int, scores: np.ndarray, of: np.ndarray, against: np.ndarray) -> None:
    """What was said and what was true, each animal judged by a curve that was fitted without it."""
    said = np.full(len(scores), np.nan)
    for animal in np.unique(of):
        others = (of != animal) & (against != animal)
        weights = even_weights(of[others], against[others])
        curve = fit_curve(scores[others], (of == against)[others], weights)
        said[of == animal] = curve.probability(scores[of == animal])
    weights, same = even_weights(of, against), of == against
    print(f"{pictures} picture(s) of each animal")
    for low, high in pairwise(BINS):
        chosen = (said >= low) & (said < high)
        if chosen.any():
            share = weights[chosen] / weights[chosen].sum()
            print(
                f"  said {float(share @ said[chosen]):.3f}, true {float(share @ same[chosen]):.3f} "
                f"of {chosen.sum()} trials"
            )


if __name__ == "__main__":
    main()
