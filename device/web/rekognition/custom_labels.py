"""Heads, asked by the AWS SDK as Custom Labels: a head is a project, with the versions that it has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device import shipped
from device.errors import ModelError
from device.labels import bounding_box
from device.see.card import Card, load_card
from device.see.crops import crop
from device.see.head import TASKS, LogisticHead, load_head
from device.see.species import PERSON
from device.web.rekognition.faults import INVALID_TOKEN, NOT_FOUND, NOT_READY, RequestError
from device.web.rekognition.shapes import DescribeProjects, DescribeProjectVersions, DetectCustomLabels
from device.web.rekognition.studio import Studio

Json = dict[str, Any]

PROJECT = "arn:latchlens:rekognition:home:000000000000:project"
"""In the form of Amazon's, of a partition of its own; there are no accounts."""


@dataclass(frozen=True, slots=True)
class Taught:
    """One version of a head."""

    folder: Path
    card: Card

    @property
    def project(self) -> str:
        return f"{PROJECT}/{self.card.name}/1"

    @property
    def arn(self) -> str:
        return f"{PROJECT}/{self.card.name}/version/{self.card.version}/1"


def describe_projects(studio: Studio, asked: DescribeProjects) -> Json:
    """The heads that there are."""
    arns = dict.fromkeys(each.project for each in _taught(studio) if _is_named(each, asked.project_names))
    found, token = _page(list(arns), asked.next_token, asked.max_results)
    described = [{"ProjectArn": arn, "Status": "CREATED", "Feature": "CUSTOM_LABELS"} for arn in found]
    return {"ProjectDescriptions": described, **token}


def describe_versions(studio: Studio, asked: DescribeProjectVersions) -> Json:
    """The versions of a head, and whether each can be asked."""
    versions = {each.arn: each for each in _taught(studio) if each.project == asked.project_arn}
    if not versions:
        raise RequestError(NOT_FOUND, f"there is no project {asked.project_arn[:200]}")
    wanted = [
        arn
        for arn, each in versions.items()
        if asked.version_names is None or each.card.version in asked.version_names
    ]
    found, token = _page(wanted, asked.next_token, asked.max_results)
    return {"ProjectVersionDescriptions": [_described(studio, versions[arn]) for arn in found], **token}


def detect(studio: Studio, asked: DetectCustomLabels) -> Json:
    """What one version of a head takes each animal of a picture for, the surest first."""
    version = next((each for each in _taught(studio) if each.arn == asked.project_version_arn), None)
    if version is None:
        raise RequestError(NOT_FOUND, f"there is no project version {asked.project_version_arn[:200]}")
    image = studio.pictures.read(asked.image)
    try:
        head = _head(studio, version)
    except ModelError as error:
        raise RequestError(NOT_READY, str(error)) from None
    labels: list[Json] = [
        {
            "Name": name,
            "Confidence": round(100 * score, 4),
            "Geometry": {"BoundingBox": bounding_box(animal.box)},
        }
        for animal in studio.look.living(image)
        if animal.label != PERSON
        for name, score in head.judge(studio.look.embedder.embed(crop(image, animal.box))).scores.items()
        if 100 * score >= asked.min_confidence
    ]
    labels.sort(key=lambda label: -label["Confidence"])
    return {"CustomLabels": labels[: asked.max_results]}


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


def _page(arns: list[str], token: str | None, most: int) -> tuple[list[str], Json]:
    """At most `most` after the one that `token` names, and the token for more where there are more."""
    if token is not None and token not in arns:
        raise RequestError(INVALID_TOKEN, "the token is not one that was given out; begin without one")
    rest = arns if token is None else arns[arns.index(token) + 1 :]
    found = rest[:most]
    return found, {"NextToken": found[-1]} if len(rest) > len(found) else {}
