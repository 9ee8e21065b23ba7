"""What jobs do, in an interpreter of their own: look at films, read pictures in, teach heads."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from device.aside import Done
from device.clock import SystemClock
from device.config import parse_project
from device.errors import DatasetError, LatchlensError
from device.importing import Eyes, cut_out
from device.labels import bounding_box, detect_labels, label_detection
from device.learn.dataset import Dataset, Picture, packed
from device.learn.evaluate import Evaluation, evaluate
from device.learn.formats import reading
from device.learn.formats.manifest import picture_of
from device.learn.promises import Terms
from device.learn.split import Split, grouped, refuse_torn, split, with_visits
from device.learn.summary import rekognition
from device.learn.train import TaughtHead, folds, train
from device.messages import Frame
from device.see import embedding, tracker, video
from device.see.pictures import read_picture
from device.tell.atomic import write_whole
from device.training import Lesson, keep
from device.web.rekognition import datasets, films
from device.web.rekognition.faults import RequestError
from device.web.rekognition.jobs import Job
from device.web.rekognition.labels import is_wanted
from device.web.rekognition.pictures import Pictures
from device.web.rekognition.projects import HEAD, Entry
from device.web.rekognition.shapes import S3Object, read
from device.web.rekognition.shapes_films import StartLabelDetection, StartPersonTracking
from device.web.rekognition.studio import Studio

FOLLOWS_S = 0.2
"""Between two looks at a film whose animals are followed."""
MOST_ENTRIES = 10_000
EVERYTHING = 1_000_000_000
PLACE = "s3://"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a job needs to know of the device."""

    state: Path
    name: str
    text: str
    """Of the project file."""
    pictures: str
    """The folder with the buckets."""


def work(setting: Setting, job: Job, place: Path, done: Done) -> str:  # noqa: ARG001 - nobody asks how far it is
    """Do a job and write what comes of it to the file `place`; implements jobs.Work."""
    studio = Studio(parse_project(setting.text, setting.name), setting.state, SystemClock().wall)
    studio.pictures = Pictures(setting.pictures)
    doing = {
        films.LABELS: _labels,
        films.PATHS: _paths,
        datasets.ENTRIES: _entries,
        datasets.TRAINING: _training,
    }[job.kind]
    try:
        found = doing(studio, job.asked)
    except RequestError as error:
        return error.message
    write_whole(place, json.dumps(found).encode())
    return ""


def _labels(studio: Studio, asked: Mapping[str, Any]) -> Json:
    """What a film shows, every half second."""
    wanted = read(StartLabelDetection, json.dumps(asked).encode())
    rows: list[Json] = []
    frames = _Film(_film(studio, wanted.video.s3_object), films.LOOKS_S)
    for frame in frames:
        found = detect_labels(studio.look.living(frame.image), wanted.min_confidence)
        rows += label_detection(
            frame.time, [each for each in found if is_wanted(each, wanted.settings.general_labels)]
        )
    return {"VideoMetadata": frames.about(), "Labels": rows, "LabelModelVersion": studio.look.version}


def _paths(studio: Studio, asked: Mapping[str, Any]) -> Json:
    """Where each animal of a film was, five times a second; persons are not followed."""
    wanted = read(StartPersonTracking, json.dumps(asked).encode())
    rows: list[Json] = []
    detector = studio.project.detector.build(studio.state)
    follow = tracker.build(studio.project.section("tracker"))
    frames = _Film(_film(studio, wanted.video.s3_object), FOLLOWS_S)
    for frame in frames:
        animals = [each for each in detector.detect(frame.image) if each.label != "person"]
        rows += [
            {
                "Timestamp": round(frame.time * 1000),
                "Person": {"Index": track.id, "BoundingBox": bounding_box(track.box)},
            }
            for track in follow.update(frame.time, animals)
            if track.seen
        ]
    return {"VideoMetadata": frames.about(), "Persons": rows}


def _film(studio: Studio, wanted: S3Object) -> Path:
    return studio.pictures.path(wanted.bucket, wanted.name)


class _Film:
    """The frames of a film, one every so many seconds, and what is known of it once they were seen."""

    def __init__(self, path: Path, every_s: float) -> None:
        self._path, self._every_s = path, every_s
        self._last: Frame | None = None

    def __iter__(self) -> Iterator[Frame]:
        camera = video.build(video.Settings(str(self._path), rate=1 / self._every_s), SystemClock())
        for frame in video.every_frame(camera):
            self._last = frame
            yield frame

    def about(self) -> Json:
        """VideoMetadata, as far as it is known."""
        if self._last is None:
            return {}
        height, width = self._last.image.shape[:2]
        return {
            "DurationMillis": round(self._last.time * 1000),
            "Format": self._path.suffix.removeprefix(".").upper(),
            "FrameHeight": height,
            "FrameWidth": width,
        }


