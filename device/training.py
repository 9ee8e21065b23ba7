"""Trains a head from the album in the state directory and keeps it, with what it is worth."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from device.aside import aside
from device.errors import DatasetError, StoreError
from device.learn.dataset import Dataset
from device.learn.evaluate import Curve, Evaluation, evaluate
from device.learn.promises import Terms, set_thresholds
from device.learn.split import Split, split
from device.learn.summary import advice, event_table, precision_recall, promise_lines, rekognition
from device.learn.thresholds import Promise
from device.learn.train import TaughtHead, folds, train
from device.see import embedding
from device.see.card import Backbone, Threshold, Thresholds, Training, load_card
from device.see.head import TASKS, HeadNames
from device.see.head_writer import save_head
from device.shipped import model_folder
from device.tell.atomic import write_whole

EVALUATIONS = "evaluations"
EVENTS = "events.json"
"""Of each evaluation, everything about its visits."""
MOST_POINTS = 200
"""Of a curve so many points are told."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A taught head, how it was split, what is promised and what it is worth."""

    backbone: str
    """sha256 of the model that made the embeddings."""
    split: Split
    head: TaughtHead
    promises: dict[str, Promise]
    evaluation: Evaluation


def learn(
    dataset: Dataset,
    task: str,
    terms: Terms,
    by: str = "visit",
    done: Callable[[float], None] = lambda _: None,
) -> Lesson:
    """Split, train, set thresholds, evaluate. The same dataset gives the same lesson.

    `done` hears how far it has come, 0..1.

    Raises:
        DatasetError: there is too little to learn from, or another split than by visit is asked for.
    """
    parts = split(dataset, task, by, folds=folds(dataset, task))
    head = train(dataset, task, parts, terms.goal.patience, done)
    promises = set_thresholds(head, dataset, terms)
    return Lesson(dataset.backbone, parts, head, promises, evaluate(dataset, parts, head, promises, terms))


def head_name(names: HeadNames, task: str) -> str:
    """What the project calls its head for `task`.

    Raises:
        DatasetError: no part of the device asks a head for this task.
    """
    if task not in TASKS:
        raise DatasetError(f"no head for {task!r} is used at a door; train {', '.join(TASKS)}")
    return str(getattr(names, task)) or task


def keep(
    lesson: Lesson,
    name: str,
    embedder: embedding.Settings,
    state: Path,
    now: datetime,
    place: Path | None = None,
) -> Path:
    """Write the head as the newest version of `name` in the state directory, and its evaluation.

    `place` is another folder to write both to.

    Raises:
        DatasetError: the views were embedded by another model than the project's.
        StoreError: the disk is full or cannot be written; then there is no new version.
    """
    head, backbone = lesson.head, load_card(model_folder(embedder.model, state))
    place = place or state
    if lesson.backbone != backbone.sha256:
        raise DatasetError(
            f"the views were embedded by another model ({lesson.backbone[:12]}…) than {backbone.title}; "
            "import the pictures again"
        )
    blend, taught = head.blend, head.pieces.taught
    familiar = head.familiar
    folder = save_head(
        place / "models",
        name,
        head.task,
        head.labels,
        (taught.weights * blend.logits).astype(np.float32),
        (taught.bias * blend.logits + np.array(blend.offset)).astype(np.float32),
        Backbone(backbone.name, backbone.sha256),
        Training(
            f"{sum(head.counts.values())} views of {head.visits} visits of this door, until {now:%Y-%m-%d}",
            "by visit" + (", approximate" if lesson.split.approximate else ", tested on newer days"),
            head.counts,
            dict.fromkeys(head.labels, 1.0),
        ),
        examples=familiar.examples if familiar else None,
        familiar_cosine=familiar.cosine if familiar else 0.0,
        neighbours=head.pieces.neighbours,
        likeness=blend.likeness,
        thresholds=_thresholds(lesson.promises),
        measured=dict(event_table(lesson.evaluation)),
    )
    title = f"{name}-{folder.name}"
    try:
        write_reports(lesson, place / EVALUATIONS / title, title, now)
    except StoreError:
        for each in (folder, place / EVALUATIONS / title):
            shutil.rmtree(each, ignore_errors=True)
        raise
    return folder


def write_reports(lesson: Lesson, folder: Path, title: str, now: datetime) -> None:
    """The evaluation as EvaluationSummary JSON, as our own JSON of visits, and as a figure."""
    evaluation = lesson.evaluation
    documents = {
        f"EvaluationSummary-{title}.json": json.dumps(rekognition(evaluation, now, title), indent=2),
        EVENTS: json.dumps(as_document(lesson), indent=2),
        "precision-recall.svg": precision_recall(evaluation),
    }
    for file, text in documents.items():
        write_whole(folder / file, text.encode())


def as_document(lesson: Lesson) -> dict[str, object]:
    """Everything about the visits, for programs."""
    evaluation = lesson.evaluation
    return {
        "task": evaluation.task,
        "approximate": lesson.split.approximate,
        "remarks": list(evaluation.remarks),
        "training_pictures": evaluation.training,
        "testing_pictures": evaluation.testing,
        "balanced_accuracy": evaluation.balanced_accuracy,
        "events": [
            {**asdict(each), "visits": list(each.visits), "bound": each.bound} for each in evaluation.rates
        ],
        "median_seconds_to_unlock": evaluation.median_unlock,
        "thresholds": {light: asdict(each) for light, each in lesson.promises.items()},
        "promises": promise_lines(evaluation, lesson.promises),
        "advice": list(advice(evaluation, lesson.promises)),
        "labels": list(evaluation.labels),
        "confusion": [
            {"true": true, "said": said, "pictures": count}
            for (true, said), count in evaluation.confusion.items()
        ],
        "curves": [_curve(each) for each in evaluation.curves],
        "tradeoffs": {
            light: [asdict(each) for each in steps] for light, steps in evaluation.tradeoffs.items()
        },
    }


def _curve(curve: Curve) -> dict[str, object]:
    """A curve of precision against recall with at most `MOST_POINTS` points."""
    last = len(curve.points) - 1
    places = sorted({round(place) for place in np.linspace(0, last, MOST_POINTS)}) if last >= 0 else []
    points = [[round(part, 5) for part in curve.points[place]] for place in places]
    return {**asdict(curve), "points": points}


def learn_aside(
    dataset: Dataset,
    task: str,
    terms: Terms,
    by: str = "visit",
    done: Callable[[float], None] = lambda _: None,
) -> Lesson:
    """As `learn`, in an interpreter of its own at the lowest priority: the loop keeps its rate."""
    return aside(learn, dataset, task, terms, by, done=done)


def _thresholds(promises: Mapping[str, Promise]) -> Thresholds | None:
    if not promises:
        return None
    lights = {
        light: Threshold(each.threshold, each.alpha, each.delta, each.n, each.missing)
        for light, each in promises.items()
    }
    return Thresholds(**lights)
