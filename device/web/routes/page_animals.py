"""The page `animals`: the household with its rules and journals, unknown visitors, galleries."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from device.web.permission import Reader
from device.web.rendering import render

router = APIRouter(include_in_schema=False)


@router.get("/animals")
def animals(request: Request, caller: Reader) -> Response:
    """Who lives here, who comes, and what holds for each."""
    return render(request, "animals", caller)
