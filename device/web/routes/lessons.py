"""Teaching a head over the web, and long work as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from device.learn.thresholds import PATIENCE, Goal
from device.lessons import Taught, Wanted, rehearsal, rehearse, teach
from device.web.dependencies import Served
from device.web.errands import Errand, Errands
from device.web.permission import READS, Administrator, only
from device.web.problems import MEDIA_TYPE

router = APIRouter(prefix="/api/v1/learning", tags=["learning"], dependencies=only(READS))

BUSY: dict[int | str, dict[str, Any]] = {
    409: {
        "description": "Other work is under way, or it does not fit how things stand.",
        "content": {MEDIA_TYPE: {}},
    }
}
Share = Annotated[float, Field(ge=0.001, le=0.5)]


@dataclass(frozen=True, slots=True)
class LessonWanted:
    """What shall be learnt."""

    task: Literal["prey", "who"]
    keep: bool = True
    """False only says what a head taught now would be worth."""
    activate: bool = False
    """Use it at once, even if another head is in use; else it is tried beside that first."""
    alpha: Share = 0.10
    """The most of bad attempts that may get in."""
    delta: Share = 0.05
    """The probability that the promise may be broken."""
    patience: Share = PATIENCE
    """How many clean visits may be kept out while nothing can be promised."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The work that is under way, or the last that was; null since the start there was none."""

    errand: Errand | None


def errands_of(request: Request) -> Errands:
    """The one place where long work of the application is done."""
    found: Errands = request.app.state.errands
    return found


@router.post("/lessons", status_code=202, responses=BUSY)
def learn(request: Request, served: Served, caller: Administrator, wanted: LessonWanted) -> Errand:
    """Teach a head, in a process of its own at the lowest priority; `/learning/errand` tells how it goes."""
    errands, project = errands_of(request), served.project
    goal = Goal(wanted.alpha, wanted.delta, wanted.patience)
    given = (project.text, project.name, served.folder, Wanted(wanted.task, goal))
    errand = errands.claim("train" if wanted.keep else "rehearse", wanted.task, caller.name)
    if wanted.keep:
        errands.begin(errand, _taught, teach, *given, wanted.activate, served.clock.wall())
    else:
        title = rehearsal(wanted.task)
        errands.begin(errand, lambda _: {"evaluation": title}, rehearse, *given)
    return errand


@router.get("/errand")
def errand(request: Request) -> Latest:
    """How the work goes that is under way, or what came of the last."""
    return Latest(errands_of(request).latest)


@router.post("/errand/stop")
def stop(request: Request, caller: Administrator) -> Latest:
    """End the work that is under way; nothing it began is kept."""
    return Latest(errands_of(request).stop(caller.name))


def _taught(found: Taught) -> dict[str, Any]:
    name, _, version = found.title.partition("/")
    return {"name": name, "version": version, "in_use": found.in_use, "instead_of": found.instead_of}
