"""What a spectator of a scene wants to see at one glance, whatever screen shows it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import cv2

from device.decide.policy import DoorPolicy, PolicyState
from device.messages import (
    Box,
    Decision,
    Frame,
    MeterReading,
    Observation,
    Outcome,
    Pixels,
)
from simulator.render import PackagedWardrobe, Painter
from simulator.scene import Scene
from simulator.world import World

SHOWN = 9
"""How many of the latest happenings are told."""
RENDERED_PX = 240
"""A picture less high is no picture of the doorstep: the oracle's are only noise."""

Telling = tuple[float, str, str]
"""When, from whom ("world", "bolt", "info", "warning" or "critical"), and what."""


@dataclass(slots=True)
class Board:
    """A scene as it stands."""

    title: str
    seconds: float
    seeing: str
    """How it is seen, in words."""
    picture: Pixels
    time: float = 0.0
    bolt: str = ""
    door: str = ""
    blind: str | None = None
    outcome: Outcome = Outcome.KEEP_LOCKED
    reason: str = ""
    seen: tuple[tuple[Box, str, float], ...] = ()
    """Box, label and score of everyone who was detected in this frame."""
    meters: tuple[MeterReading, ...] = ()
    """Of the animal that was seen last."""
    lockouts: Mapping[str, float] = field(default_factory=dict)
    told: deque[Telling] = field(default_factory=lambda: deque(maxlen=SHOWN))


class Screen(Protocol):
    """Shows a board to people."""

    def show(self, board: Board) -> None: ...

    def close(self) -> None: ...


class Spectator:
    """Follows one scene and shows it.

    The meters are those of a second decision core that is told the same observations, which gives the
    same decisions: the device's own keeps them to itself until a visit changes.
    """

    def __init__(self, scene: Scene, world: World, seeing: str, screen: Screen) -> None:
        self._world = world
        self._screen = screen
        self._policy = DoorPolicy(scene.project.policy, PolicyState())
        household = tuple(animal.name for animal in scene.project.policy.animals)
        self._painter = Painter(world, PackagedWardrobe(household), 0, scene.lights)
        self._known = 0
        self._board = Board(scene.title, scene.seconds, seeing, self._painter.paint())

    def watch(self, frame: Frame, observation: Observation, decision: Decision) -> None:
        """Show a frame with what was seen and decided."""
        self._policy.decide(observation)
        board = self._board
        self._tell(observation, decision)
        board.time, board.blind = self._world.time, observation.blind
        board.bolt, board.door = str(observation.inputs.bolt), str(observation.inputs.door)
        board.outcome, board.reason = decision.outcome, decision.reason
        board.lockouts = decision.lockouts
        board.meters = self._policy.meters(observation.time) or board.meters
        tracks = [sighting.track for sighting in observation.sightings if sighting.track.seen]
        board.seen = tuple((track.box, track.label, track.score) for track in tracks)
        board.picture = self._picture(frame, observation)
        self._screen.show(board)

    def _tell(self, observation: Observation, decision: Decision) -> None:
        board, now = self._board, self._world.time
        happened = self._world.happenings[self._known :]
        self._known += len(happened)
        for each in happened:
            carrying = " with prey" if each.carrying else ""
            did = f"is {each.what}" if each.what in ("inside", "outside") else each.what
            self._say(each.time, "world", f"{each.who} {did}{carrying}")
        if board.bolt and board.bolt != str(observation.inputs.bolt):
            self._say(now, "bolt", f"the bolt is {observation.inputs.bolt.lower()}")
        for event in decision.events:
            self._say(now, event.severity, event.text)

    def _say(self, time: float, kind: str, what: str) -> None:
        """Note a happening; one that only repeats itself is counted, or it would push out the others."""
        told = self._board.told
        before, _, times = told[-1][2].partition(" ×") if told else ("", "", "")
        if before == what:
            told[-1] = (told[-1][0], kind, f"{what} ×{int(times or 1) + 1}")
        else:
            told.append((time, kind, what))

    def _picture(self, frame: Frame, observation: Observation) -> Pixels:
        """The frame that the models saw; for the oracle, unless it was blind, what they would have seen."""
        if frame.image.shape[0] >= RENDERED_PX:
            return frame.image
        if observation.blind is not None:
            size = (self._board.picture.shape[1], self._board.picture.shape[0])
            return cv2.resize(frame.image, size, interpolation=cv2.INTER_NEAREST).astype(frame.image.dtype)
        return self._painter.paint()
