"""How the simulated world stands, for those who look at it from above."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.visitors import Actor, Phase
from simulator.world import World

if TYPE_CHECKING:
    from simulator.stage import Stage

TOLD = 12
"""So many of the latest happenings are told."""
AHEAD = 3
"""So many of those are named who come next."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One visitor on the stage."""

    who: str
    species: str
    side: float
    """Where it walks, across the path: 0 in its middle, as a ratio of the picture's width."""
    near: float
    """0 at the far end of its way, 1 at the flap."""
    indoors: bool
    phase: Phase
    carries: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Coming:
    """Somebody who comes next."""

    who: str
    in_s: float
    carries: bool
    indoors: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Something that happened in the world, whatever the device made of it."""

    time: float
    what: str
    who: str
    carries: bool


@dataclass(frozen=True, slots=True)
class Glance:
    """The world at one moment."""

    scene: str
    title: str
    seeing: str
    """Who sees: "real" models or the "painted" scene's oracle."""
    time: float
    seconds: float
    speed: float
    fault: str | None
    """What is wrong with the camera just now."""
    flap: float
    """How far it stands open, 0 to 1."""
    unbolted: bool
    figures: tuple[Figure, ...]
    coming: tuple[Coming, ...]
    told: tuple[Told, ...]
    """The latest first."""


def glance(stage: Stage, seeing: str, speed: float, unbolted: bool) -> Glance:
    """How the stage stands now."""
    world, scene = stage.world, stage.scene
    own = {animal.name for animal in scene.project.policy.animals}
    latest = world.happenings[-TOLD:]
    return Glance(
        scene=scene.name,
        title=scene.title,
        seeing=seeing,
        time=world.time,
        seconds=scene.seconds,
        speed=speed,
        fault=stage.camera_fault(),
        flap=round(world.flap.position, 2),
        unbolted=unbolted,
        figures=tuple(_figure(actor, world.time, actor.visitor.name in own) for actor in world.present),
        coming=tuple(_coming(world)),
        told=tuple(Told(each.time, each.what, each.who, each.carrying) for each in reversed(latest)),
    )


def _figure(actor: Actor, time: float, own: bool) -> Figure:
    visitor = actor.visitor
    return Figure(
        visitor.name,
        visitor.species,
        visitor.beside,
        round(actor.near, 3),
        actor.indoors,
        actor.phase,
        actor.carrying(time),
        own,
    )


def _coming(world: World) -> Iterator[Coming]:
    for actor in world.still_away()[:AHEAD]:
        visitor = actor.visitor
        away = max(visitor.arrives - world.time, 0.0)
        yield Coming(visitor.name, away, actor.carrying(visitor.arrives), visitor.starts == "inside")
