"""What each operation may be asked, read strictly: whatever is not understood is refused, not passed over.

Names, limits and defaults are those of Amazon Rekognition's API reference.
"""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_pascal
from pydantic.dataclasses import dataclass

from device.web.rekognition.faults import INVALID_PARAMETER, MALFORMED, RequestError

READ = ConfigDict(alias_generator=to_pascal, strict=True, extra="forbid")

Percent = Annotated[float, Field(ge=0, le=100)]
CollectionName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.\-]{1,200}$")]
"""Shorter than Amazon's 255: it is the name of a file, too."""
AnimalName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.\-:]{1,255}$")]
FaceId = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
FaceIds = Annotated[tuple[FaceId, ...], Field(min_length=1, max_length=4096)]
Most = Annotated[int, Field(ge=0, le=4096)]
MostFaces = Annotated[int, Field(ge=1, le=4096)]
Token = Annotated[str, Field(max_length=255)]
Names = Annotated[tuple[str, ...], Field(max_length=100)]
LabelFeature = Literal["GENERAL_LABELS", "IMAGE_PROPERTIES"]
Quality = Literal["NONE", "AUTO", "LOW", "MEDIUM", "HIGH"]


@dataclass(frozen=True, config=READ)
class S3Object:
    """A picture in the configured folder."""

    bucket: Annotated[str, Field(pattern=r"^[0-9A-Za-z._\-]{3,255}$")]
    name: Annotated[str, Field(min_length=1, max_length=1024)]


@dataclass(frozen=True, config=READ)
class Image:
    """A picture, in the request or by its name."""

    bytes: Annotated[str | None, Field(min_length=1)] = None
    """In base64."""
    s3_object: S3Object | None = None


@dataclass(frozen=True, config=READ)
class GeneralLabels:
    """Which labels are wanted."""

    label_inclusion_filters: Names = ()
    label_exclusion_filters: Names = ()
    label_category_inclusion_filters: Names = ()
    label_category_exclusion_filters: Names = ()


@dataclass(frozen=True, config=READ)
class LabelSettings:
    """The Settings of StartLabelDetection."""

    general_labels: GeneralLabels = field(default_factory=GeneralLabels)


@dataclass(frozen=True, config=READ)
class ImagePropertiesSettings:
    """How many colours are wanted."""

    max_dominant_colors: Annotated[int, Field(ge=0, le=12)] = 10


@dataclass(frozen=True, config=READ)
class DetectLabelsSettings(LabelSettings):
    """The Settings of DetectLabels."""

    image_properties: ImagePropertiesSettings = field(default_factory=ImagePropertiesSettings)


@dataclass(frozen=True, config=READ)
class DetectLabels:
    """What a picture shows."""

    image: Image
    max_labels: Annotated[int, Field(ge=0)] = 1000
    min_confidence: Percent = 55.0
    features: Annotated[tuple[LabelFeature, ...], Field(min_length=1, max_length=2)] = ("GENERAL_LABELS",)
    settings: DetectLabelsSettings = field(default_factory=DetectLabelsSettings)


@dataclass(frozen=True, config=READ)
class DetectFaces:
    """Where the faces of a picture are."""

    image: Image
    attributes: Annotated[tuple[Literal["DEFAULT"], ...], Field(min_length=1, max_length=1)] = ("DEFAULT",)


@dataclass(frozen=True, config=READ)
class OfCollection:
    """CreateCollection, DescribeCollection, DeleteCollection."""

    collection_id: CollectionName


@dataclass(frozen=True, config=READ)
class ListCollections:
    """Which collections there are."""

    next_token: Token | None = None
    max_results: Most = 1000


@dataclass(frozen=True, config=READ)
class IndexFaces:
    """Add the animals of a picture to a collection."""

    collection_id: CollectionName
    image: Image
    external_image_id: AnimalName
    detection_attributes: tuple[Literal["DEFAULT"], ...] = ()
    max_faces: Annotated[int, Field(ge=1)] = 100
    quality_filter: Quality = "AUTO"


@dataclass(frozen=True, config=READ)
class ListFaces:
    """What a collection holds."""

    collection_id: CollectionName
    next_token: Token | None = None
    max_results: Most = 1000
    face_ids: FaceIds | None = None


@dataclass(frozen=True, config=READ)
class DeleteFaces:
    """Take pictures out of a collection."""

    collection_id: CollectionName
    face_ids: FaceIds


@dataclass(frozen=True, config=READ)
class SearchFaces:
    """Which pictures of a collection are like one of them."""

    collection_id: CollectionName
    face_id: FaceId
    max_faces: MostFaces = 80
    face_match_threshold: Percent = 80.0


@dataclass(frozen=True, config=READ)
class SearchFacesByImage:
    """Which pictures of a collection are like the largest animal of another picture."""

    collection_id: CollectionName
    image: Image
    max_faces: MostFaces = 80
    face_match_threshold: Percent = 80.0
    quality_filter: Quality = "NONE"


@dataclass(frozen=True, config=READ)
class CompareFaces:
    """Whether the animals of one picture are like the largest of another."""

    source_image: Image
    target_image: Image
    similarity_threshold: Percent = 80.0
    quality_filter: Quality = "NONE"


@dataclass(frozen=True, config=READ)
class DescribeProjects:
    """Which heads there are."""

    next_token: Annotated[str, Field(max_length=1024)] | None = None
    max_results: Annotated[int, Field(ge=1, le=100)] = 100
    project_names: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)] | None = None
    features: Annotated[tuple[Literal["CUSTOM_LABELS"], ...], Field(min_length=1, max_length=2)] = (
        "CUSTOM_LABELS",
    )


@dataclass(frozen=True, config=READ)
class DescribeProjectVersions:
    """Which versions of a head there are."""

    project_arn: Annotated[str, Field(min_length=20, max_length=2048)]
    version_names: Annotated[tuple[str, ...], Field(min_length=1, max_length=10)] | None = None
    next_token: Annotated[str, Field(max_length=1024)] | None = None
    max_results: Annotated[int, Field(ge=1, le=100)] = 100


@dataclass(frozen=True, config=READ)
class DetectCustomLabels:
    """What a head takes the animals of a picture for."""

    project_version_arn: Annotated[str, Field(min_length=20, max_length=2048)]
    image: Image
    max_results: Annotated[int, Field(ge=0)] = 1000
    min_confidence: Percent | None = None
    """None: each label's own threshold, of projects that were made here; else 50."""


T = TypeVar("T")


def read(shape: type[T], body: bytes) -> T:
    """The request of a `shape` that the JSON in `body` makes.

    Raises:
        RequestError: it is no JSON, or a value does not fit; the message names it.
    """
    try:
        return TypeAdapter(shape).validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        code = MALFORMED if first["type"] == "json_invalid" else INVALID_PARAMETER
        where = ".".join(map(str, first["loc"]))[:100]
        raise RequestError(code, f"{where}: {first['msg'][:200]}" if where else first["msg"][:200]) from None
