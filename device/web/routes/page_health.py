"""The page `health`: how each part of the device is, since when, what that means and what to do."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from device.web.permission import Reader
from device.web.rendering import render

router = APIRouter(include_in_schema=False)


@router.get("/health")
def health(request: Request, caller: Reader) -> Response:
    """How the device itself does."""
    return render(request, "health", caller)
