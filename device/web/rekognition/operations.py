"""Every operation that is answered: what it may be asked, who may ask, and what answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from device.web.caller import Scope
from device.web.rekognition import (
    collections,
    custom_labels,
    datasets,
    films,
    labels,
    people,
    searching,
    shapes,
    shapes_films,
    shapes_projects,
    versions,
)
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
    "DetectFaces": Operation(shapes.DetectFaces, people.detect),
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
    "StartLabelDetection": Operation(shapes_films.StartLabelDetection, films.start_labels, Scope.ACT),
    "GetLabelDetection": Operation(shapes_films.GetLabelDetection, films.get_labels),
    "StartPersonTracking": Operation(shapes_films.StartPersonTracking, films.start_paths, Scope.ACT),
    "GetPersonTracking": Operation(shapes_films.GetPersonTracking, films.get_paths),
    "CreateProject": Operation(shapes_projects.CreateProject, versions.create_project, Scope.ACT),
    "DeleteProject": Operation(shapes_projects.DeleteProject, versions.delete_project, Scope.ACT),
    "CreateDataset": Operation(shapes_projects.CreateDataset, datasets.create, Scope.ACT),
    "DescribeDataset": Operation(shapes_projects.OfDataset, datasets.describe),
    "ListDatasetEntries": Operation(shapes_projects.ListDatasetEntries, datasets.list_entries),
    "ListDatasetLabels": Operation(shapes_projects.ListDatasetLabels, datasets.list_labels),
    "UpdateDatasetEntries": Operation(shapes_projects.UpdateDatasetEntries, datasets.update, Scope.ACT),
    "DistributeDatasetEntries": Operation(
        shapes_projects.DistributeDatasetEntries, datasets.distribute, Scope.ACT
    ),
    "DeleteDataset": Operation(shapes_projects.OfDataset, datasets.delete, Scope.ACT),
    "CreateProjectVersion": Operation(shapes_projects.CreateProjectVersion, versions.create, Scope.ACT),
    "StartProjectVersion": Operation(shapes_projects.StartProjectVersion, versions.start, Scope.ACT),
    "StopProjectVersion": Operation(shapes_projects.OfVersion, versions.stop, Scope.ACT),
    "DeleteProjectVersion": Operation(shapes_projects.OfVersion, versions.delete, Scope.ACT),
}


def operation(target: str) -> Operation[Any]:
    """The operation that the header X-Amz-Target names; raises RequestError if it is not answered."""
    name = target.removeprefix(TARGET)
    if not target.startswith(TARGET) or name not in OPERATIONS:
        raise RequestError(
            UNKNOWN_OPERATION, f"{name[:100]} is not answered here; docs/rekognition.md says what is"
        )
    return OPERATIONS[name]
