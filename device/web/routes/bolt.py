"""The owner's trial of the bolt: it moves once under the guard's rules, and is told as it was sensed."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import APIRouter

from device.act.trial import Report
from device.messages import Mode
from device.web.appliance import Appliance, Trial
from device.web.dependencies import Served
from device.web.permission import ADMINISTERS, Administrator, only
from device.web.problems import MEDIA_TYPE, Problem

log = logging.getLogger(__name__)
router = APIRouter(prefix="/api/v1/bolt", tags=["commands"], dependencies=only(ADMINISTERS))

NOT_NOW: dict[int | str, dict[str, Any]] = {
    409: {"description": "The bolt cannot be tried now.", "content": {MEDIA_TYPE: {}}}
}


@router.post("/trial", status_code=202, responses=NOT_NOW)
def begin(served: Served, caller: Administrator) -> Report:
    """Send the bolt the other way for two seconds; coil limits, an open flap and panic come before it."""
    trial = _trial(served)
    if trial.report().running:
        raise Problem(409, "the bolt is being tried already")
    moment = served.latest.moment
    if moment is None:
        raise Problem(409, "the device has only just started; try again in some seconds")
    if moment.visits:
        raise Problem(409, "somebody is at the door; try the bolt when nobody is")
    if moment.observation.settings.mode is Mode.LOCKED:
        raise Problem(409, "the mode is locked; set another mode first")
    trial.begin()
    log.info("%s tries the bolt over the web", caller.name)
    return trial.report()


@router.get("/trial", responses=NOT_NOW)
def report(served: Served) -> Report:
    """What the bolt did in the latest trial, as it was sensed."""
    return _trial(served).report()


def _trial(served: Appliance) -> Trial:
    if served.trial is None:
        raise Problem(409, "this door is simulated: nobody could hear its bolt")
    return served.trial
