"""Starting the device again, so that a saved project file holds."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse

from device.web.dependencies import Served
from device.web.permission import Administrator
from device.web.problems import MEDIA_TYPE, Problem

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1", tags=["commands"])

NO: dict[int | str, dict[str, Any]] = {
    409: {"description": "Nothing would start it again, or not now.", "content": {MEDIA_TYPE: {}}}
}


@dataclass(frozen=True, slots=True)
class Restarting:
    """The bolt goes to rest, the device ends and starts again; sessions end with it."""

    restarting: bool


@router.post("/restart", status_code=202, response_model=Restarting, responses=NO)
def restart(served: Served, caller: Administrator) -> JSONResponse:
    """Start the device again: the bolt rests meanwhile, and whoever is logged in logs in again."""
    if served.restart is None:
        raise Problem(409, "a simulation is not started again from the page; end it and begin another one")
    if why := served.no_restart():
        raise Problem(409, f"{why}; start again when its ten minutes are over")
    log.warning("%s starts the device again over the web", caller.name)
    return JSONResponse({"restarting": True}, 202, background=BackgroundTask(served.restart))
