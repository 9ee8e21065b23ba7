"""Errors as problem documents (RFC 9457): what is wrong, in words that name the fix, and never a trace."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from device.errors import ConfigError, DatasetError, LatchlensError
from device.web.headers import HEADERS

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "what"],
                "properties": {"where": {"type": "string"}, "what": {"type": "string"}},
            },
        },
    },
}


class Problem(HTTPException):
    """A request that cannot be answered, and why."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers=dict(headers or {}))


class ProblemResponse(JSONResponse):
    """The answer to such a request."""

    media_type = MEDIA_TYPE


def problem(
    status: int,
    detail: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """A problem document; `errors` name each place (`where`) and its fault (`what`)."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        document["errors"] = list(errors)
    return ProblemResponse(document, status, dict(headers or {}))


def answer_problems(app: FastAPI) -> None:
    """Let `app` answer every error as a problem document."""

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> ProblemResponse:
        errors = [{"where": ".".join(map(str, each["loc"])), "what": each["msg"]} for each in error.errors()]
        return problem(422, f"{errors[0]['where']}: {errors[0]['what']}", errors)

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> ProblemResponse:
        return problem(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(ConfigError)
    @app.exception_handler(DatasetError)
    async def unfit(_: Request, error: LatchlensError) -> ProblemResponse:
        return problem(422, str(error))

    @app.exception_handler(LatchlensError)
    async def unable(_: Request, error: LatchlensError) -> ProblemResponse:
        log.warning("%s", error)
        return problem(503, str(error))

    @app.exception_handler(Exception)
    async def failed(_: Request, error: Exception) -> ProblemResponse:
        """Starlette answers this outside all middleware, then raises the error for whoever logs it."""
        del error
        return problem(500, "Latchlens made a mistake; the log of the device says which.", headers=HEADERS)
