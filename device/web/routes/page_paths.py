"""The page `paths`: where animals walk and wait, when they come, and which way."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from device.decide.subject import STRANGER
from device.web.dependencies import Served
from device.web.permission import Reader
from device.web.rendering import render

router = APIRouter(include_in_schema=False)


@router.get("/paths")
def paths(request: Request, served: Served, caller: Reader) -> Response:
    """Heat map over the picture, counts by hour and weekday, the balance of directions."""
    animals = [*(animal.name for animal in served.project.policy.animals), STRANGER]
    return render(request, "paths", caller, animals=animals)
