"""A 1-wire thermometer outside, such as a DS18B20, read through the kernel's file once a minute.

The kernel's driver w1_therm answers a read of /sys/bus/w1/devices/28-.../w1_slave after up to a second:

    72 01 4b 46 7f ff 0e 10 57 : crc=57 YES
    72 01 4b 46 7f ff 0e 10 57 t=23125

The last number is in thousandths of a degree Celsius. Since the file makes its reader wait, it is read in
a thread of its own. A thermometer that is missing or fails leaves the temperature unknown and is tried
again: no door stays shut for want of one. Source: Linux, Documentation/w1/slaves/w1_therm.rst.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from device.act.drivers import Input, Senses
from device.act.pins import Factory
from device.errors import HardwareError
from device.messages import Inputs

FAMILIES = ("10", "22", "28", "3b", "42")
"""The first two digits of the kinds of 1-wire devices that are thermometers."""
RESET_C = 85.0
"""What a sensor says that lost its power before it had measured."""
LOWEST_C, HIGHEST_C = -55.0, 125.0
STALE = 5
"""A reading is forgotten when so many further ones are due and none has come."""

_ANSWER = re.compile(r"crc=[0-9a-f]{2} YES\n.* t=(-?\d+)\s*$")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """Which sensor, and how often it is read."""

    name: Literal["temperature"] = "temperature"
    sensor: str = ""
    """Its folder, such as "28-0316a2794cff"; empty: the only one there is."""
    folder: str = "/sys/bus/w1/devices"
    every_s: Annotated[float, Field(ge=1, le=3600)] = 60.0


def temperature_in(text: str) -> float | None:
    """Degrees Celsius in what the kernel's file says, None if it says nothing that can be believed."""
    answer = _ANSWER.search(text)
    if answer is None:
        return None
    degrees = int(answer[1]) / 1000
    return degrees if LOWEST_C <= degrees <= HIGHEST_C and degrees != RESET_C else None


def read_sensor(settings: Settings) -> float:
    """Degrees Celsius outside; takes up to a second.

    Raises:
        HardwareError: there is no such sensor, more than one to choose from, or no sound answer.
    """
    folder = Path(settings.folder)
    found = sorted(each.name for each in folder.glob("*-*") if each.name.split("-")[0] in FAMILIES)
    if not settings.sensor and len(found) > 1:
        raise HardwareError(
            f'[[input]] "temperature": name one with sensor = "{found[0]}", of {", ".join(found)}'
        )
    name = settings.sensor or (found[0] if found else "")
    if name not in found:
        wanted = f'sensor = "{name}"' if name else "a sensor"
        fix = (
            f"use one of {', '.join(found)}"
            if found
            else "add dtoverlay=w1-gpio to config.txt, see its wires"
        )
        raise HardwareError(f'[[input]] "temperature": {wanted} is not in {folder}; {fix}')
    try:
        degrees = temperature_in((folder / name / "w1_slave").read_text(encoding="ascii", errors="replace"))
    except OSError as error:
        raise HardwareError(
            f"the thermometer {name} cannot be read: {error.strerror}; see its wires"
        ) from None
    if degrees is None:
        raise HardwareError(
            f"the thermometer {name} gives no sound answer; see its wires and pull-up resistor"
        )
    return degrees


class Thermometer:
    """Implements drivers.Input; `read` takes what the thread measured last and never waits."""

    senses: Senses = "temperature"

    def __init__(self, measure: Callable[[], float], every_s: float) -> None:
        self._measure = measure
        self._every_s = every_s
        self._measured: tuple[int, float | None] = (0, None)
        """How many readings were tried, and what the last one gave."""
        self._taken = (0, 0.0)
        """The number of the last one that was taken note of, and when."""
        self._fault = ""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="thermometer", daemon=True)

    def start(self) -> Thermometer:
        self._thread.start()
        return self

    def read(self, snapshot: Inputs) -> Inputs:
        """The snapshot with the temperature, if a reading is fresh."""
        number, degrees = self._measured
        if number != self._taken[0]:
            self._taken = number, snapshot.time
        fresh = snapshot.time - self._taken[1] <= STALE * self._every_s
        return replace(snapshot, temperature_c=degrees if fresh else None)

    def close(self) -> None:
        """End the thread; one that hangs in the kernel is left to itself."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def measure(self) -> None:
        """Try one reading."""
        try:
            degrees, fault = self._measure(), ""
        except HardwareError as error:
            degrees, fault = None, str(error)
        if fault != self._fault:
            log.warning("%s", fault or "the thermometer answers again")
        self._fault = fault
        self._measured = self._measured[0] + 1, degrees

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self.measure()
                self._stopping.wait(self._every_s)
        except Exception:  # the top of a thread: the temperature becomes unknown, the door goes on
            log.exception("the thermometer's thread has ended")


def build(settings: Settings, factory: Factory) -> Input:  # noqa: ARG001 - the sensor has no pin of ours
    return Thermometer(lambda: read_sensor(settings), settings.every_s).start()
