"""The world before the door, moved only by `advance(dt)`: visitors, what they carry, and the flap.

Nothing here knows how the device sees or decides. The device feels the world through its pins and
its camera; the world feels the device through one thing alone: whether the bolt is drawn back when
somebody pushes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from device.messages import Box

Seconds = Annotated[float, Field(ge=0)]


@dataclass(frozen=True, slots=True)
class Habit:
    """What a visitor does with its head for a while, in seconds after it came into view."""

    head: Literal["down", "averted", "blurred"]
    begins: Seconds = 0.0
    ends: Seconds = 1e9


@dataclass(frozen=True, slots=True)
class Visitor:
    """One `[[visitor]]` of a scene."""

    name: str
    """An own animal's name as in the project, or any other for a stranger."""
    arrives: Seconds
    """When it comes into view, in seconds of the scene."""
    species: str = "cat"
    carries: bool = False
    """It has prey in its mouth when it arrives."""
    drops: Seconds | None = None
    """Seconds after its arrival at which it lays the prey down."""
    grabs: Seconds | None = None
    """Seconds after its arrival at which it takes prey up (again)."""
    walks: Annotated[float, Field(gt=0)] = 3.0
    """Seconds from coming into view to the flap."""
    patience: Seconds = 60.0
    """Seconds it waits before the flap until it goes away."""
    pushes: bool = True
    """It tries the flap every other second while it waits."""
    passes: Annotated[float, Field(gt=0)] = 1.2
    """Seconds it takes through the flap."""
    sits: Seconds = 0.0
    """Seconds it stays sitting in the tunnel, the flap held open by its tail."""
    chip: str = ""
    head: tuple[Habit, ...] = ()
    beside: Annotated[float, Field(ge=-0.4, le=0.4)] = 0.0
    """How far to the side of the picture's middle it walks, as a ratio of the picture."""


class Phase(StrEnum):
    """Where a visitor is."""

    AWAY = "away"
    COMING = "coming"
    WAITING = "waiting"
    PASSING = "passing"
    INSIDE = "inside"
    GOING = "going"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened in the world, whatever the device made of it."""

    time: float
    what: str
    """"arrives", "pushes", "enters", "inside", "gives up", "leaves"."""
    who: str
    carrying: bool = False


PUSH_EVERY = 2.0
FAR_HEIGHT, NEAR_HEIGHT = 0.15, 0.5
FAR_Y, NEAR_Y = 0.3, 0.72


@dataclass(slots=True)
class Actor:
    """A visitor on the stage."""

    visitor: Visitor
    phase: Phase = Phase.AWAY
    near: float = 0.0
    """0 where it comes into view, 1 at the flap."""
    since: float = 0.0
    """When its phase began."""
    next_push: float = 0.0

    def carrying(self, time: float) -> bool:
        """Whether it has prey in its mouth at `time`."""
        visitor, seconds = self.visitor, time - self.visitor.arrives
        moments = [(0.0, visitor.carries), (visitor.drops, False), (visitor.grabs, True)]
        past = [(when, has) for when, has in moments if when is not None and when <= seconds]
        return max(past, key=lambda moment: moment[0])[1] if past else visitor.carries

    def head(self, time: float) -> str | None:
        """What it does with its head at `time`, None while its face is to be seen."""
        seconds = time - self.visitor.arrives
        return next((habit.head for habit in self.visitor.head if habit.begins <= seconds < habit.ends), None)

    @property
    def in_view(self) -> bool:
        """Whether the camera can see it; in the tunnel it cannot."""
        return self.phase in (Phase.COMING, Phase.WAITING, Phase.GOING)

    def box(self) -> Box:
        """Where it is in the picture."""
        height = FAR_HEIGHT + (NEAR_HEIGHT - FAR_HEIGHT) * self.near
        x, y = 0.5 + self.visitor.beside, FAR_Y + (NEAR_Y - FAR_Y) * self.near
        return Box.from_corners(x - height / 2, y - height / 2, x + height / 2, y + height / 2)


@dataclass(slots=True)
class World:
    """The stage with its actors; the same calls give the same world."""

    actors: list[Actor]
    time: float = 0.0
    happenings: list[Happening] = field(default_factory=list)

    @classmethod
    def of(cls, visitors: tuple[Visitor, ...]) -> World:
        """A world at second 0 with everyone still away."""
        return cls([Actor(visitor) for visitor in visitors])

    @property
    def flap_open(self) -> bool:
        """Whether somebody is in the flap; nothing else holds it open."""
        return any(actor.phase is Phase.PASSING for actor in self.actors)

    def advance(self, dt: float, bolt_open: bool) -> None:
        """Let `dt` seconds pass; `bolt_open` tells whether a push would succeed."""
        self.time += dt
        for actor in self.actors:
            self._move(actor, dt, bolt_open)

    def _move(self, actor: Actor, dt: float, bolt_open: bool) -> None:
        visitor, waited = actor.visitor, self.time - actor.since
        match actor.phase:
            case Phase.AWAY if self.time >= visitor.arrives:
                self._enter(actor, Phase.COMING, "arrives")
            case Phase.COMING:
                actor.near = min(actor.near + dt / visitor.walks, 1.0)
                if actor.near >= 1.0:
                    actor.next_push = self.time
                    self._enter(actor, Phase.WAITING)
            case Phase.WAITING if waited >= visitor.patience:
                self._enter(actor, Phase.GOING, "gives up")
            case Phase.WAITING if visitor.pushes and self.time >= actor.next_push:
                actor.next_push = self.time + PUSH_EVERY
                # A flap that somebody holds open lets the next one follow, whatever the bolt does.
                through = bolt_open or self.flap_open
                self._enter(
                    actor, Phase.PASSING if through else Phase.WAITING, "enters" if through else "pushes"
                )
            case Phase.PASSING if waited >= visitor.passes + visitor.sits:
                self._enter(actor, Phase.INSIDE, "inside")
            case Phase.GOING:
                actor.near -= dt / visitor.walks
                if actor.near <= 0:
                    self._enter(actor, Phase.GONE, "leaves")
            case _:
                pass

    def _enter(self, actor: Actor, phase: Phase, what: str = "") -> None:
        if phase is not actor.phase:
            actor.phase, actor.since = phase, self.time
        if what:
            self.happenings.append(Happening(self.time, what, actor.visitor.name, actor.carrying(self.time)))
