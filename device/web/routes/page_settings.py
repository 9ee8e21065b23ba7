"""The page `settings`: the project file as a form, who may enter, and what the bolt obeys."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from device.messages import Mode
from device.web.caller import Scope
from device.web.permission import Administrator
from device.web.rendering import render

router = APIRouter(include_in_schema=False)

SCOPE = Scope.ADMIN


@router.get("/settings")
def settings(request: Request, caller: Administrator) -> Response:
    """The settings."""
    return render(request, "settings", caller, modes=list(Mode), scopes=list(Scope))
