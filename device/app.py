"""The composition root: builds every part from a project, starts every thread, shuts down in order."""

from __future__ import annotations

import logging
import signal
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from device.act.link import Link
from device.act.local import LocalGuard
from device.act.trial import BoltTrial
from device.act.unenforced import LeftOpen
from device.building.camera import build_camera, refuse_hasty_recording
from device.building.eyes import Watching, build_watching, say_untaught
from device.building.first_words import say_what_holds
from device.building.folder import make_folder
from device.building.guard import reach_guard
from device.building.hearers import Hearers, build_hearers
from device.building.memory import Memory
from device.building.revival import Revival
from device.config import Project
from device.errors import StoreError
from device.heartbeat import Heartbeat
from device.interfaces import Camera, Clock, EndOfVideo
from device.loop import Loop
from device.tell import last_good
from device.tell.fanout import Fanout
from device.tell.lines import Lines
from device.tell.narrative import standing
from device.tell.requests import Requests
from device.tell.settings import StoredSettings
from device.telling import say_wiring
from device.updating.history import on_trial
from device.web.appliance import Appliance
from device.web.latest import Latest
from device.web.reading import Reading

log = logging.getLogger(__name__)


def run(
    project: Project,
    state: Path,
    clock: Clock,
    path: Path | None = None,
    fault: str = "",
    guarded: Path | None = None,
) -> bool:
    """Run the device until a signal stops it; the bolt comes to rest whatever ends it.

    Returns whether its owner asked for another start.

    Args:
        path: the project file, if it is one that the owner may change.
        fault: what is wrong with it, if `project` is an earlier one.
        guarded: where a guard that is a process of its own listens; None: the guard is part of this one.

    Raises:
        LatchlensError: a part is missing or has failed.
    """
    refuse_hasty_recording(project)
    stopping = Stopping()
    with ExitStack() as parts:
        _heed_signals(stopping, parts)
        # Whatever a killed process left behind, the bolt rests at once, though nothing else should start.
        guard = reach_guard(project, clock, guarded)
        parts.callback(guard.stop)
        guard.start(clock)
        device = _build(project, state, clock, guard, parts)
        heartbeat, revival = Heartbeat(clock), Revival(state, clock)
        parts.callback(heartbeat.stop)
        loop = _build_loop(device, heartbeat, revival)
        if project.section("web").enabled:
            _serve(_build_appliance(device, path, stopping), parts)
        # Whatever takes its time at the end, such as a broker that hangs, the bolt may go to rest before.
        parts.callback(guard.hold, None)
        log.info("watching the door with %s; %s", project.camera.kind, standing(device.settings.current()))
        say_what_holds(project, device.seen, fault, device.memory.health)
        try:
            loop.step()
            heartbeat.start()
            if path and not fault:
                last_good.remember(state, path, project.text, project.version)
            _turn(loop, device.memory, revival, stopping)
        except EndOfVideo:
            log.info("the recording has ended")
        dropped = device.memory.teller.dropped
        log.info("stopping; the bolt goes to rest; the loop had no time for %d frames", dropped)
    return stopping.again


class Stopping(Event):
    """Set when the loop shall end, and whether its owner asked for another start; for any thread."""

    again = False

    def start_again(self) -> None:
        """End the loop, and the bolt goes to rest, as at every end."""
        self.again = True
        self.set()


@dataclass(frozen=True, slots=True)
class Device:
    """The parts from which the loop and the page are made."""

    project: Project
    state: Path
    clock: Clock
    guard: LocalGuard | Link
    lines: Lines
    seen: Watching
    camera: Camera
    hearers: Hearers
    settings: StoredSettings
    trial: BoltTrial
    requests: Requests
    latest: Latest

    @property
    def memory(self) -> Memory:
        return self.hearers.memory


def _heed_signals(stopping: Stopping, parts: ExitStack) -> None:
    """From here on a signal ends the loop and never the process, which would leave the pins as they are."""
    for number in (signal.SIGTERM, signal.SIGINT):
        parts.callback(signal.signal, number, signal.signal(number, lambda *_: stopping.set()))


def _build(project: Project, state: Path, clock: Clock, guard: LocalGuard | Link, parts: ExitStack) -> Device:
    """Build and begin what stands around the loop; what is closed at the end is left to `parts`."""
    lines = parts.enter_context(closing(Lines()))
    make_folder(state)
    seen = build_watching(project, state)
    say_untaught(seen)
    camera = build_camera(project, clock)
    parts.callback(camera.close)
    # The store comes before its readers: it sets a damaged database aside before anyone reads it.
    hearers = build_hearers(project, state, clock, seen, camera, parts)
    memory = hearers.memory
    guard.tell(say_wiring(memory.health))
    settings = StoredSettings(state)
    parts.callback(settings.close)
    requests, latest, trial = Requests(), Latest(), BoltTrial(guard, clock)
    hearers.broker.start(state, requests, settings, memory.health, clock)
    return Device(
        project,
        state,
        clock,
        guard,
        lines,
        seen,
        camera,
        hearers,
        settings,
        trial,
        requests,
        latest,
    )


def _build_loop(device: Device, heartbeat: Heartbeat, revival: Revival) -> Loop:
    """The loop over the parts; all who follow it hear each pass."""
    memory, settings, bolt = device.memory, device.settings, device.trial
    opens = device.project.section("door").unenforced == "unlocked"
    return Loop(
        camera=device.camera,
        eyes=device.seen.eyes,
        policy=memory.policy,
        bolt=LeftOpen(bolt, settings, device.clock) if opens else bolt,
        settings=settings,
        publisher=Fanout([*device.hearers.publishers, device.latest, heartbeat, revival]),
        clock=device.clock,
        requests=device.requests,
        faults=memory.health,
    )


def _build_appliance(device: Device, path: Path | None, stopping: Stopping) -> Appliance:
    """The device as the page and the API see it."""
    return Appliance(
        folder=device.state,
        project=device.project,
        path=path,
        latest=device.latest,
        reading=Reading(device.state),
        owner=device.settings,
        requests=device.requests,
        guard=device.guard,
        health=device.memory.health,
        clock=device.clock,
        redact=device.seen.redact,
        models=device.seen.hashes,
        statistics=device.hearers.statistics,
        day=device.hearers.day,
        lines=device.lines,
        trial=device.trial,
        restart=stopping.start_again,
        no_restart=on_trial,
        announce=device.hearers.broker.announce,
    )


def _serve(appliance: Appliance, parts: ExitStack) -> None:
    """Serve the page and the API until the device stops; a port that is taken never stops the door."""
    from device.web.server import serve  # noqa: PLC0415 - its libraries take 19 MB

    if page := serve(appliance):
        parts.callback(page.stop)


def _turn(loop: Loop, memory: Memory, revival: Revival, stopping: Stopping) -> None:
    """Turn the loop until a signal stops it."""
    while not stopping.is_set():
        loop.step()
        if not memory.teller.alive:
            raise StoreError("nothing is kept any more: the log above says why; start again")
        revival.check()
