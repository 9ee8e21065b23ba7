"""The first start: how far it is, and what its owner confirms."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request

from device.web.dependencies import Served
from device.web.permission import ADMINISTERS, only
from device.web.problems import Problem
from device.web.setting_up import CONFIRMED, Standing, Step, confirm, standing

router = APIRouter(prefix="/api/v1/setup", tags=["setup"], dependencies=only(ADMINISTERS))


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Whether the owner says that a step is done."""

    done: bool


@router.get("")
def read(request: Request, served: Served) -> Standing:
    """How far the device has been set up, and what is missing before the bolt should obey."""
    return standing(served, request.app.state.access)


@router.put("/{step}")
def say(request: Request, served: Served, step: Step, wanted: Confirmed) -> Standing:
    """Confirm what only a person can see or hear: the aim, the zone, the bolt."""
    if step not in CONFIRMED:
        raise Problem(422, f"{step} is seen by itself; confirm one of {', '.join(CONFIRMED)}")
    confirm(served.folder, step, wanted.done)
    return standing(served, request.app.state.access)
