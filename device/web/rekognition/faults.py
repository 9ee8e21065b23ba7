"""Errors as the AWS SDK expects them, so that it raises the class that belongs to each."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from uuid import uuid4

from fastapi.responses import JSONResponse

MEDIA_TYPE = "application/x-amz-json-1.1"

INVALID_PARAMETER = "InvalidParameterException"
INVALID_IMAGE = "InvalidImageFormatException"
INVALID_S3_OBJECT = "InvalidS3ObjectException"
IMAGE_TOO_LARGE = "ImageTooLargeException"
VIDEO_TOO_LARGE = "VideoTooLargeException"
IDEMPOTENT_MISMATCH = "IdempotentParameterMismatchException"
LIMIT = "LimitExceededException"
IN_USE = "ResourceInUseException"
NOT_READY = "ResourceNotReadyException"
NOT_FOUND = "ResourceNotFoundException"
EXISTS = "ResourceAlreadyExistsException"
ACCESS_DENIED = "AccessDeniedException"
THROTTLED = "ThrottlingException"
QUOTA = "ServiceQuotaExceededException"
INVALID_TOKEN = "InvalidPaginationTokenException"
INTERNAL = "InternalServerError"
MALFORMED = "SerializationException"
UNKNOWN_OPERATION = "UnknownOperationException"
NO_SIGNATURE = "MissingAuthenticationTokenException"
HALF_SIGNATURE = "IncompleteSignatureException"
WRONG_SIGNATURE = "InvalidSignatureException"
UNKNOWN_KEY = "UnrecognizedClientException"
"""Codes of Rekognition's API reference, and of the errors common to AWS services."""


class RequestError(Exception):
    """A request that is not answered: its code, and why."""

    def __init__(
        self, code: str, message: str, status: int = HTTPStatus.BAD_REQUEST, retry_s: float | None = None
    ) -> None:
        """`retry_s`: after how many seconds the SDK shall try again, if it may."""
        super().__init__(message)
        self.code, self.message, self.status, self.retry_s = code, message, status, retry_s


class AwsResponse(JSONResponse):
    """An answer in AWS JSON 1.1."""

    media_type = MEDIA_TYPE

    def __init__(
        self, content: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(content, status, {"x-amzn-RequestId": str(uuid4()), **(headers or {})})


def refusal(fault: RequestError) -> AwsResponse:
    """The answer that lets the SDK raise the class of the fault's code."""
    headers = {"x-amzn-ErrorType": fault.code}
    if fault.retry_s is not None:
        headers["x-amz-retry-after"] = str(round(1000 * fault.retry_s))
    document = {"__type": fault.code, "Code": fault.code, "Message": fault.message}
    return AwsResponse(document, fault.status, headers)
