"""Plays a camera through the real loop with pins without hardware, and sums up what happened."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from device.act.local import LocalGuard
from device.act.pins import factory
from device.building.eyes import Sight, build_sight, say_untaught
from device.building.guard import build_guard
from device.building.memory import build_memory
from device.config import Project
from device.errors import PictureError
from device.interfaces import Camera, EndOfVideo, Publisher, SettingsSource
from device.loop import Loop
from device.messages import BoltState, Decision, Event, Frame, Mode, Observation, Settings, Visit, VisitPhase
from device.tell import wire
from device.tell.fanout import Fanout
from device.telling import build_clips
from simulator import pins
from simulator.attended import attended
from simulator.recording import PlayedCamera, RecordingClock

log = logging.getLogger(__name__)

TAIL_INTERVAL = 0.1
"""Seconds between the passes without a frame after a recording's end, in which visits come to theirs."""

Watch = Callable[[Frame, Observation, Decision], None]


@dataclass(frozen=True, slots=True)
class FixedSettings:
    """Implements interfaces.SettingsSource: the owner has chosen once."""

    settings: Settings

    def current(self) -> Settings:
        return self.settings


@dataclass(slots=True)
class Witness:
    """Implements interfaces.Publisher: hands everything on and keeps what the summary needs."""

    publisher: Publisher
    watch: Watch | None = None
    frames: int = 0
    last_time: float = 0.0
    visits: dict[str, Visit] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:
        self.publisher.publish(frame, observation, decision)
        self.frames += frame is not None
        self.last_time = observation.time
        self.visits.update({visit.id: visit for visit in decision.visits})
        self.events += decision.events
        self.digest.update(wire.written(decision).encode())
        if frame is not None and self.watch is not None:
            self.watch(frame, observation, decision)


@dataclass(frozen=True, slots=True)
class Played:
    """What a recording came to."""

    source: str
    frames: int
    seconds: float
    visits: tuple[Visit, ...]
    events: tuple[Event, ...]
    bolt: tuple[tuple[float, BoltState], ...]
    decisions: str
    """sha256 of all decisions: equal for equal decisions."""
    journal: str | None = None
    fault: str | None = None
    """Why the recording ended early."""

    @property
    def unlocked(self) -> bool:
        """Whether the bolt was opened after it had first come to rest; where it stood before is chance."""
        states = [state for _, state in self.bolt]
        rested = states.index(BoltState.LOCKED) if BoltState.LOCKED in states else len(states)
        return BoltState.UNLOCKED in states[rested:]

    def as_json(self) -> str:
        """One line of JSON."""
        return json.dumps(
            {
                "source": self.source,
                "frames": self.frames,
                "seconds": round(self.seconds, 3),
                "unlocked": self.unlocked,
                "visits": [wire.document(visit) for visit in self.visits],
                "events": [wire.document(event) for event in self.events],
                "bolt": [{"time": round(time, 3), "state": state} for time, state in self.bolt],
                "decisions": self.decisions,
                "journal": self.journal,
                "fault": self.fault,
            }
        )


def play(
    project: Project,
    camera: Camera,
    source: str,
    state: Path,
    *,
    settings: Settings | None = None,
    sight: Sight | None = None,
    watch: Watch | None = None,
    page: bool = False,
) -> Played:
    """Play `camera` to its end at the door of `project`; the same frames give the same decisions.

    Args:
        source: names the recording in the result.
        state: the state directory; heads taught there are used, journal and visits are kept there.
        settings: what the owner has set; by default the mode is normal and the bolt obeys.
        sight: eyes to use in place of new ones.
        watch: is shown every frame with what was decided.
        page: serve the page beside it; what is set and asked there holds, and Ctrl-C ends the play well.
    """
    clock = RecordingClock()
    with ExitStack() as parts:
        seen = sight or build_sight(project, state)
        say_untaught(seen)
        if project.section("mqtt").host:
            log.info("a recording is told to nobody: [mqtt] is for `latchlens run`")
        guard = build_guard(project.wiring, factory("mock"), pins.build)
        parts.callback(guard.stop)
        memory = build_memory(
            project, state, "visit", seen.hashes, threaded=False, backbone=seen.embedder.sha256
        )
        parts.callback(memory.teller.close)
        publisher: Publisher = memory.teller
        chosen: SettingsSource = FixedSettings(settings or Settings(Mode.NORMAL, enforce=True))
        requests = None
        if page:
            served = attended(project, state, memory, guard, clock, seen.hashes)
            attendance = parts.enter_context(served)
            chosen, requests = attendance.settings, attendance.requests
            clips = build_clips(project, state, memory.quota, memory.health, threaded=True)
            for recorder in clips:
                parts.callback(recorder.close)
            publisher = Fanout((memory.teller, *clips, attendance.latest))
        witness = Witness(publisher, watch)
        played = PlayedCamera(camera, clock, guard)
        parts.callback(played.close)
        loop = Loop(played, seen.eyes, memory.policy, guard, chosen, witness, clock, requests)
        fault = _play_out(loop, interruptible=page)
        _let_visits_end(project, witness, memory.policy.decide, guard, clock, chosen.current())
        return replace(_summary(source, witness, guard, state), fault=fault)


def _play_out(loop: Loop, interruptible: bool) -> str | None:
    """Step to the recording's end, or to Ctrl-C; the reason if a damaged picture ended it before."""
    try:
        while True:
            loop.step()
    except EndOfVideo:
        return None
    except KeyboardInterrupt:
        if not interruptible:
            raise
        return None
    except PictureError as error:
        return str(error)


def _let_visits_end(
    project: Project,
    witness: Witness,
    decide: Callable[[Observation], Decision],
    guard: LocalGuard,
    clock: RecordingClock,
    settings: Settings,
) -> None:
    """Let time pass after the last frame until every visit has ended; nothing is seen any more."""
    passes = int((project.policy.visit.gap + project.policy.hold) / TAIL_INTERVAL) + 2
    camera = PlayedCamera(_NoCamera(), clock, guard)
    for _ in range(passes):
        camera.pass_time(clock.time + TAIL_INTERVAL)
        observation = Observation(clock.time, None, guard.inputs(), settings)
        decision = decide(observation)
        guard.hold(decision.lease)
        witness.publish(None, observation, decision)


class _NoCamera:
    """A camera whose recording is over."""

    def next(self, timeout: float) -> Frame | None:  # noqa: ARG002
        raise EndOfVideo

    def close(self) -> None:
        """Nothing to give back."""


def _summary(source: str, witness: Witness, guard: LocalGuard, state: Path) -> Played:
    ended = tuple(visit for visit in witness.visits.values() if visit.phase is VisitPhase.END)
    journals = sorted((state / "journal").glob("*.jsonl"))
    return Played(
        source=source,
        frames=witness.frames,
        seconds=witness.last_time,
        visits=ended,
        events=tuple(witness.events),
        bolt=tuple((change.time, change.state) for change in guard.history),
        decisions=witness.digest.hexdigest(),
        journal=str(journals[-1]) if journals else None,
    )
