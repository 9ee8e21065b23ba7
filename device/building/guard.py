"""Builds the guard with the drivers of every pin, or a line to the process that has them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from device.act import local, pins
from device.act.drivers import Signal
from device.act.link import Link
from device.interfaces import Clock
from device.wiring import Wiring

if TYPE_CHECKING:
    from device.config import Project  # the guard's own process knows nothing of it

log = logging.getLogger(__name__)

House = Callable[[pins.Factory, Iterable[Any]], Signal]
"""Builds what stands around the door in a simulation: a signal that follows the bolt."""


def reach_guard(project: Project, clock: Clock, guarded: Path | None) -> local.LocalGuard | Link:
    """The guard of the project's bolt, not started yet.

    `guarded` is where a guard that is a process of its own listens: then it is a line to that; None: one
    with real pins in this process.
    """
    if guarded is not None:
        return Link(guarded, clock, project.wiring.digest)
    return build_guard(project.wiring, pins.factory(project.section("pins").kind))


def build_guard(wiring: Wiring, factory: pins.Factory, house: House | None = None) -> local.LocalGuard:
    """The guard with the drivers of every pin.

    Raises:
        ConfigError: the bolt cannot rest where the project says.
        HardwareError: a pin or port is missing.
    """
    bolt = wiring.bolt.build(factory)
    inputs = [part.build(factory) for part in wiring.inputs]
    signals = [part.build(factory) for part in wiring.outputs]
    if house is not None:
        signals.append(house(factory, [part.settings for part in wiring.inputs]))
    chip = wiring.chip.build() if wiring.chip else None
    if wiring.guard.may_trap:
        log.warning('[guard] blocks = "both": nobody gets out while the bolt is locked or the device is down')
    return local.build(wiring.guard, bolt, inputs, signals, chip)
