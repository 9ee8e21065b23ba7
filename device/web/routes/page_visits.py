"""The page `visits`, a day at the door, and the page `visit`, the story of one of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from device.decide.subject import STRANGER
from device.learn.vocabulary import FIXED, SPECIES
from device.messages import Outcome, VisitKind
from device.web.dependencies import Served
from device.web.permission import Reader
from device.web.rendering import render
from device.web.routes.visits import found_visit

router = APIRouter(include_in_schema=False)


@router.get("/visits")
def visits(request: Request, served: Served, caller: Reader) -> Response:
    """Who came on one day, or whatever is looked for."""
    return render(
        request,
        "visits",
        caller,
        animals=[*(animal.name for animal in served.project.policy.animals), STRANGER],
        species=FIXED[SPECIES],
        outcomes=list(Outcome),
        kinds=list(VisitKind),
    )


@router.get("/visits/{id}")
def visit(
    request: Request,
    served: Served,
    caller: Reader,
    id: Annotated[str, Path(max_length=100)],  # noqa: A002 - the name of the parameter in the address
) -> Response:
    """What happened in one visit, and why."""
    found = found_visit(served, id)
    animals = [animal.name for animal in served.project.policy.animals]
    return render(request, "visit", caller, id=found.id, animals=animals)
