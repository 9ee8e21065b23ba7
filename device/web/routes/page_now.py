"""The page `now`: what happens at the door, and three large buttons."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from device.messages import Mode
from device.web.permission import Reader
from device.web.rendering import render

router = APIRouter(include_in_schema=False)


@router.get("/")
def now(request: Request, caller: Reader) -> Response:
    """What happens at the door now."""
    return render(request, "now", caller, modes=list(Mode))
