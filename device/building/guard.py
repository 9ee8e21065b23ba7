"""Builds the guard with the drivers of every pin."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from device.act import local, pins
from device.act.drivers import Signal
from device.wiring import Wiring

log = logging.getLogger(__name__)

House = Callable[[pins.Factory, Iterable[Any]], Signal]
"""Builds what stands around the door in a simulation: a signal that follows the bolt."""


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