def _entries(studio: Studio, asked: Mapping[str, Any]) -> Json:
    """Read the lines of a manifest into a dataset; a line that is wrong stays in it with its fault."""
    name, which = str(asked["project"]), str(asked["set"])
    projects = studio.projects
    entries = {(each.set, each.source): each for each in projects.entries(name)}
    lines = [line for line in str(asked["lines"]).splitlines() if line.strip()]
    embedder = embedding.build(studio.project.section("embedding"), studio.state)
    eyes = Eyes(embedder, studio.project.detector.build(studio.state))
    for number, line in enumerate(lines, 1):
        table = reading.table_of(line, f"line {number}:")
        picture = picture_of(table, f"line {number}:")
        before = entries.get((which, picture.source))
        entries[which, picture.source] = _entry(studio, eyes, which, table, picture, before)
        if len(entries) > MOST_ENTRIES:
            raise DatasetError(f"a project may have {MOST_ENTRIES} pictures; leave some out")
    projects.write_entries(name, list(entries.values()))
    return {"lines": len(lines)}


def _entry(
    studio: Studio, eyes: Eyes, which: str, table: Mapping[str, Any], picture: Picture, before: Entry | None
) -> Entry:
    """One line with its picture embedded; a line may say anew what a picture shows that was there before."""
    line = {**(before.line if before else {}), **table}
    if before is not None:
        picture = picture_of(line, "the line:")
    names = tuple(dict.fromkeys([*picture.labels.values(), *(box.label for box in picture.boxes)]))
    entry = Entry(which, line, labels=names, boxes=len(picture.boxes), visit=picture.source)
    try:
        path = studio.pictures.path(*_place(picture.source))
        image = read_picture(path)
        shown, _ = cut_out(image, picture, eyes.detector)
        codes = base64.b64encode(packed(eyes.embedder.embed(shown)).tobytes()).decode()
        (dated,) = with_visits([picture])
        return replace(
            entry,
            id=hashlib.sha256(path.read_bytes()).hexdigest()[:16],
            label=_taught(picture),
            visit=dated.visit or picture.source,
            wall=picture.wall,
            infrared=picture.infrared,
            codes=codes,
        )
    except RequestError as error:
        return replace(entry, fault=error.message)
    except LatchlensError as error:
        return replace(entry, fault=str(error))


def _place(source: str) -> tuple[str, str]:
    """Bucket and name of the stored file that a source-ref names."""
    bucket, slash, name = source.removeprefix(PLACE).partition("/")
    if not source.startswith(PLACE) or not slash or not name:
        raise DatasetError(f"source-ref {source[:200]!r} must be s3://BUCKET/NAME")
    return bucket, name


def _taught(picture: Picture) -> str:
    """The one label that a head learns of a picture: of the whole, else of its largest box."""
    said = set(picture.labels.values())
    if len(said) > 1:
        raise DatasetError(f"has several labels ({', '.join(sorted(said))}); a head here learns one of each")
    if said:
        return said.pop()
    largest = max(picture.boxes, key=lambda each: each.box.area, default=None)
    return largest.label if largest else ""


def _training(studio: Studio, asked: Mapping[str, Any]) -> Json:
    """Teach a head, judge it, and write the summary to where it was asked for."""
    entries = studio.projects.entries(str(asked["project"]))
    backbone = studio.room.similarity.backbone
    taught = [each for each in entries if each.set == datasets.TRAIN]
    tested = [each for each in entries if each.set == datasets.TEST]
    dataset = datasets.dataset_of([*taught, *tested], backbone)
    count = len(datasets.dataset_of(taught, backbone))
    parts = _parts(dataset, count)
    head = train(dataset, datasets.LABEL, parts)
    worth = evaluate(dataset, parts, head, {}, Terms())
    place = studio.projects.version(str(asked["project"]), str(asked["version"]))
    now = datetime.now(UTC)
    lesson = Lesson(backbone, parts, head, {}, worth)
    keep(lesson, HEAD, studio.project.section("embedding"), studio.state, now, place)
    summary = rekognition(worth, now, HEAD)
    summary["EvaluationDetails"]["ProjectVersionArn"] = asked["arn"]
    name = f"EvaluationSummary-{asked['project']}-{asked['version']}.json"
    return {
        "backbone": studio.room.version,
        "f1": summary["AggregatedEvaluationResults"]["F1Score"],
        "summary": _written(studio, str(asked["bucket"]), f"{asked['prefix']}{name}", summary),
        "thresholds": {each.label: round(100 * each.threshold, 4) for each in worth.curves},
        "training": worth.training,
        "testing": worth.testing,
        "labels": _labels_of(worth, head),
    }


def _labels_of(worth: Evaluation, head: TaughtHead) -> Json:
    return {
        each.label: {"training": head.counts.get(each.label, 0), "testing": each.testing}
        for each in worth.curves
    }


def _parts(dataset: Dataset, count: int) -> Split:
    """The first `count` train and the others test; without others, all are judged out of fold."""
    trained = dataset.take(range(count))
    parts = split(trained, datasets.LABEL, enough=EVERYTHING, folds=folds(trained, datasets.LABEL))
    if count == len(dataset):
        return parts
    test = tuple(range(count, len(dataset)))
    refuse_torn(dataset, parts.train, test)
    return replace(parts, test=test, groups=grouped(dataset), remarks=())


def _written(studio: Studio, bucket: str, name: str, summary: Json) -> Json:
    """Put the summary into the configured folder; raises StoreError if it cannot be written."""
    try:
        path = studio.pictures.inside(bucket, name)
    except ValueError as error:
        raise DatasetError(f"OutputConfig: {error}") from None
    write_whole(path, json.dumps(summary, indent=2).encode())
    return {"Bucket": bucket, "Name": name}
