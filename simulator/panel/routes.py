"""What the panel asks: how the world stands, and to change it. The page itself, too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from device.errors import ConfigError
from device.web.additions import Addition
from device.web.permission import ACTS, READS, Reader, only
from device.web.problems import Problem
from device.web.rendering import render
from simulator.faults import CameraFaultKind
from simulator.panel.director import CALLERS, FAULTS, SPEEDS, Director
from simulator.panel.glance import Glance
from simulator.scene import Scene, find_scene, read_scene, shipped_scenes

FOLDER = Path(__file__).parent
DAY = "day"
"""The scene that is played unless another is named."""
FAULT_S = 15.0
"""For how long the camera fails."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A scene that can be played."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class SceneWanted:
    name: str


@dataclass(frozen=True, slots=True)
class SpeedWanted:
    """How many times as fast as life."""

    times: Literal[1, 2, 5, 20]


@dataclass(frozen=True, slots=True)
class FaultWanted:
    what: CameraFaultKind


@dataclass(frozen=True, slots=True)
class CallerWanted:
    who: Literal["own", "prey", "leaves", "stranger", "raccoon", "person"]


@dataclass(frozen=True, slots=True)
class Done:
    """It happens with the next frame."""

    asked: str


def addition(director: Director) -> Addition:
    """The panel as a page of the device that is simulated."""
    return Addition("simulator", _router(director), FOLDER, notice="simulator.notice")


def playable(name: str) -> Scene:
    """The scene of that name; raises ConfigError if there is none, or it ends the device's process."""
    scene = read_scene(FOLDER / f"{DAY}.toml" if name == DAY else find_scene(name))
    if scene.device_faults or scene.network_faults:
        raise ConfigError(
            f"{name} ends the device's process or its network, and the page with it: play it with "
            f"`latchlens simulate --scene {name}`"
        )
    return scene


def listed() -> tuple[Listed, ...]:
    """The scenes that a page can look at, the day first."""
    found = [read_scene(path) for path in (FOLDER / f"{DAY}.toml", *shipped_scenes())]
    return tuple(
        Listed(each.name, each.title) for each in found if not (each.device_faults or each.network_faults)
    )


def _router(director: Director) -> APIRouter:
    router = APIRouter(tags=["simulator"])

    @router.get("/simulator", include_in_schema=False)
    def page(request: Request, caller: Reader) -> Response:
        """The panel."""
        return render(request, "simulator", caller, speeds=SPEEDS, faults=FAULTS, callers=CALLERS)

    @router.get("/api/v1/simulator", dependencies=only(READS))
    def world() -> Glance:
        """How the world stands."""
        if director.glance is None:
            raise Problem(503, "the scene has only just begun", {"Retry-After": "1"})
        return director.glance

    @router.get("/api/v1/simulator/scenes", dependencies=only(READS))
    def scenes() -> tuple[Listed, ...]:
        """The scenes that can be played."""
        return listed()

    @router.put("/api/v1/simulator/scene", status_code=202, dependencies=only(ACTS))
    def scene(wanted: SceneWanted) -> Done:
        """Play another scene from its beginning."""
        director.begin(playable(wanted.name))
        return Done(wanted.name)

    @router.put("/api/v1/simulator/speed", status_code=202, dependencies=only(ACTS))
    def speed(wanted: SpeedWanted) -> Done:
        """Let time pass faster, or as in life."""
        director.speed = float(wanted.times)
        return Done(f"{wanted.times} times")

    @router.post("/api/v1/simulator/fault", status_code=202, dependencies=only(ACTS))
    def fault(wanted: FaultWanted) -> Done:
        """Let the camera fail for a quarter of a minute."""
        director.break_camera(wanted.what, FAULT_S)
        return Done(wanted.what)

    @router.post("/api/v1/simulator/visitor", status_code=202, dependencies=only(ACTS))
    def visitor(wanted: CallerWanted) -> Done:
        """Send somebody to the door."""
        director.send(wanted.who)
        return Done(wanted.who)

    @router.post("/api/v1/simulator/mouse", status_code=202, dependencies=only(ACTS))
    def mouse() -> Done:
        """The cat before the door lays its mouse down, or takes one up."""
        director.drop_the_mouse()
        return Done("mouse")

    return router
