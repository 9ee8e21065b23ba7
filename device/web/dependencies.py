"""What routes ask for: the device that is served, and its latest pass."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from device.web.appliance import Appliance
from device.web.latest import Moment
from device.web.problems import Problem
from device.web.writing import Writing


def appliance_of(request: Request) -> Appliance:
    """The device that the application serves."""
    found: Appliance = request.app.state.appliance
    return found


def moment_of(request: Request) -> Moment:
    """The latest pass of the loop.

    Raises:
        Problem: there was none yet.
    """
    moment = appliance_of(request).latest.moment
    if moment is None:
        raise Problem(503, "the device has only just started and has not looked yet", {"Retry-After": "1"})
    return moment


def writing_of(request: Request) -> Writing:
    """What writes labels for the application."""
    found: Writing = request.app.state.writing
    return found


Served = Annotated[Appliance, Depends(appliance_of)]
Now = Annotated[Moment, Depends(moment_of)]
Written = Annotated[Writing, Depends(writing_of)]
