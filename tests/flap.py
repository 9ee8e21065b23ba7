"""The real cat flap's pictures as datasets: its own labels, embedded once."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2

from device.learn.dataset import Dataset, Example, Picture, packed
from device.learn.promises import Replayed, Terms, replay, set_thresholds
from device.learn.proof import sides
from device.learn.split import split, with_visits
from device.learn.train import folds, train
from device.messages import Pixels
from device.see import embedding

FRAME_S = 0.2
"""Seconds between the pictures of one burst, as far as their times, in whole seconds, tell."""


def read_flap(folder: Path) -> Dataset:
    """Every picture with the task "mouth" (judgeable or not), and what labels.csv says of it."""
    said = {row["file"]: row for row in _rows(folder / "labels.csv")}
    pictures = []
    for row in _rows(folder / "frames.csv"):
        labels = {"mouth": "judgeable" if row["label"] == "positive" else "not"}
        wall = datetime.fromisoformat(row["time"]).replace(tzinfo=UTC).timestamp()
        visit = None
        if (known := said.get(row["file"])) is not None:
            visit = known["event"]
            labels |= _labels(known["label"], known["note"])
        pictures.append(Picture(row["file"], labels, wall=wall + FRAME_S * int(row["frame"]), visit=visit))
    embedder = embedding.build(embedding.Settings(threads=1))
    found = [
        Example(
            id=each.source,
            visit=str(each.visit),
            wall=each.wall,
            codes=packed(embedder.embed(_read(folder / each.source))),
            labels=each.labels,
        )
        for each in with_visits(pictures)
    ]
    return Dataset(tuple(sorted(found, key=lambda each: each.wall or 0.0)), embedder.sha256)


def views_for(flap: Dataset, task: str) -> Dataset:
    """What an album would hold for a task: its labelled views, and other usable ones."""
    return flap.where(lambda each: task in each.labels or each.labels["mouth"] == "judgeable")


def leaving_one_out(flap: Dataset, task: str, bad: str) -> Iterator[Replayed]:
    """Every labelled visit, judged by a head and thresholds that were learnt without it.

    Each group of bad visits is left out once, together with its share of the clean ones.
    """
    known = views_for(flap, task)
    groups = split(known, task).groups
    labelled = [number for number, each in enumerate(known.examples) if task in each.labels]
    is_bad = {groups[number] for number in labelled if known.examples[number].labels[task] == bad}
    clean = sorted({groups[number] for number in labelled} - is_bad)
    for turn, group in enumerate(sorted(is_bad)):
        held = {group, *clean[turn :: len(is_bad)]}
        yield from _judged(known, task, [number for number, each in enumerate(groups) if each in held])


def _judged(known: Dataset, task: str, held: list[int]) -> list[Replayed]:
    lesson = known.take(sorted(set(range(len(known))) - set(held)))
    head = train(lesson, task, split(lesson, task, folds=folds(lesson, task), enough=10**6))
    thresholds = set_thresholds(head, lesson, Terms())
    tested = known.take(held).labelled(task)
    scores = {number: tuple(row) for number, row in enumerate(head.scores(tested.embeddings()).tolist())}
    side = sides(task, head.labels)
    assert side is not None
    return replay(tested, head, side, scores, Terms(), thresholds)


def newest(dataset: Dataset, task: str, places: Iterator[int], count: int) -> Dataset:
    """The newest `count` views of each label among `places`, at most five of one visit."""
    taken: dict[str, list[int]] = {}
    of_visit: dict[tuple[str, str], int] = {}
    for place in reversed(list(places)):
        each = dataset.examples[place]
        label, key = each.labels[task], (each.visit, each.labels[task])
        if len(taken.setdefault(label, [])) < count and of_visit.get(key, 0) < 5:
            taken[label].append(place)
            of_visit[key] = of_visit.get(key, 0) + 1
    return dataset.take(sorted(place for each in taken.values() for place in each))


def only(dataset: Dataset, task: str, wanted: Callable[[Example], bool] = lambda _: True) -> Dataset:
    """The views with no other label than that of one task."""
    chosen = dataset.where(lambda each: task in each.labels and wanted(each))
    return replace(
        chosen,
        examples=tuple(replace(each, labels={task: each.labels[task]}) for each in chosen.examples),
    )


def _labels(label: str, note: str) -> dict[str, str]:
    if label == "other_animal":
        return {"who": "stranger", "stranger": note}
    return {"who": "own", "prey": "prey" if label == "prey" else "clean"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read(path: Path) -> Pixels:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture
