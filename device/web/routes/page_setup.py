"""The page `setup`: the first start, step by step, which can be left and gone on with."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from device.web.permission import Administrator
from device.web.rendering import render
from device.web.setting_up import Step

router = APIRouter(include_in_schema=False)


@router.get("/setup")
def setup(request: Request, caller: Administrator) -> Response:
    """The first start."""
    return render(request, "setup", caller, steps=list(Step))
