"""Takes what the panel asks for to the thread that plays, and what that shows to the panel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from simulator.faults import CameraFaultKind
from simulator.panel.glance import Glance
from simulator.scene import Scene
from simulator.visitors import Visitor

if TYPE_CHECKING:
    from simulator.stage import Stage

Order = Callable[["Stage"], None]

SPEEDS = (1.0, 2.0, 5.0, 20.0)
"""How many times as fast as life a day may be played."""
FAULTS = ("black", "frozen", "saturated", "gone", "slow")
"""What can be wrong with the camera."""
CALLERS = ("own", "prey", "leaves", "stranger", "raccoon", "person")
"""Who can be sent to the door."""
CHANGES_SCENE = "another scene begins"


class Ended(Exception):  # noqa: N818 - no error: the play goes on with another scene
    """The scene that is played shall end."""


class Director:
    """For any thread, except where said otherwise."""

    def __init__(self, speed: float = SPEEDS[0]) -> None:
        self.speed = speed
        self.glance: Glance | None = None
        """The world as it stood last; replaced, never changed."""
        self.next_scene: Scene | None = None
        """What to play when the present scene ends; None: the same again."""
        self._orders: SimpleQueue[Order] = SimpleQueue()

    def begin(self, scene: Scene) -> None:
        """Play another scene at once."""
        self.next_scene = scene
        self._orders.put(_end)

    def break_camera(self, what: CameraFaultKind, seconds: float) -> None:
        """Let the camera fail for so many seconds of the scene."""
        self._orders.put(lambda stage: stage.break_camera(what, seconds))

    def send(self, caller: str) -> None:
        """Send somebody to the door now."""
        self._orders.put(lambda stage: stage.world.invite(visitor(caller, _names(stage), _away(stage))))

    def drop_the_mouse(self) -> None:
        """Whoever carries prey before the door lays it down; one with an empty mouth takes some up."""
        self._orders.put(_mouse)

    def obey(self, stage: Stage) -> None:
        """Do what was asked for; only in the thread that plays. Raises Ended if the scene is to end."""
        for order in self._asked():
            order(stage)

    def _asked(self) -> Iterator[Order]:
        while True:
            try:
                yield self._orders.get_nowait()
            except Empty:
                return


def visitor(caller: str, own: list[str], away: list[str]) -> Visitor:
    """Somebody who comes to the door now; an own animal that is not there just now, if there is one."""
    name = (away or own)[0]
    match caller:
        case "prey":
            return Visitor(name, 0.0, carries=True, patience=25.0)
        case "leaves":
            return Visitor(name, 0.0, starts="inside", walks=2.0)
        case "stranger":
            return Visitor("the black tom", 0.0, patience=20.0, beside=0.12)
        case "raccoon":
            return Visitor("the raccoon", 0.0, species="raccoon", patience=20.0, beside=-0.12)
        case "person":
            return Visitor("a caller", 0.0, species="person", patience=8.0, pushes=False, beside=0.15)
    return Visitor(name, 0.0, patience=40.0)


def _end(stage: Stage) -> None:
    del stage
    raise Ended(CHANGES_SCENE)


def _names(stage: Stage) -> list[str]:
    return [animal.name for animal in stage.scene.project.policy.animals]


def _away(stage: Stage) -> list[str]:
    there = {actor.visitor.name for actor in stage.world.present}
    return [name for name in _names(stage) if name not in there]


def _mouse(stage: Stage) -> None:
    world = stage.world
    actor = next((each for each in world.present if each.in_view and each.visitor.species == "cat"), None)
    if actor is None:
        return
    now = world.time - actor.visitor.arrives
    carries = actor.carrying(world.time)
    changed = {"drops": now, "grabs": None} if carries else {"grabs": now, "drops": None}
    actor.visitor = replace(actor.visitor, **changed)  # type: ignore[arg-type]
