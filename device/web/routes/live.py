"""The live picture: one frame, or five a second for at most three viewers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from device.messages import Box
from device.see import framing
from device.web.dependencies import Now, Served
from device.web.doorman import still_known
from device.web.live import LivePicture, LiveStream
from device.web.permission import READS, only
from device.web.problems import MEDIA_TYPE, Problem

router = APIRouter(prefix="/api/v1/live", tags=["live"], dependencies=only(READS))

DARK, BRIGHT = 0.12, 0.88
"""Mean brightness beyond which animals are hard to make out, though the evidence takes a little more."""
BLURRED = 12.0
"""Sharpness below which a lens is most likely out of focus."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What the camera makes of the place where animals shall appear."""

    sharpness: float
    """Variance of the Laplacian at full resolution: compare it while you turn the lens."""
    brightness: float
    sharp: bool
    light: Literal["dark", "good", "bright"]
    age_s: float
    """Of the frame."""


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


@router.get("/quality")
def quality(served: Served, moment: Now) -> Quality:
    """How sharp and bright the newest frame is within the zone, for whoever aims the camera."""
    if moment.seen is None:
        raise Problem(503, "the camera has not given a picture yet", {"Retry-After": "1"})
    frame = moment.seen.frame
    wanted = served.project.section("view")
    measured = framing.judge(frame.image, Box(*wanted.zone))
    age = max(served.clock.now() - frame.time, 0.0)
    sharp = measured.sharpness >= BLURRED
    return Quality(measured.sharpness, measured.brightness, sharp, _light(measured.brightness), age)


def _light(brightness: float) -> Literal["dark", "good", "bright"]:
    if brightness < DARK:
        return "dark"
    return "bright" if brightness > BRIGHT else "good"


def _picture(request: Request) -> LivePicture:
    found: LivePicture = request.app.state.live
    return found
