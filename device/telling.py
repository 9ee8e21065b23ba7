"""Builds what tells people outside of the state directory: clips of visits and notes to a telephone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from device.config import Project
from device.decide.schedule import Window
from device.errors import ConfigError
from device.interfaces import Clock
from device.see.privacy import without_persons
from device.tell import clips, webhook
from device.tell.broker import Broker, NoBroker
from device.tell.health import Health, State
from device.tell.quota import Quota
from device.tell.statistics import Statistics
from device.updating.history import update_state

log = logging.getLogger(__name__)


def build_clips(
    project: Project, folder: Path, quota: Quota, health: Health, *, threaded: bool
) -> list[clips.ClipRecorder]:
    """The recorder of clips into the state directory `folder`, if the project keeps any."""
    settings: clips.Settings = project.section("clips")
    if not settings.keep:
        return []
    said = _saying(health, "clips", "the latest was kept")
    pictures = folder / "pictures"
    return [clips.ClipRecorder(settings, pictures, without_persons, quota, threaded=threaded, said=said)]


def build_webhooks(project: Project, folder: Path, clock: Clock, health: Health) -> list[webhook.Webhook]:
    """A sink for each `[[webhook]]`, sending the pictures that lie in the state directory `folder`.

    One whose address or file with a token cannot be used is told of, and keeps no door from being watched.
    """
    return [
        built
        for settings in project.webhooks
        if (built := _webhook(settings, project, folder, clock, health)) is not None
    ]


def _webhook(
    settings: webhook.Settings, project: Project, folder: Path, clock: Clock, health: Health
) -> webhook.Webhook | None:
    part = f"webhook {settings.name}"
    try:
        return webhook.Webhook(
            settings,
            folder / "pictures",
            clock,
            is_quiet=_quiet_hours(settings.quiet, project),
            said=_saying(health, part, "the latest note was taken"),
        )
    except ConfigError as error:
        log.error("%s; the device goes on without it", error)
        health.set(part, State.FAULT, str(error), "correct it and start again")
        return None


def build_broker(project: Project, models: Mapping[str, str], statistics: Statistics) -> Broker:
    """The device's line to its broker, not begun yet; silent if the project names none.

    One that cannot be asked, for a file of [mqtt] is missing, is told of as one that does not answer is.
    `models` are the hashes of models and heads by name.
    """
    settings = project.section("mqtt")
    if not settings.host:
        return NoBroker()
    from device.tell.mqtt import MqttBroker  # noqa: PLC0415 - nobody else needs the library

    animals = tuple(animal.name for animal in project.policy.animals)
    door = any(part.kind == "reed" for part in project.inputs)
    try:
        return MqttBroker(settings, project.name, animals, door, models, statistics, update_state)
    except ConfigError as error:
        log.error("%s; the device goes on without its broker", error)
        return NoBroker(str(error))


def say_wiring(health: Health) -> Callable[[str], None]:
    """Keeps in `health` what is odd about the guard's wiring, "" for nothing."""

    def said(odd: str) -> None:
        fix = "start the device again, or correct the project file" if odd else ""
        health.set("wiring", State.WARNING if odd else State.OK, odd or "as the project file says", fix)

    return said


def say_at_the_start(project: Project, health: Health) -> None:
    """Say of the parts that wait for something to happen whether the project wants them."""
    if not project.section("mqtt").host:
        health.set("broker", State.OK, "none: [mqtt] host names no broker")
    clips, learns = project.section("clips").keep, project.section("learning").collect
    health.set("clips", State.OK, "none was made yet" if clips else "none are kept: [clips] keep is false")
    health.set("learning", State.OK, "views are collected" if learns else "off: [learning] collect is false")


def _saying(health: Health, part: str, well: str) -> Callable[[str | None], None]:
    def said(fault: str | None) -> None:
        health.set(part, State.WARNING if fault else State.OK, fault or well)

    return said


def _quiet_hours(text: str, project: Project) -> Callable[[float], bool] | None:
    if not text:
        return None
    window, zone = Window.parse(text), project.policy.zone or UTC
    return lambda wall: window.contains(datetime.fromtimestamp(wall, zone))
