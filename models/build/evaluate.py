"""Prints what the models reach on real pictures and clips, as k of n with one-sided 95 % bounds."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from efficientnet import published_classifier
from examples import gather
from pictures import picture_paths, read
from rivals import NanoDet
from starter_head import embeddings, out_of_fold

from device.decide.species import SpeciesVote
from device.interfaces import Detector
from device.learn.bounds import at_least, at_most
from device.messages import Pixels
from device.see import embedding, ssd, tracker
from device.see.card import CARD_FILE, Card
from device.see.card_text import card_as_toml
from device.see.head import HeadClassifier, LogisticHead, load_head
from device.see.species import PERSON, subject, verdict
from device.see.tflite import TfliteModel
from device.shipped import model_folder

CLIPS = {"cat": "cat_jumps_on_chair.mp4", "dog": "dog_in_meadow.mp4"}
EVERY = 5
SURE = 0.35
"""Score from which the tracker begins a track."""


Rows = dict[str, str]


def good(k: int, n: int) -> str:
    """A rate that should be high."""
    return f"{k} of {n} (at least {at_least(k, n):.1%})"


def bad(k: int, n: int) -> str:
    """A rate that should be low."""
    return f"{k} of {n} (at most {at_most(k, n):.1%})"


def clip(path: Path, every: int = EVERY) -> Iterator[tuple[float, Pixels]]:
    """Every so many frames of a video with their times in seconds."""
    video = cv2.VideoCapture(str(path))
    rate, number = video.get(cv2.CAP_PROP_FPS) or 25.0, 0
    while True:
        more, frame = video.read()
        if not more:
            return
        if number % every == 0:
            yield number / rate, frame
        number += 1


def compare(name: str, ours: Detector, theirs: Detector, sets: dict[str, list[Pixels]]) -> Rows:
    """How often two detectors box an animal, and how often they disagree about it."""
    rows: Rows = {}
    for title, images in sets.items():
        pairs = [(_boxes_animal(ours, image), _boxes_animal(theirs, image)) for image in images]
        first, second, differing = (
            sum(each) for each in zip(*((a, b, a != b) for a, b in pairs), strict=True)
        )
        rows[f"{name}, {title}"] = (
            f"animal boxed in {first} of {len(images)}, by the float model in {second}; {differing} differ"
        )
    return rows


def _boxes_animal(detector: Detector, image: Pixels) -> bool:
    return any(each.label != PERSON and each.score >= SURE for each in detector.detect(image))


def speed(name: str, ours: Callable[[], object], theirs: Callable[[], object], rounds: int = 200) -> Rows:
    """The median ratio of paired runs, in turn so that a busy moment hits both."""
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(rounds)]
    small, large = np.array(pairs[10:]).T
    return {
        f"{name}, speed": f"int8 {np.median(small) * 1e3:.2f} ms, float {np.median(large) * 1e3:.2f} ms, "
        f"{np.median(large / small):.2f} times as fast (median of {len(small)} pairs, two x86 threads)"
    }


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def detectors(arguments: argparse.Namespace, sets: dict[str, list[Pixels]]) -> None:
    """The shipped detector against its float, and the rival against its own."""
    once, twice = ssd.Settings(doubtful=1.0), ssd.Settings()
    ours = ssd.build(once)
    print(f"detector: {ours.model.card.path.stat().st_size / 1e6:.2f} MB")
    if arguments.float_detector:
        theirs = ssd.SsdDetector(TfliteModel(arguments.float_detector, "detection", once.threads), once)
        closer = ssd.SsdDetector(ours.model, twice), ssd.SsdDetector(theirs.model, twice)
        rows = compare("one look", ours, theirs, sets) | compare("second look", *closer, sets)
        report(rows | speed("detector", ours.model.invoke, theirs.model.invoke), ours.model.card, arguments)
    if arguments.rival and arguments.rival_float:
        rival, rival_float = NanoDet(arguments.rival, 0.15), NanoDet(arguments.rival_float, 0.15)
        rows = compare("NanoDet", rival, rival_float, sets)
        for each in (rival, rival_float):
            each.prepare(sets["cat photos"][0])
        report(rows | speed("NanoDet", rival.invoke, rival_float.invoke))


def backbones(arguments: argparse.Namespace, sets: dict[str, list[Pixels]]) -> None:
    """How near the shipped backbone's embeddings are to those of its float."""
    if not arguments.float_backbone:
        return
    ours = embedding.build(embedding.Settings())
    theirs = embedding.TfliteEmbedder(TfliteModel(arguments.float_backbone, "embedding", 2))
    images = [image for name, each in sets.items() if "photos" in name for image in each]
    cosines = [float(ours.embed(image) @ theirs.embed(image)) for image in images]
    near = f"median {np.median(cosines):.3f}, least {min(cosines):.3f} over {len(cosines)} photos"
    rows = {"cosine to the float model's embedding": near}
    report(rows | speed("backbone", ours.model.invoke, theirs.model.invoke), ours.model.card, arguments)


