"""The world before the door, moved only by `advance(dt)`: visitors, what they carry, and the flap.

Nothing here knows how the device sees or decides. The device feels the world through its pins, its
chip reader and its camera; the world feels the device through one thing alone: whether the bolt is
drawn back when somebody pushes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal

from simulator.flap import Flap
from simulator.visitors import Actor, Phase, Visitor

PUSH_EVERY = 2.0


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened in the world, whatever the device made of it."""

    time: float
    what: str
    """"arrives", "pushes", "enters", "inside", "exits", "outside", "reaches in", "gives up", "leaves"."""
    who: str
    carrying: bool = False


@dataclass(slots=True)
class World:
    """The stage with its actors; the same calls give the same world."""

    actors: list[Actor]
    """Everyone who ever comes, in the order of their arrival."""
    blocks: Literal["in", "both"] = "in"
    """Which way the locked bolt blocks the flap."""
    time: float = 0.0
    flap: Flap = field(default_factory=Flap)
    happenings: list[Happening] = field(default_factory=list)
    present: list[Actor] = field(default_factory=list)
    """Those of the actors who have come and not yet gone."""
    _came: int = 0
    """How many have come so far."""

    @classmethod
    def of(cls, visitors: Iterable[Visitor], blocks: Literal["in", "both"] = "in") -> World:
        """A world at second 0 with everyone still away."""
        return cls([Actor(visitor) for visitor in sorted(visitors, key=lambda each: each.arrives)], blocks)

    @property
    def body_in_flap(self) -> bool:
        """Whether somebody is in the flap."""
        return any(actor.phase is Phase.PASSING for actor in self.present)

    def still_until(self) -> float | None:
        """When something moves again by itself, inf if nothing will; None while something does."""
        if self.present or self.flap.position > 0 or self.flap.propped:
            return None
        return self.actors[self._came].visitor.arrives if self._came < len(self.actors) else math.inf

    def still_away(self) -> list[Actor]:
        """Those who are yet to come, the next first."""
        return self.actors[self._came :]

    def invite(self, visitor: Visitor) -> None:
        """Let somebody come now who was not to come."""
        self.actors.insert(self._came, Actor(replace(visitor, arrives=self.time)))

    def advance(self, dt: float, bolt_open: bool) -> None:
        """Let `dt` seconds pass; `bolt_open` tells whether the bolt is drawn back."""
        # Rounded, so that one long stretch ends at the same moment as many short ones.
        self.time = round(self.time + dt, 6)
        while self._came < len(self.actors) and self.time >= self.actors[self._came].visitor.arrives:
            self.present.append(self.actors[self._came])
            self._came += 1
        for actor in self.present:
            self._move(actor, dt, bolt_open)
        self.present = [each for each in self.present if each.phase not in (Phase.INSIDE, Phase.GONE)]
        self.flap.advance(dt, self.body_in_flap)

    def _move(self, actor: Actor, dt: float, bolt_open: bool) -> None:
        match actor.phase:
            case Phase.AWAY if self.time >= actor.visitor.arrives:
                self._enter(actor, Phase.COMING, "arrives")
            case Phase.COMING:
                self._come(actor, dt)
            case Phase.WAITING:
                self._wait(actor, bolt_open)
            case Phase.PASSING if self.time - actor.since >= actor.visitor.passes + actor.visitor.sits:
                self._emerge(actor)
            case Phase.GOING:
                self._go(actor, dt)
            case _:
                pass

    def _come(self, actor: Actor, dt: float) -> None:
        actor.near = min(actor.near + dt / actor.visitor.walks, 1.0)
        if actor.near >= 1.0:
            actor.next_push = self.time
            self._enter(actor, Phase.WAITING)

    def _wait(self, actor: Actor, bolt_open: bool) -> None:
        if self.time - actor.since >= actor.visitor.patience:
            self._enter(actor, Phase.GOING, "gives up")
        elif actor.visitor.pushes and self.time >= actor.next_push:
            actor.next_push = self.time + PUSH_EVERY
            # A flap that somebody holds open lets the next one follow, whatever the bolt does.
            held_open = self.body_in_flap or self.flap.propped
            free = bolt_open or held_open or (actor.indoors and self.blocks == "in")
            self._enter(actor, Phase.PASSING if free else Phase.WAITING, _into(actor) if free else "pushes")

    def _emerge(self, actor: Actor) -> None:
        if actor.visitor.turns_back:
            self._enter(actor, Phase.GOING)
            return
        actor.indoors = not actor.indoors
        if actor.indoors:
            self._enter(actor, Phase.INSIDE, "inside")
        else:
            self._enter(actor, Phase.GOING, "outside")

    def _go(self, actor: Actor, dt: float) -> None:
        actor.near -= dt / actor.visitor.walks
        if actor.near <= 0:
            self._enter(actor, Phase.GONE, "leaves")

    def _enter(self, actor: Actor, phase: Phase, what: str = "") -> None:
        if phase is not actor.phase:
            actor.phase, actor.since = phase, self.time
        if what:
            self.happenings.append(Happening(self.time, what, actor.visitor.name, actor.carrying(self.time)))


def _into(actor: Actor) -> str:
    if actor.visitor.turns_back:
        return "reaches in"
    return "exits" if actor.indoors else "enters"
