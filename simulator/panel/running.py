"""Plays scenes one after the other, with the page of the door beside them, until Ctrl-C."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from device.act.local import LocalGuard
from device.building.memory import build_memory
from device.config import Project
from device.errors import ConfigError, hint
from device.interfaces import EndOfVideo
from device.loop import Loop
from device.messages import BoltState
from device.parts import Part
from device.see.privacy import without_persons
from device.tell.day import Day as Figures
from device.tell.fanout import Fanout
from device.tell.health import Health
from device.tell.lines import Lines
from device.tell.machine import Machine
from device.tell.requests import Requests
from device.tell.settings import StoredSettings, ever_enforced
from device.tell.statistics import Report, Statistics
from device.tell.store import Store
from device.telling import build_clips
from device.web.appliance import Appliance
from device.web.latest import Latest
from device.web.reading import Reading
from simulator.audience import Pace
from simulator.lives import take_the_pins
from simulator.painted import PAINTED
from simulator.panel.director import Director, Ended
from simulator.panel.glance import glance
from simulator.panel.routes import addition
from simulator.real import RealVision
from simulator.scene import Scene
from simulator.stage import Stage
from simulator.vision import Seeing, Vision
from simulator.weather import in_the_weather
from simulator.world import World

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Day:
    """What all scenes of one play share."""

    folder: Path
    """The state directory."""
    vision: Vision
    rate: float
    director: Director
    settings: StoredSettings
    lines: Lines
    requests: Requests = field(default_factory=Requests)


def run_with_page(scene: Scene, folder: Path, vision: Vision, rate: float, speed: float, seed: int) -> None:
    """Play `scene` again and again, or what the panel chooses, until Ctrl-C.

    The page is served from the first frame on, at the port that the project names, or any that is free.
    """
    with ExitStack() as parts:
        Store(folder).close()
        settings = StoredSettings(folder)
        parts.callback(settings.close)
        if not ever_enforced(folder):
            settings.set_enforce(True)
        director = Director(speed)
        lines = parts.enter_context(closing(Lines()))
        day = Day(folder, vision, rate, director, settings, lines)
        show = _page(parts, director)
        try:
            while True:
                scene = _dated(scene)
                _play(scene, day, seed, show)
                scene, director.next_scene, seed = director.next_scene or scene, None, seed + 1
        except KeyboardInterrupt:
            log.info("the play is over")


def as_seen(vision: str, folder: Path, sprites: Path | None) -> Vision:
    """The way of seeing: by the real models, or by the oracle with pictures for people.

    Raises:
        ConfigError: there is no such way.
    """
    if vision == "oracle":
        return PAINTED
    if vision != "real":
        raise ConfigError(f"--vision {vision}; {hint(vision, ('oracle', 'real'))}")
    log.info("the real models are taught the household from rendered lessons: a quarter of a minute")
    return RealVision(folder / "vision", sprites)


def _dated(scene: Scene) -> Scene:
    """A scene without a date begins now; one with a date keeps it, for its curfews and its light."""
    return scene if scene.starts is not None else replace(scene, starts=time.time())


def _page(parts: ExitStack, director: Director) -> Callable[[Appliance], None]:
    """What shows a door on the page: the first one starts the page."""
    from device.web.server import WebServer, serve  # noqa: PLC0415 - its libraries are not needed otherwise

    pages: list[WebServer] = []

    def show(appliance: Appliance) -> None:
        if pages:
            pages[0].show(appliance)
        elif (page := serve(appliance, [addition(director)])) is not None:
            pages.append(page)
            parts.callback(page.stop)

    return show


def _play(scene: Scene, day: Day, seed: int, show: Callable[[Appliance], None]) -> None:
    """Play one scene to its end, or until another is asked for."""
    world = World.of(scene.visitors, scene.project.section("guard").blocks)
    project = in_the_weather(scene.project, scene.weather, world)
    seeing = day.vision.begin(scene, world, seed)
    stage = Stage(scene, world, seeing.picture, day.rate, seed)
    if project.chip is not None:
        project = replace(project, chip=Part("chip", "simulator.sensors", stage.antenna))
    project = _served(project)
    with ExitStack() as parts:
        guard = take_the_pins(project, stage)
        parts.callback(lambda: guard.stop(stage.pace))
        statistics = Statistics(stage.clock)
        figures = Figures(day.folder, lambda: _measured(statistics), Machine().resident_memory)
        memory = build_memory(
            project,
            day.folder,
            secrets.token_hex(4),
            seeing.hashes,
            threaded=False,
            wall=stage.clock.wall(),
            backbone=seeing.backbone,
            others=lambda _: [figures],
        )
        parts.callback(memory.teller.close)
        clips = build_clips(project, day.folder, memory.quota, memory.health, threaded=True)
        for recorder in clips:
            parts.callback(recorder.close)
        latest = Latest()
        publisher = Fanout((statistics, memory.teller, *clips, latest))
        loop = Loop(
            stage, seeing.eyes, memory.policy, guard, day.settings, publisher, stage.clock, day.requests
        )
        loop.step()
        shown = _appliance(project, day, guard, memory.health, stage, latest, seeing)
        show(replace(shown, statistics=statistics, day=figures, lines=day.lines))
        _turn(loop, stage, day, guard)


def _served(project: Project) -> Project:
    """The scene's project with its page at a free port, unless it says otherwise."""
    web = project.section("web")
    return replace(project, sections={**project.sections, "web": replace(web, port=0)})


def _measured(statistics: Statistics) -> Report:
    """The figures without latency: the clock of a play stands still while a frame is decided."""
    return replace(statistics.report(), latency_p50_s=None, latency_p95_s=None)


def _turn(loop: Loop, stage: Stage, day: Day, guard: LocalGuard) -> None:
    pace, speed = Pace(day.director.speed), day.director.speed
    try:
        while True:
            day.director.obey(stage)
            loop.step()
            unbolted = guard.inputs().bolt is BoltState.UNLOCKED
            day.director.glance = glance(stage, day.vision.name, day.director.speed, unbolted)
            if day.director.speed != speed:
                speed = day.director.speed
                pace = Pace(speed, since=stage.world.time)
            pace.wait(stage.world.time)
    except (EndOfVideo, Ended):
        return


def _appliance(
    project: Project,
    day: Day,
    guard: LocalGuard,
    health: Health,
    stage: Stage,
    latest: Latest,
    seeing: Seeing,
) -> Appliance:
    return Appliance(
        folder=day.folder,
        project=project,
        path=None,
        latest=latest,
        reading=Reading(day.folder),
        owner=day.settings,
        requests=day.requests,
        guard=guard,
        health=health,
        clock=stage.clock,
        redact=without_persons,
        models=seeing.hashes,
    )
