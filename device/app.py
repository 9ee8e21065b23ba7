"""The composition root: builds every part from a project, starts every thread, shuts down in order."""

from __future__ import annotations

import logging
import secrets
import signal
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event

from device.act import pins
from device.act.link import Link
from device.act.local import LocalGuard
from device.act.trial import BoltTrial
from device.act.unenforced import LeftOpen
from device.building.eyes import Watching, build_watching, say_untaught
from device.building.folder import make_folder
from device.building.guard import build_guard
from device.building.memory import Memory, build_memory
from device.building.revival import Revival
from device.config import Project
from device.errors import ConfigError, StoreError
from device.heads import HeadKeeper, heads_on_trial
from device.heartbeat import Heartbeat
from device.interfaces import Clock, EndOfVideo
from device.loop import Loop
from device.messages import Fault
from device.see import video
from device.see.patient import open_patiently
from device.see.stream import is_address
from device.tell import last_good
from device.tell.day import Day
from device.tell.fanout import Fanout
from device.tell.health import Health
from device.tell.health import State as Condition
from device.tell.lines import Lines
from device.tell.machine import Machine
from device.tell.narrative import standing
from device.tell.requests import Requests
from device.tell.settings import StoredSettings
from device.tell.statistics import Statistics
from device.telling import build_broker, build_clips, build_webhooks, say_at_the_start, say_wiring
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
    _refuse_hasty_recording(project)
    stopping = Stopping()
    with ExitStack() as parts:
        _heed_signals(stopping, parts)
        # Whatever a killed process left behind, the bolt rests at once, though nothing else should start.
        guard = _guard(project, clock, guarded)
        parts.callback(guard.stop)
        guard.start(clock)
        lines = parts.enter_context(closing(Lines()))
        make_folder(state)
        seen = build_watching(project, state)
        say_untaught(seen)
        camera = open_patiently(project.camera.kind, lambda: project.camera.build(clock))
        parts.callback(camera.close)
        # The store comes before its readers: it sets a damaged database aside before anyone reads it.
        session = secrets.token_hex(4)
        statistics, machine = Statistics(clock), Machine()
        day = Day(state, statistics.report, machine.resident_memory)
        broker = parts.enter_context(closing(build_broker(project, seen.hashes, statistics)))
        memory = build_memory(
            project,
            state,
            session,
            seen.hashes,
            threaded=True,
            wall=clock.wall(),
            backbone=seen.backbone,
            others=lambda health: [
                *build_webhooks(project, state, clock, health),
                *broker.sinks(state / "pictures", health),
                *_head_keepers(project, state, seen, health),
                day,
            ],
            on_trial=heads_on_trial(project, state, seen.backbone) if seen.backbone else (),
            announce=broker.announce,
            machine=machine,
            trouble=lambda: str(getattr(camera, "trouble", "")),
        )
        parts.callback(memory.teller.close)
        guard.tell(say_wiring(memory.health))
        settings = StoredSettings(state)
        parts.callback(settings.close)
        trial = BoltTrial(guard, clock)
        bolt = LeftOpen(trial, settings, clock) if project.section("door").unenforced == "unlocked" else trial
        requests, latest = Requests(), Latest()
        recorders = build_clips(project, state, memory.quota, memory.health, threaded=True)
        for recorder in recorders:
            parts.callback(recorder.close)
        broker.start(state, requests, settings, memory.health, clock)
        heartbeat, revival = Heartbeat(clock), Revival(state, clock)
        parts.callback(heartbeat.stop)
        publisher = Fanout([statistics, memory.teller, *recorders, latest, heartbeat, revival])
        loop = Loop(
            camera, seen.eyes, memory.policy, bolt, settings, publisher, clock, requests, memory.health
        )
        if project.section("web").enabled:
            served = Appliance(
                folder=state,
                project=project,
                path=path,
                latest=latest,
                reading=Reading(state),
                owner=settings,
                requests=requests,
                guard=guard,
                health=memory.health,
                clock=clock,
                redact=seen.redact,
                models=seen.hashes,
                statistics=statistics,
                day=day,
                lines=lines,
                trial=trial,
                restart=stopping.start_again,
                no_restart=on_trial,
                announce=broker.announce,
            )
            _serve(served, parts)
        # Whatever takes its time at the end, such as a broker that hangs, the bolt may go to rest before.
        parts.callback(guard.hold, None)
        log.info("watching the door with %s; %s", project.camera.kind, standing(settings.current()))
        _say_what_holds(project, seen, fault, memory.health)
        try:
            loop.step()
            heartbeat.start()
            if path and not fault:
                last_good.remember(state, path, project.text, project.version)
            _turn(loop, memory, revival, stopping)
        except EndOfVideo:
            log.info("the recording has ended")
        dropped = memory.teller.dropped
        log.info("stopping; the bolt goes to rest; the loop had no time for %d frames", dropped)
    return stopping.again


class Stopping(Event):
    """Set when the loop shall end, and whether its owner asked for another start; for any thread."""

    again = False

    def start_again(self) -> None:
        """End the loop, and the bolt goes to rest, as at every end."""
        self.again = True
        self.set()


def _heed_signals(stopping: Stopping, parts: ExitStack) -> None:
    """From here on a signal ends the loop and never the process, which would leave the pins as they are."""
    for number in (signal.SIGTERM, signal.SIGINT):
        parts.callback(signal.signal, number, signal.signal(number, lambda *_: stopping.set()))


def _guard(project: Project, clock: Clock, guarded: Path | None) -> LocalGuard | Link:
    """The guard of the bolt: a line to its process, or a thread of this one."""
    if guarded is not None:
        return Link(guarded, clock, project.wiring.digest)
    return build_guard(project.wiring, pins.factory(project.section("pins").kind))


def _refuse_hasty_recording(project: Project) -> None:
    """A recording that plays faster than life would have every frame stale at once."""
    recorded = project.camera.settings
    is_file = isinstance(recorded, video.Settings) and not is_address(recorded.path)
    if is_file and recorded.speed != "real-time":
        raise ConfigError(
            '[camera] speed must be "real-time" for `latchlens run`, or every frame is stale at once'
        )


def _head_keepers(project: Project, state: Path, seen: Watching, health: Health) -> list[HeadKeeper]:
    """Who follows which heads are to judge, if there is anything that they could judge."""
    if seen.classifier is None:
        return []
    return [HeadKeeper(project, state, seen.backbone, seen.classifier, health)]


def _say_what_holds(project: Project, seen: Watching, fault: str, health: Health) -> None:
    """Say how the parts are of which no pass will tell."""
    _say_models(seen, health)
    say_at_the_start(project, health)
    _say_project(project, fault, health)


def _say_models(seen: Watching, health: Health) -> None:
    """Say with what the device sees, what it was never taught, and that it sees nothing without models."""
    if seen.fault:
        fix = "put it back, or name another in the project file, and start again"
        health.set("model", Condition.FAULT, seen.fault, fix)
        return
    health.set("model", Condition.OK, ", ".join(seen.hashes))
    if seen.untaught:
        text = f"never taught: {', '.join(seen.untaught)}; rules that need it wait"
        health.set("heads", Condition.WARNING, text, "label some visits and train")


def _say_project(project: Project, fault: str, health: Health) -> None:
    """Say by which project file the device goes."""
    if not fault:
        health.set("project", Condition.OK, project.name)
        return
    fix = "correct the project file and start again"
    health.set("project", Condition.FAULT, fault, fix, fault=Fault.CONFIGURATION)


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
