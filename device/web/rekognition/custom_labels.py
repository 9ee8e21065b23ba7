"""Heads, asked by the AWS SDK as Custom Labels: a head is a project, with the versions that it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device import shipped
from device.errors import ModelError
from device.labels import bounding_box
from device.messages import Box, Pixels
from device.see.card import Card, load_card
from device.see.crops import crop
from device.see.head import TASKS, LogisticHead, load_head
from device.see.species import PERSON, WHOLE
from device.web.rekognition.datasets import LABEL
from device.web.rekognition.faults import NOT_FOUND, NOT_READY, RequestError
from device.web.rekognition.paging import by_name
from device.web.rekognition.projects import ACCOUNT, HEAD, Project
from device.web.rekognition.shapes import DescribeProjects, DescribeProjectVersions, DetectCustomLabels
from device.web.rekognition.studio import Studio
from device.web.rekognition.versions import project_described, thresholds, version_described

Json = dict[str, Any]

UNSAID = 50.0
"""Confidence assumed of the door's heads, whose thresholds are of visits and say nothing of one picture."""


@dataclass(frozen=True, slots=True)
class Taught:
    """One version of a head."""

    folder: Path
    card: Card

    @property
    def project(self) -> str:
        return f"{ACCOUNT}/{self.card.name}/1"

    @property
    def arn(self) -> str:
        return f"{ACCOUNT}/{self.card.name}/version/{self.card.version}/1"


def describe_projects(studio: Studio, asked: DescribeProjects) -> Json:
    """The projects that were made here, and the heads of the door."""
    names = asked.project_names
    made = {each.arn: each for each in studio.projects.all() if names is None or each.name in names}
    heads = dict.fromkeys(each.project for each in _taught(studio) if _is_named(each, names))
    found, token = by_name([*made, *heads], asked.next_token, asked.max_results)
    head = {"Status": "CREATED", "Feature": "CUSTOM_LABELS"}
    described = [
        project_described(studio, made[arn]) if arn in made else {"ProjectArn": arn, **head} for arn in found
    ]
    return {"ProjectDescriptions": described, **token}


def describe_versions(studio: Studio, asked: DescribeProjectVersions) -> Json:
    """The versions of a project or a head, and whether each can be asked."""
    if made := next((each for each in studio.projects.all() if each.arn == asked.project_arn), None):
        return _versions_made(studio, made, asked)
    versions = {each.arn: each for each in _taught(studio) if each.project == asked.project_arn}
    if not versions:
        raise RequestError(NOT_FOUND, f"there is no project {asked.project_arn[:200]}")
    wanted = [
        arn
        for arn, each in versions.items()
        if asked.version_names is None or each.card.version in asked.version_names
    ]
    found, token = by_name(wanted, asked.next_token, asked.max_results)
    return {"ProjectVersionDescriptions": [_described(studio, versions[arn]) for arn in found], **token}


def _versions_made(studio: Studio, project: Project, asked: DescribeProjectVersions) -> Json:
    """Those of a project that was made here, the newest first."""
    names = sorted(project.versions, key=lambda name: -project.versions[name].created)
    wanted = [name for name in names if asked.version_names is None or name in asked.version_names]
    found, token = by_name(wanted, asked.next_token, asked.max_results)
    described = [version_described(studio, project, name) for name in found]
    return {"ProjectVersionDescriptions": described, **token}


def detect(studio: Studio, asked: DetectCustomLabels) -> Json:
    """What one version of a head takes each animal of a picture for, the surest first.

    A picture without an animal is taken whole by the heads of projects, which may be taught anything.
    """
    if made := studio.projects.of_version(asked.project_version_arn):
        return _detect_made(studio, *made, asked)
    version = next((each for each in _taught(studio) if each.arn == asked.project_version_arn), None)
    if version is None:
        raise RequestError(NOT_FOUND, f"there is no project version {asked.project_version_arn[:200]}")
    image = studio.pictures.read(asked.image)
    try:
        head = _head(studio, version)
    except ModelError as error:
        raise RequestError(NOT_READY, str(error)) from None
    least = UNSAID if asked.min_confidence is None else asked.min_confidence
    boxes = [each.box for each in studio.look.living(image) if each.label != PERSON]
    return _judged(studio, image, head, boxes, dict.fromkeys(head.labels, least), asked.max_results)


def _detect_made(studio: Studio, project: Project, version: str, asked: DetectCustomLabels) -> Json:
    """What a version that runs takes a picture for; if none is said, each label has its own threshold."""
    assumed = thresholds(studio, project, version)
    least = assumed if asked.min_confidence is None else dict.fromkeys(assumed, asked.min_confidence)
    image = studio.pictures.read(asked.image)
    folder = studio.projects.version(project.name, version) / "models" / HEAD / "1"
    try:
        head = load_head(folder, studio.room.similarity.backbone, (LABEL,))
    except ModelError as error:
        raise RequestError(NOT_READY, str(error)) from None
    boxes = [each.box for each in studio.look.living(image) if each.label != PERSON] or [WHOLE]
    return _judged(studio, image, head, boxes, least, asked.max_results)


def _judged(
    studio: Studio,
    image: Pixels,
    head: LogisticHead,
    boxes: Sequence[Box],
    least: Mapping[str, float],
    most: int,
) -> Json:
    """What a head says of each box, if it is as sure as its label needs, the surest first."""
    labels: list[Json] = [
        {
            "Name": name,
            "Confidence": round(100 * score, 4),
            **({} if box is WHOLE else {"Geometry": {"BoundingBox": bounding_box(box)}}),
        }
        for box in boxes
        for name, score in head.judge(studio.look.embedder.embed(crop(image, box))).scores.items()
        if 100 * score >= least[name]
    ]
    labels.sort(key=lambda label: -label["Confidence"])
    return {"CustomLabels": labels[:most]}


def _taught(studio: Studio) -> Iterator[Taught]:
    """Every version of every head, the owner's own first; one with a damaged card has no name."""
    seen = set[str]()
    for folder in shipped.models(studio.state):
        try:
            card = load_card(folder)
        except ModelError:
            continue
        version = Taught(folder, card)
        if card.task in TASKS and version.arn not in seen:
            seen.add(version.arn)
            yield version


def _is_named(version: Taught, names: tuple[str, ...] | None) -> bool:
    return names is None or version.card.name in names


def _head(studio: Studio, version: Taught) -> LogisticHead:
    return load_head(version.folder, studio.room.similarity.backbone)


def _described(studio: Studio, version: Taught) -> Json:
    about: Json = {"ProjectVersionArn": version.arn, "Feature": "CUSTOM_LABELS"}
    if version.card.backbone is not None:
        about["BaseModelVersion"] = version.card.backbone.name
    try:
        _head(studio, version)
    except ModelError as error:
        return {**about, "Status": "FAILED", "StatusMessage": str(error)}
    return {**about, "Status": "RUNNING", "StatusMessage": f"{version.card.origin}; needs no start"}
