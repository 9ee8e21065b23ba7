"""Stored films, asked by the AWS SDK: jobs that say what a film shows, or follow its animals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter

from device.web.rekognition.faults import (
    IDEMPOTENT_MISMATCH,
    NOT_FOUND,
    VIDEO_TOO_LARGE,
    RequestError,
)
from device.web.rekognition.jobs import Job
from device.web.rekognition.paging import by_place
from device.web.rekognition.shapes_films import (
    GetLabelDetection,
    GetPersonTracking,
    StartLabelDetection,
    StartPersonTracking,
)
from device.web.rekognition.studio import Studio

Json = dict[str, Any]

LABELS, PATHS = "labels", "paths"
"""The two kinds of jobs on films."""
KINDS = (LABELS, PATHS)
MOST_BYTES = 2_000_000_000
KEPT_S = 7 * 86_400.0
"""What came of a job is kept for a week, as Amazon does."""
MOST_KEPT = 100
MOST_RESULTS = 1000
LOOKS_S = 0.5
"""Between two looks at a film; a label that is there at both lasts in between."""


def start_labels(studio: Studio, asked: StartLabelDetection) -> Json:
    """Begin to look at a film."""
    return _start(studio, LABELS, asked)


def start_paths(studio: Studio, asked: StartPersonTracking) -> Json:
    """Begin to follow the animals of a film."""
    return _start(studio, PATHS, asked)


def get_labels(studio: Studio, asked: GetLabelDetection) -> Json:
    """What a film shows, sorted as asked, a page at a time."""
    job, answer, found = _found(studio, LABELS, asked.job_id)
    answer["GetRequestMetadata"] = {"SortBy": asked.sort_by, "AggregateBy": asked.aggregate_by}
    if job.open or found is None:
        return answer
    rows = _segments(found["Labels"]) if asked.aggregate_by == "SEGMENTS" else found["Labels"]
    if asked.sort_by == "NAME":
        rows = sorted(rows, key=lambda row: row["Label"]["Name"])
    page, token = by_place(rows, asked.next_token, min(asked.max_results, MOST_RESULTS))
    return {**answer, "LabelModelVersion": found["LabelModelVersion"], "Labels": page, **token}


def get_paths(studio: Studio, asked: GetPersonTracking) -> Json:
    """Where each animal of a film was, sorted as asked, a page at a time."""
    job, answer, found = _found(studio, PATHS, asked.job_id)
    if job.open or found is None:
        return answer
    rows = found["Persons"]
    if asked.sort_by == "INDEX":
        rows = sorted(rows, key=lambda row: row["Person"]["Index"])
    page, token = by_place(rows, asked.next_token, min(asked.max_results, MOST_RESULTS))
    return {**answer, "Persons": page, **token}


def _start(studio: Studio, kind: str, asked: StartPersonTracking) -> Json:
    film = asked.video.s3_object
    path = studio.pictures.path(film.bucket, film.name)
    if path.stat().st_size > MOST_BYTES:
        raise RequestError(VIDEO_TOO_LARGE, f"a film may have {MOST_BYTES} bytes")
    wanted = TypeAdapter(type(asked)).dump_python(asked, mode="json", by_alias=True, exclude_none=True)
    token = wanted.pop("ClientRequestToken", "")
    before = [job for job in studio.jobs.all() if token and job.token == token and job.kind in KINDS]
    if before and (before[0].kind, dict(before[0].asked)) != (kind, wanted):
        raise RequestError(IDEMPOTENT_MISMATCH, "the token was used before, for something else")
    if before:
        return {"JobId": before[0].id}
    _make_room(studio)
    return {"JobId": studio.jobs.begin(kind, wanted, token).id}


def _make_room(studio: Studio) -> None:
    """Forget what came of jobs that are too old, and of the oldest where there are too many."""
    ended = [job for job in studio.jobs.all() if job.kind in KINDS and not job.open]
    since = (studio.wall() or 0.0) - KEPT_S
    surplus = ended[: max(len(ended) - MOST_KEPT + 1, 0)]
    for job in {each.id: each for each in (*surplus, *(job for job in ended if job.begun < since))}.values():
        studio.jobs.forget(job)


def _found(studio: Studio, kind: str, id: str) -> tuple[Job, Json, Json | None]:  # noqa: A002
    """A job, the begin of its answer, and what came of it, if it has succeeded."""
    job = studio.jobs.find(id)
    if job is None or job.kind != kind:
        raise RequestError(NOT_FOUND, f"there is no job {id}; what came of one is kept for a week")
    answer: Json = {"JobId": job.id, "JobStatus": job.status, "Video": job.asked["Video"]}
    if job.message:
        answer["StatusMessage"] = job.message
    if "JobTag" in job.asked:
        answer["JobTag"] = job.asked["JobTag"]
    if job.status != "SUCCEEDED":
        return job, answer, None
    found = studio.jobs.result(job)
    return job, {**answer, "VideoMetadata": found["VideoMetadata"]}, found


def _segments(rows: Iterable[Json]) -> list[Json]:
    """Each label once for every stretch in which all looks found it, with what was found at its surest."""
    ordered = sorted(rows, key=lambda row: (row["Label"]["Name"], row["Timestamp"]))
    found: list[Json] = []
    for _, same in groupby(ordered, key=_name):
        stretch: list[Json] = []
        for row in same:
            if stretch and row["Timestamp"] - stretch[-1]["Timestamp"] > 1500 * LOOKS_S:
                found.append(_segment(stretch))
                stretch = []
            stretch.append(row)
        found.append(_segment(stretch))
    return sorted(found, key=lambda row: (row["StartTimestampMillis"], row["Label"]["Name"]))


def _name(row: Json) -> str:
    name: str = row["Label"]["Name"]
    return name


def _segment(stretch: Sequence[Json]) -> Json:
    best = max(stretch, key=lambda row: row["Label"]["Confidence"])["Label"]
    start, end = stretch[0]["Timestamp"], stretch[-1]["Timestamp"]
    label = {**best, "Instances": []}  # Amazon gives none for segments either: they move
    return {
        "Label": label,
        "StartTimestampMillis": start,
        "EndTimestampMillis": end,
        "DurationMillis": end - start,
    }
