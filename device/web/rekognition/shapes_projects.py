"""What the operations on projects, their datasets and versions may be asked; read strictly, see shapes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from device.web.rekognition.shapes import READ, S3Object

Name = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_\-][a-zA-Z0-9_.\-]{0,99}$")]
"""Shorter than Amazon's 255 and no dot first: it is the name of a folder, too."""
Arn = Annotated[str, Field(min_length=20, max_length=2048)]
Token = Annotated[str, Field(max_length=1024)]
Most = Annotated[int, Field(ge=1, le=100)]
Set = Literal["TRAIN", "TEST"]


@dataclass(frozen=True, config=READ)
class CreateProject:
    """Begin a project."""

    project_name: Name
    feature: Literal["CUSTOM_LABELS"] = "CUSTOM_LABELS"
    auto_update: Literal["DISABLED"] | None = None


@dataclass(frozen=True, config=READ)
class DeleteProject:
    """End a project that has no versions any more."""

    project_arn: Arn


@dataclass(frozen=True, config=READ)
class Manifest:
    """A manifest in the configured folder."""

    s3_object: S3Object


@dataclass(frozen=True, config=READ)
class DatasetSource:
    """What a dataset is made of."""

    ground_truth_manifest: Manifest | None = None
    dataset_arn: Arn | None = None


@dataclass(frozen=True, config=READ)
class CreateDataset:
    """Begin a dataset of a project."""

    dataset_type: Set
    project_arn: Arn
    dataset_source: DatasetSource | None = None


@dataclass(frozen=True, config=READ)
class OfDataset:
    """Something about one dataset."""

    dataset_arn: Arn


@dataclass(frozen=True, config=READ)
class ListDatasetEntries(OfDataset):
    """Which pictures a dataset has."""

    contains_labels: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)] | None = None
    labeled: bool | None = None
    source_ref_contains: Annotated[str, Field(min_length=1, max_length=2048)] | None = None
    has_errors: bool | None = None
    next_token: Token | None = None
    max_results: Most = 100


@dataclass(frozen=True, config=READ)
class ListDatasetLabels(OfDataset):
    """Which labels a dataset has."""

    next_token: Token | None = None
    max_results: Most = 100


@dataclass(frozen=True, config=READ)
class Changes:
    """Lines of a manifest."""

    ground_truth: Annotated[str, Field(min_length=1, max_length=7_000_000)]
    """In base64."""


@dataclass(frozen=True, config=READ)
class UpdateDatasetEntries(OfDataset):
    """Add pictures to a dataset, or say other labels of those that it has."""

    changes: Changes


@dataclass(frozen=True, config=READ)
class DistributedDataset:
    """One of both."""

    arn: Arn


@dataclass(frozen=True, config=READ)
class DistributeDatasetEntries:
    """Move a fifth of what trains to what tests."""

    datasets: Annotated[tuple[DistributedDataset, ...], Field(min_length=2, max_length=2)]


@dataclass(frozen=True, config=READ)
class OutputConfig:
    """Where the summary of an evaluation is written in the configured folder."""

    s3_bucket: Annotated[str, Field(pattern=r"^[0-9A-Za-z._\-]{3,255}$", alias="S3Bucket")]
    s3_key_prefix: Annotated[str, Field(max_length=1024, alias="S3KeyPrefix")] = ""


@dataclass(frozen=True, config=READ)
class CreateProjectVersion:
    """Teach a head from the datasets of a project."""

    project_arn: Arn
    version_name: Name
    output_config: OutputConfig
    version_description: Annotated[str, Field(min_length=1, max_length=255)] | None = None


@dataclass(frozen=True, config=READ)
class OfVersion:
    """Something about one version."""

    project_version_arn: Arn


@dataclass(frozen=True, config=READ)
class StartProjectVersion(OfVersion):
    """Let a version be asked."""

    min_inference_units: Annotated[int, Field(ge=1)]
    max_inference_units: Annotated[int, Field(ge=1)] | None = None
