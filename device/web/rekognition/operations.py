"""Every operation that is answered: what it may be asked, who may ask, and what answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from device.web.caller import Scope
from device.web.rekognition import collections, custom_labels, labels, searching, shapes
from device.web.rekognition.faults import UNKNOWN_OPERATION, RequestError
from device.web.rekognition.studio import Studio

T = TypeVar("T")
TARGET = "RekognitionService."


@dataclass(frozen=True, slots=True)
class Operation(Generic[T]):
    """One operation."""

    shape: type[T]
    answer: Callable[[Studio, T], dict[str, Any]]
    scope: Scope = Scope.READ
    """What its caller must be allowed: to look, or to change collections."""

    def __call__(self, studio: Studio, body: bytes) -> dict[str, Any]:
        """The answer to the request in `body`; raises RequestError if it does not make sense."""
        return self.answer(studio, shapes.read(self.shape, body))


OPERATIONS: Mapping[str, Operation[Any]] = {
    "DetectLabels": Operation(shapes.DetectLabels, labels.labels_of),
    "DetectCustomLabels": Operation(shapes.DetectCustomLabels, custom_labels.detect),
    "DescribeProjects": Operation(shapes.DescribeProjects, custom_labels.describe_projects),
    "DescribeProjectVersions": Operation(shapes.DescribeProjectVersions, custom_labels.describe_versions),
    "CreateCollection": Operation(shapes.OfCollection, collections.create, Scope.ACT),
    "DescribeCollection": Operation(shapes.OfCollection, collections.describe),
    "ListCollections": Operation(shapes.ListCollections, collections.list_all),
    "DeleteCollection": Operation(shapes.OfCollection, collections.delete, Scope.ACT),
    "IndexFaces": Operation(shapes.IndexFaces, collections.index, Scope.ACT),
    "ListFaces": Operation(shapes.ListFaces, collections.list_faces),
    "DeleteFaces": Operation(shapes.DeleteFaces, collections.delete_faces, Scope.ACT),
    "SearchFaces": Operation(shapes.SearchFaces, searching.search),
    "SearchFacesByImage": Operation(shapes.SearchFacesByImage, searching.search_by_image),
    "CompareFaces": Operation(shapes.CompareFaces, searching.compare),
}


def operation(target: str) -> Operation[Any]:
    """The operation that the header X-Amz-Target names; raises RequestError if it is not answered."""
    name = target.removeprefix(TARGET)
    if not target.startswith(TARGET) or name not in OPERATIONS:
        raise RequestError(
            UNKNOWN_OPERATION, f"{name[:100]} is not answered here; docs/rekognition.md says what is"
        )
    return OPERATIONS[name]
