"""The live picture: one frame, or five a second for at most three viewers."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from device.web.doorman import still_known
from device.web.live import LivePicture, LiveStream
from device.web.permission import READS, only
from device.web.problems import MEDIA_TYPE, Problem

router = APIRouter(prefix="/api/v1/live", tags=["live"], dependencies=only(READS))

NONE_YET: dict[int | str, dict[str, Any]] = {
    503: {"description": "No picture yet, or too many viewers.", "content": {MEDIA_TYPE: {}}}
}


@router.get("/frame", response_class=Response, responses={**NONE_YET, 200: {"content": {"image/jpeg": {}}}})
def frame(request: Request) -> Response:
    """The newest frame as JPEG, with persons made unrecognisable."""
    jpeg = _picture(request).jpeg()
    if jpeg is None:
        raise Problem(503, "the camera has not given a picture yet", {"Retry-After": "1"})
    return Response(jpeg, media_type="image/jpeg")


@router.get(
    "/stream",
    response_class=Response,
    responses={**NONE_YET, 200: {"content": {"multipart/x-mixed-replace": {}}}},
)
def stream(request: Request) -> Response:
    """Five frames a second as Motion JPEG, for an `<img>`; it ends after an hour, or with the session."""
    return LiveStream(_picture(request), lambda: still_known(request.scope))


def _picture(request: Request) -> LivePicture:
    found: LivePicture = request.app.state.live
    return found
