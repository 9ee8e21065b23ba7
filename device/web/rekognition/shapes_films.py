"""What the operations on stored films may be asked; read strictly, see shapes."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from device.web.rekognition.shapes import READ, LabelSettings, Percent, S3Object

JobId = Annotated[str, Field(pattern=r"^[a-zA-Z0-9\-_]{1,64}$")]
JobTag = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.\-:+=/]{1,1024}$")]


@dataclass(frozen=True, config=READ)
class Video:
    """A film in the configured folder."""

    s3_object: S3Object


@dataclass(frozen=True, config=READ)
class Channel:
    """Where Amazon would announce the end of a job; here MQTT does, whatever is named."""

    s_n_s_topic_arn: Annotated[str, Field(max_length=2048, alias="SNSTopicArn")]
    role_arn: Annotated[str, Field(max_length=2048)]


@dataclass(frozen=True, config=READ)
class StartPersonTracking:
    """Follow the animals of a film."""

    video: Video
    client_request_token: JobId | None = None
    notification_channel: Channel | None = None
    job_tag: JobTag | None = None


@dataclass(frozen=True, config=READ)
class StartLabelDetection(StartPersonTracking):
    """Say what a film shows."""

    min_confidence: Percent = 50.0
    features: Annotated[tuple[Literal["GENERAL_LABELS"], ...], Field(max_length=1)] = ()
    settings: LabelSettings = field(default_factory=LabelSettings)


@dataclass(frozen=True, config=READ)
class GetPersonTracking:
    """What came of following."""

    job_id: JobId
    max_results: Annotated[int, Field(ge=1)] = 1000
    next_token: Annotated[str, Field(max_length=255)] | None = None
    sort_by: Literal["INDEX", "TIMESTAMP"] = "TIMESTAMP"


@dataclass(frozen=True, config=READ)
class GetLabelDetection:
    """What came of looking."""

    job_id: JobId
    max_results: Annotated[int, Field(ge=1)] = 1000
    next_token: Annotated[str, Field(max_length=255)] | None = None
    sort_by: Literal["NAME", "TIMESTAMP"] = "TIMESTAMP"
    aggregate_by: Literal["TIMESTAMPS", "SEGMENTS"] = "TIMESTAMPS"