def report(rows: Rows, card: Card | None = None, arguments: argparse.Namespace | None = None) -> None:
    """Print figures, and with --record keep them in the model's card."""
    for row in rows.items():
        print(*row, sep=": ")
    if card and arguments and arguments.record:
        (card.folder / CARD_FILE).write_text(card_as_toml(replace(card, measured=rows)), encoding="utf-8")


def taught_data(data: Path, detector: Detector, embedder: embedding.TfliteEmbedder) -> None:
    """Species on the pictures the head was taught on, out of fold."""
    examples = gather(data, detector)
    answers = out_of_fold(examples, embeddings(examples, embedder), published_classifier())
    rows = [(each.source, each.label, answer) for each, answer in zip(examples, answers, strict=True)]
    pets = [row for row in rows if row[0] in ("cat", "dog")]
    print("species, out of fold:")
    print("  cat and dog photos right:", good(sum(label == answer for _, label, answer in pets), len(pets)))
    for source, label in sorted({row[:2] for row in rows}):
        given = [answer for *key, answer in rows if key == [source, label]]
        wrong = "" if label == "cat" else f", taken for a cat {bad(given.count('cat'), len(given))}"
        print(f"  {label} ({source}): {good(given.count(label), len(given))}{wrong}")


def unseen(folder: Path, detector: Detector, embedder: embedding.TfliteEmbedder, head: LogisticHead) -> None:
    """Species as shipped on a folder of pictures that the head never saw."""
    answers = []
    for path in picture_paths(folder):
        image = read(path)
        answers.append(verdict(image, subject(detector.detect(image)), embedder, head).best)
    counts = {label: answers.count(label) for label in sorted(set(answers), key=answers.count, reverse=True)}
    print(
        f"unseen {folder.name}:", ", ".join(f"{label} {k} of {len(answers)}" for label, k in counts.items())
    )


def film(path: Path, species: str, detector: Detector, classifier: HeadClassifier) -> None:
    """Boxes and the track's species on every fifth frame of a clip."""
    follower, votes = tracker.build(tracker.Settings()), {}
    boxed = frames = judged = right = 0
    for moment, image in clip(path):
        found = detector.detect(image)
        frames += 1
        boxed += any(each.label != PERSON and each.score >= SURE for each in found)
        for track in follower.update(moment, found):
            if not track.seen or track.label == PERSON:
                continue
            sighting = classifier.classify(image, track)
            vote, seen = votes.get(track.id, (SpeciesVote(), 0))
            vote.update(moment, sighting.verdicts[0].scores)
            votes[track.id] = vote, seen + 1
            if track.frames >= 3:
                judged += 1
                right += vote.species(track.label) == species
    print(f"{path.stem}: boxed in {boxed} of {frames} frames, {len(votes)} tracks")
    print(f"  species right from the third frame on in {right} of {judged}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with photos/, coco/, video/ ...")
    parser.add_argument("--unseen", type=Path, nargs="*", default=[], help="folders the head never saw")
    parser.add_argument("--float-detector", type=Path, help="the float twin that detector.py left")
    parser.add_argument("--rival", type=Path, help="int8 NanoDet that nanodet.py made")
    parser.add_argument("--rival-float", type=Path, help="its float twin")
    parser.add_argument("--float-backbone", type=Path, help="the float twin that backbone.py left")
    parser.add_argument("--record", action="store_true", help="keep the figures in the models' cards")
    parser.add_argument("--no-training-data", action="store_true", help="skip the figures out of fold")
    arguments = parser.parse_args()
    detector = ssd.build(ssd.Settings())
    embedder = embedding.build(embedding.Settings())
    head = load_head(model_folder("starter-species"), embedder.sha256)
    sets: dict[str, list[Pixels]] = {
        f"{kind} photos": [read(path) for path in picture_paths(arguments.data / "photos" / kind)]
        for kind in ("cat", "dog", "raccoon")
    }
    sets |= {name: [image for _, image in clip(arguments.data / "video" / name)] for name in CLIPS.values()}
    detectors(arguments, sets)
    backbones(arguments, sets)
    for species, name in CLIPS.items():
        film(arguments.data / "video" / name, species, detector, HeadClassifier(embedder, [head]))
    for folder in arguments.unseen:
        unseen(folder, detector, embedder, head)
    if not arguments.no_training_data:
        taught_data(arguments.data, detector, embedder)


if __name__ == "__main__":
    main()
