"""Trains a head from the album in the state directory and keeps it, with what it is worth."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from device.errors import DatasetError, LatchlensError, StoreError
from device.learn.dataset import Dataset
from device.learn.evaluate import Evaluation, evaluate
from device.learn.promises import Terms, set_thresholds
from device.learn.split import Split, split
from device.learn.summary import event_table, precision_recall, promise_lines, rekognition
from device.learn.thresholds import Promise
from device.learn.train import TaughtHead, folds, train
from device.see import embedding
from device.see.card import Backbone, Threshold, Thresholds, Training, load_card
from device.see.head import TASKS, HeadNames
from device.see.head_writer import save_head
from device.shipped import model_folder
from device.tell.atomic import write_whole

NICENESS = 19
"""The lowest priority there is: training takes only the time that the loop leaves."""
EVALUATIONS = "evaluations"
THREADS = "OPENBLAS_NUM_THREADS"


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


def keep(lesson: Lesson, name: str, embedder: embedding.Settings, state: Path, now: datetime) -> Path:
    """Write the head as the newest version of `name` in the state directory, and its evaluation.

    Raises:
        DatasetError: the views were embedded by another model than the project's.
        StoreError: the disk is full or cannot be written; then there is no new version.
    """
    head, backbone = lesson.head, load_card(model_folder(embedder.model, state))
    if lesson.backbone != backbone.sha256:
        raise DatasetError(
            f"the views were embedded by another model ({lesson.backbone[:12]}…) than {backbone.title}; "
            "import the pictures again"
        )
    blend, taught = head.blend, head.pieces.taught
    familiar = head.familiar
    folder = save_head(
        state / "models",
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
        write_reports(lesson, state / EVALUATIONS / title, title, now)
    except StoreError:
        for each in (folder, state / EVALUATIONS / title):
            shutil.rmtree(each, ignore_errors=True)
        raise
    return folder


def write_reports(lesson: Lesson, folder: Path, title: str, now: datetime) -> None:
    """The evaluation as EvaluationSummary JSON, as our own JSON of visits, and as a figure."""
    evaluation = lesson.evaluation
    documents = {
        f"EvaluationSummary-{title}.json": json.dumps(rekognition(evaluation, now, title), indent=2),
        "events.json": json.dumps(as_document(lesson), indent=2),
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
    }


def learn_aside(
    dataset: Dataset,
    task: str,
    terms: Terms,
    by: str = "visit",
    done: Callable[[float], None] = lambda _: None,
) -> Lesson:
    """As `learn`, in an interpreter of its own at the lowest priority: the loop keeps its rate.

    One thread: for matrices this small a second one would mostly wait, and take a core meanwhile.
    """
    spawn = get_context("spawn")
    listening, speaking = spawn.Pipe(duplex=False)
    aside = spawn.Process(target=_learn_here, args=(speaking, dataset, task, terms, by))
    with _one_thread():
        aside.start()
    speaking.close()
    try:
        while isinstance(said := listening.recv(), float):
            done(said)
    except EOFError:
        raise DatasetError("training was ended half way, as when memory runs out; try again") from None
    finally:
        aside.terminate()
        aside.join()
    if isinstance(said, LatchlensError):
        raise said
    lesson: Lesson = said
    return lesson


@contextmanager
def _one_thread() -> Iterator[None]:
    """An interpreter that is started meanwhile computes with one thread."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[THREADS]
        else:
            os.environ[THREADS] = before


def _learn_here(speaking: Connection, dataset: Dataset, task: str, terms: Terms, by: str) -> None:
    """Learn, and send how far it has come, then the lesson or what is wrong."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        speaking.send(learn(dataset, task, terms, by, speaking.send))
    except LatchlensError as error:
        speaking.send(error)


def _thresholds(promises: Mapping[str, Promise]) -> Thresholds | None:
    if not promises:
        return None
    lights = {
        light: Threshold(each.threshold, each.alpha, each.delta, each.n, each.missing)
        for light, each in promises.items()
    }
    return Thresholds(**lights)
