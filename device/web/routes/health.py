"""Whether the device is up, and whether it does its work: for supervisors, without credentials."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response

from device.web.appliance import Appliance
from device.web.dependencies import Served

router = APIRouter(tags=["health"])

STALE_S = 5.0
"""A pass happens every second at least; a device without one for so long hangs."""


@dataclass(frozen=True, slots=True)
class Alive:
    status: str


@dataclass(frozen=True, slots=True)
class Ready:
    """Whether the door is watched, and by what if not."""

    ready: bool
    frame_age_s: float | None
    """Age of the newest frame, null if there was none."""
    camera: bool
    """A frame came in the last seconds and is not blind."""
    model: bool
    """Models are loaded."""
    guard: bool
    """The guard answered the latest pass."""


@router.get("/healthz")
def healthz() -> Alive:
    """The web answers."""
    return Alive("ok")


@router.get("/readyz", responses={503: {"model": Ready, "description": "The door is not watched."}})
def readyz(served: Served, response: Response) -> Ready:
    """The door is watched; 503 if it is not."""
    found = readiness(served)
    response.status_code = 200 if found.ready else 503
    return found


def readiness(served: Appliance) -> Ready:
    """Whether frames come, models are loaded and the guard answers."""
    moment, now = served.latest.moment, served.clock.now()
    if moment is None:
        return Ready(False, None, False, bool(served.models), False)
    age = None if moment.seen is None else max(now - moment.seen.frame.time, 0.0)
    camera = age is not None and age < STALE_S and moment.observation.blind is None
    guard = now - moment.observation.inputs.time < STALE_S
    model = bool(served.models)
    return Ready(camera and guard and model, age, camera, model, guard)
