"""Builds whom a running device tells: memory, clips, broker, webhooks, and what counts how it does."""

from __future__ import annotations

import secrets
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from device.building.eyes import Watching
from device.building.memory import Memory, build_memory
from device.config import Project
from device.heads import HeadKeeper, heads_on_trial
from device.interfaces import Camera, Clock, Publisher
from device.tell.broker import Broker
from device.tell.day import Day
from device.tell.health import Health
from device.tell.machine import Machine
from device.tell.sink import Sink
from device.tell.statistics import Statistics
from device.telling import build_broker, build_clips, build_webhooks


@dataclass(frozen=True, slots=True)
class Hearers:
    """Whom a running device tells."""

    memory: Memory
    broker: Broker
    """Not begun yet."""
    statistics: Statistics
    day: Day
    publishers: tuple[Publisher, ...]
    """Those that are told of each pass."""


def build_hearers(
    project: Project, state: Path, clock: Clock, seen: Watching, camera: Camera, parts: ExitStack
) -> Hearers:
    """All of them; what has to be closed is left to `parts`.

    Raises:
        StoreError: the state directory cannot be used.
    """
    statistics, machine = Statistics(clock), Machine()
    day = Day(state, statistics.report, machine.resident_memory)
    broker = parts.enter_context(closing(build_broker(project, seen.hashes, statistics)))

    def others(health: Health) -> list[Sink]:
        return [
            *build_webhooks(project, state, clock, health),
            *broker.sinks(state / "pictures", health),
            *_head_keepers(project, state, seen, health),
            day,
        ]

    memory = build_memory(
        project,
        state,
        secrets.token_hex(4),
        seen.hashes,
        threaded=True,
        wall=clock.wall(),
        backbone=seen.backbone,
        others=others,
        on_trial=heads_on_trial(project, state, seen.backbone) if seen.backbone else (),
        announce=broker.announce,
        machine=machine,
        trouble=lambda: str(getattr(camera, "trouble", "")),
    )
    parts.callback(memory.teller.close)
    recorders = build_clips(project, state, memory.quota, memory.health, threaded=True)
    for recorder in recorders:
        parts.callback(recorder.close)
    return Hearers(memory, broker, statistics, day, (statistics, memory.teller, *recorders))


def _head_keepers(project: Project, state: Path, seen: Watching, health: Health) -> list[HeadKeeper]:
    """Who follows which heads are to judge, if there is anything that they could judge."""
    if seen.classifier is None:
        return []
    return [HeadKeeper(project, state, seen.backbone, seen.classifier, health)]
