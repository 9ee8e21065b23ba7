"""How each part of the device is, its figures over the day, its log, and a file for whoever helps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from device.messages import Fault
from device.tell.day import Row
from device.tell.health import Condition, State
from device.tell.journal import latchlens_version
from device.web.dependencies import Served
from device.web.masking import masked, secrets_of
from device.web.permission import ADMINISTERS, READS, only
from device.web.routes.health import readiness
from device.web.support import support_file

router = APIRouter(prefix="/api/v1", tags=["health"])


@dataclass(frozen=True, slots=True)
class Part:
    """How one part is."""

    part: str
    state: State
    text: str
    fix: str
    """What the owner can do, empty if nothing need be done."""
    since_s: float | None
    """For how many seconds it has been so, null if that is not known."""
    fault: Fault | None
    """The name in `[faults]`, while it is one."""


@dataclass(frozen=True, slots=True)
class Parts:
    """How all parts are, the worst first."""

    problem: bool
    frame_age_s: float | None
    """Age of the newest frame, null if there was none."""
    version: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The last day."""

    minutes: int
    """How many are put together in a row."""
    rows: tuple[Row, ...]


@router.get("/health", dependencies=only(READS))
def parts(served: Served) -> Parts:
    """How each part of the device is, since when, and what to do."""
    now = served.clock.now()
    return Parts(
        problem=served.health.problem,
        frame_age_s=readiness(served).frame_age_s,
        version=latchlens_version(),
        parts=tuple(_part(each, now) for each in served.health.report()),
    )


@router.get("/health/day", dependencies=only(READS))
def day(served: Served, minutes: Annotated[int, Query(ge=1, le=60)] = 5) -> Figures:
    """Frame rate, latency, memory and temperature over the last day, means of so many minutes."""
    rows = served.day.rows(minutes) if served.day else []
    return Figures(minutes, tuple(rows))


@router.get(
    "/log",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
    dependencies=only(ADMINISTERS),
)
def log(served: Served) -> Response:
    """The last lines of the log since the start, without secrets."""
    text = served.lines.text() if served.lines else ""
    return _download(masked(text, secrets_of(served.project)).encode(), "text/plain", "latchlens.log")


@router.get(
    "/support",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}}}},
    dependencies=only(ADMINISTERS),
)
def support(served: Served) -> Response:
    """A ZIP for whoever helps: versions, project, health, figures, log, journal; no secrets, no pictures."""
    return _download(support_file(served), "application/zip", "latchlens-support.zip")


def _part(condition: Condition, now: float) -> Part:
    since = None if condition.since is None else max(now - condition.since, 0.0)
    return Part(condition.part, condition.state, condition.text, condition.fix, since, condition.fault)


def _download(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=kind, headers=headers)
