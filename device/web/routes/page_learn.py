"""The page `learn`: what to label, what is needed, teaching, what a head is worth, pictures in and out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from device.web.permission import Reader
from device.web.rendering import render

router = APIRouter(include_in_schema=False)


@router.get("/learn")
def learn(request: Request, caller: Reader) -> Response:
    """What the device learns from, and what it has learnt."""
    return render(request, "learn", caller)
