"""Datasets of projects, asked by the AWS SDK: manifests in, entries out, a fifth set aside to test."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from device.learn.dataset import Dataset, Example
from device.learn.split import grouped
from device.web.rekognition.faults import (
    EXISTS,
    IN_USE,
    INVALID_PARAMETER,
    NOT_READY,
    RequestError,
)
from device.web.rekognition.paging import by_place
from device.web.rekognition.projects import DatasetAbout, Entry, Project
from device.web.rekognition.shapes_projects import (
    CreateDataset,
    DistributeDatasetEntries,
    ListDatasetEntries,
    ListDatasetLabels,
    OfDataset,
    UpdateDatasetEntries,
)
from device.web.rekognition.studio import Studio

Json = dict[str, Any]

ENTRIES, TRAINING = "entries", "training"
"""The two kinds of jobs on projects."""
LABEL = "label"
"""What heads of projects are taught: the one label of a picture, whatever its attribute is called."""
TRAIN, TEST = "TRAIN", "TEST"
TEST_RATIO = 0.2
MANIFEST_BYTES = 20_000_000


def create(studio: Studio, asked: CreateDataset) -> Json:
    """Begin a dataset; its pictures are embedded by a job."""
    project = studio.projects.by_arn(asked.project_arn)
    which = asked.dataset_type
    if which in project.datasets:
        raise RequestError(EXISTS, f"{project.name} has a {which} dataset already; delete it first")
    source = asked.dataset_source
    if source is None or source.dataset_arn is None:
        lines = b"" if source is None or source.ground_truth_manifest is None else _manifest(studio, source)
    else:
        other, its = studio.projects.dataset(source.dataset_arn)
        same = (each for each in studio.projects.entries(other.name) if each.set == its)
        lines = "".join(json.dumps(each.line) + "\n" for each in same).encode()
    now = studio.wall() or 0.0
    about = DatasetAbout(now, now, _filled_by(studio, project, which, lines) if lines else "")
    project = replace(project, datasets={**project.datasets, which: about})
    studio.projects.write(project)
    return {"DatasetArn": project.arn_of_dataset(which)}


def update(studio: Studio, asked: UpdateDatasetEntries) -> Json:
    """Add lines, or say otherwise of those whose pictures are there; done by a job."""
    project, which = studio.projects.dataset(asked.dataset_arn)
    refuse_busy(studio, project, which)
    try:
        lines = base64.b64decode(asked.changes.ground_truth, validate=True)
    except ValueError:
        raise RequestError(INVALID_PARAMETER, "Changes.GroundTruth is no base64") from None
    job = _filled_by(studio, project, which, lines)
    _update(studio, project, which, job)
    return {}


def describe(studio: Studio, asked: OfDataset) -> Json:
    """How a dataset stands."""
    project, which = studio.projects.dataset(asked.dataset_arn)
    entries = _entries(studio, project, which)
    labelled = [each for each in entries if each.labels]
    about = described(studio, project, which)
    del about["DatasetType"], about["DatasetArn"]
    return {
        "DatasetDescription": {
            **about,
            "LastUpdatedTimestamp": project.datasets[which].updated,
            "DatasetStats": {
                "LabeledEntries": len(labelled),
                "TotalEntries": len(entries),
                "TotalLabels": len({label for each in labelled for label in each.labels}),
                "ErrorEntries": sum(bool(each.fault) for each in entries),
            },
        }
    }


def described(studio: Studio, project: Project, which: str) -> Json:
    """A dataset as its project lists it."""
    about = project.datasets[which]
    job = studio.jobs.find(about.job) if about.job else None
    done = "UPDATE" if about.filled else "CREATE"
    found: Json = {
        "CreationTimestamp": about.created,
        "DatasetType": which,
        "DatasetArn": project.arn_of_dataset(which),
        "Status": f"{done}_COMPLETE",
        "StatusMessage": "",
        "StatusMessageCode": "SUCCESS",
    }
    if job is not None and job.open:
        found["Status"] = f"{done}_IN_PROGRESS"
    elif job is not None and job.status == "FAILED":
        code = {"Status": f"{done}_FAILED", "StatusMessageCode": "CLIENT_ERROR"}
        found.update({**code, "StatusMessage": job.message})
    return found


def list_entries(studio: Studio, asked: ListDatasetEntries) -> Json:
    """The lines of a dataset that are asked for, a page at a time."""
    project, which = studio.projects.dataset(asked.dataset_arn)
    refuse_busy(studio, project, which)
    wanted = [each for each in _entries(studio, project, which) if _is_wanted(each, asked)]
    found, token = by_place(wanted, asked.next_token, asked.max_results)
    return {"DatasetEntries": [_told(each) for each in found], **token}


def list_labels(studio: Studio, asked: ListDatasetLabels) -> Json:
    """The labels of a dataset by name, with how many pictures have each."""
    project, which = studio.projects.dataset(asked.dataset_arn)
    refuse_busy(studio, project, which)
    entries = _entries(studio, project, which)
    counts = Counter(label for each in entries for label in each.labels)
    boxed = Counter(
        label for each in entries for label in each.labels[:1] if each.boxes for _ in range(each.boxes)
    )
    rows = [
        {"LabelName": name, "LabelStats": {"EntryCount": counts[name], "BoundingBoxCount": boxed[name]}}
        for name in sorted(counts)
    ]
    found, token = by_place(rows, asked.next_token, asked.max_results)
    return {"DatasetLabelDescriptions": found, **token}


def distribute(studio: Studio, asked: DistributeDatasetEntries) -> Json:
    """Move a fifth of the training pictures to the empty test dataset, whole visits at a time."""
    found = [studio.projects.dataset(each.arn) for each in asked.datasets]
    project = found[0][0]
    if found[1][0].name != project.name or {which for _, which in found} != {TRAIN, TEST}:
        raise RequestError(INVALID_PARAMETER, "Datasets must be the TRAIN and the TEST dataset of a project")
    refuse_busy(studio, project)
    entries = studio.projects.entries(project.name)
    if any(each.set == TEST for each in entries):
        raise RequestError(INVALID_PARAMETER, "the TEST dataset has pictures already; make it anew, empty")
    chosen = _to_test(entries)
    moved = [replace(each, set=TEST) if n in chosen else each for n, each in enumerate(entries)]
    studio.projects.write_entries(project.name, moved)
    for which in (TRAIN, TEST):
        project = _update(studio, project, which, project.datasets[which].job)
    return {}


def delete(studio: Studio, asked: OfDataset) -> Json:
    """Delete a dataset with its entries; versions that learnt from it stay."""
    project, which = studio.projects.dataset(asked.dataset_arn)
    refuse_busy(studio, project)
    kept = {name: about for name, about in project.datasets.items() if name != which}
    studio.projects.write(replace(project, datasets=kept))
    entries = studio.projects.entries(project.name)
    studio.projects.write_entries(project.name, [each for each in entries if each.set != which])
    return {}


def refuse_busy(studio: Studio, project: Project, which: str = "") -> None:
    """Raise RequestError while a job is open that fills a dataset (or that one) or learns from them."""
    busy = next(
        (
            job
            for job in studio.jobs.all()
            if job.open
            and job.asked.get("project") == project.name
            and which in ("", job.asked.get("set", which))
        ),
        None,
    )
    if busy is not None:
        doing = "its pictures are being read" if busy.kind == ENTRIES else "a version is being trained"
        raise RequestError(IN_USE, f"{project.name}: {doing}; ask again when that is done")


def dataset_of(entries: Sequence[Entry], backbone: str) -> Dataset:
    """The entries that teach something, as what learning learns from; labelled ones only."""
    examples = [
        Example(
            id=each.id,
            visit=each.visit,
            wall=each.wall,
            codes=np.frombuffer(base64.b64decode(each.codes), np.int8),
            labels={LABEL: each.label},
            infrared=each.infrared,
            source=each.source,
        )
        for each in entries
        if each.label and not each.fault
    ]
    return Dataset(tuple(examples), backbone)


def _manifest(studio: Studio, source: Any) -> bytes:
    place = source.ground_truth_manifest.s3_object
    path = studio.pictures.path(place.bucket, place.name)
    if path.stat().st_size > MANIFEST_BYTES:
        raise RequestError(INVALID_PARAMETER, f"a manifest may have {MANIFEST_BYTES} bytes")
    lines = path.read_bytes()
    if not lines.strip():
        raise RequestError(
            INVALID_PARAMETER, f"{path.name} is empty; a manifest has a JSON object on each line"
        )
    return lines


def _filled_by(studio: Studio, project: Project, which: str, lines: bytes) -> str:
    """Begin the job that reads `lines` into a dataset; its id."""
    try:
        text = lines.decode("utf-8")
    except UnicodeDecodeError:
        raise RequestError(INVALID_PARAMETER, "a manifest is text in UTF-8") from None
    return studio.jobs.begin(ENTRIES, {"project": project.name, "set": which, "lines": text}).id


def _update(studio: Studio, project: Project, which: str, job: str) -> Project:
    now = studio.wall() or 0.0
    about = replace(project.datasets[which], updated=now, job=job, filled=True)
    project = replace(project, datasets={**project.datasets, which: about})
    studio.projects.write(project)
    return project


def _entries(studio: Studio, project: Project, which: str) -> list[Entry]:
    return [each for each in studio.projects.entries(project.name) if each.set == which]


def _is_wanted(entry: Entry, asked: ListDatasetEntries) -> bool:
    return (
        (asked.contains_labels is None or bool(set(asked.contains_labels) & set(entry.labels)))
        and (asked.labeled is None or asked.labeled is bool(entry.labels))
        and (asked.source_ref_contains is None or asked.source_ref_contains in entry.source)
        and (asked.has_errors is None or asked.has_errors is bool(entry.fault))
    )


def _told(entry: Entry) -> str:
    line = dict(entry.line)
    if entry.fault:
        line["cl-metadata"] = {"is-labeled": bool(entry.labels), "errors": [entry.fault]}
    return json.dumps(line, ensure_ascii=False)


def _to_test(entries: Sequence[Entry]) -> set[int]:
    """The places of a fifth of each label's entries; what belongs together stays together.

    The newest that tell a time, else the last: a head must work on days that it has never seen.
    """
    taught = [n for n, each in enumerate(entries) if each.label and not each.fault]
    if not taught:
        raise RequestError(NOT_READY, "the TRAIN dataset has no pictures yet that teach anything")
    groups = dict(zip(taught, grouped(dataset_of([entries[n] for n in taught], "")), strict=True))
    wanted = {
        label: round(TEST_RATIO * count) for label, count in Counter(entries[n].label for n in taught).items()
    }
    chosen: set[int] = set()
    for n in sorted(taught, key=lambda n: (entries[n].wall or 0.0, n), reverse=True):
        if n in chosen or wanted[entries[n].label] < 1:
            continue
        together = [other for other in taught if groups[other] == groups[n]]
        chosen.update(together)
        for other in together:
            wanted[entries[other].label] -= 1
    return chosen
