"""What a scene lets fail: the camera, the device itself, the network; and who presses a button meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import Field

from device.tell.mqtt_settings import AWAY_S
from device.tell.rounds import HOLD_S, MACHINE_S
from simulator.visitors import Seconds

HELD = ("undervoltage", "too warm")
ROUND_S = 2 * MACHINE_S
HELD_S = HOLD_S + ROUND_S
"""How long after their end these are still told."""
End = Annotated[float, Field(gt=0)]
FOREVER = 1e9


CameraFaultKind = Literal["black", "saturated", "frozen", "slow", "gone"]


@dataclass(frozen=True, slots=True)
class CameraFault:
    """One `[[camera_fault]]`: what is wrong with the camera for a while."""

    what: CameraFaultKind
    begins: Seconds
    ends: End = FOREVER
    every: Annotated[float, Field(gt=0)] = 2.0
    """Seconds from frame to frame of a camera that is slow."""


@dataclass(frozen=True, slots=True)
class DeviceFault:
    """One `[[device_fault]]`: what is wrong with the device itself for a while.

    | what             | the device's process                                                            |
    |------------------|---------------------------------------------------------------------------------|
    | `exceptions`     | fails on every pass of its loop                                                 |
    | `hang`           | its loop hangs at `begins`, its guard goes on; the watchdog ends it             |
    | `killed`         | is gone at `begins`; the pins stay as they were                                 |
    | `power cut`      | is gone, and all power until `ends`                                             |
    | `slow inference` | takes `seconds` for a picture                                                   |
    | `disk full`      | can write nothing                                                               |
    | `no model`       | has no model to see with                                                        |
    | `guard gone`     | gets no answer from its guard, which rests the bolt as nobody speaks to it      |
    | `project invalid`| found its project file spoilt, and goes on with the one before                  |
    | `clock unset`    | does not know the date                                                          |
    | `undervoltage`   | has too weak a power supply                                                     |
    | `too warm`       | has a processor of 84 degrees                                                   |
    | `bolt jammed`    | drives a bolt that does not move                                                |
    | `door held open` | stands behind a flap that something holds open                                  |
    """

    what: Literal[
        "exceptions", "hang", "killed", "power cut", "slow inference", "disk full", "no model", "guard gone",
        "project invalid", "clock unset", "undervoltage", "too warm", "bolt jammed", "door held open",
    ]  # fmt: skip
    begins: Seconds
    ends: End = FOREVER
    seconds: Annotated[float, Field(gt=0)] = 4.0
    """How long a slow inference takes."""
    damage: Literal["none", "torn write", "database"] = "none"
    """What a power cut leaves behind: half of what was being written, or a database that is no longer one."""


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """One `[[network_fault]]`: the broker, or the whole network, cannot be reached for a while."""

    what: Literal["broker", "wi-fi"]
    begins: Seconds
    ends: End = FOREVER


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some time of a scene."""

    begins: float
    ends: float


def noticing(devices: Iterable[DeviceFault], networks: Iterable[NetworkFault]) -> list[Stretch]:
    """While the device has yet to notice that a fault began, or still holds one that is over."""
    held = [Stretch(each.begins, each.ends + HELD_S) for each in devices if each.what in HELD]
    begun = [Stretch(each.begins, each.begins + AWAY_S + ROUND_S) for each in networks]
    ended = [Stretch(each.ends, each.ends + ROUND_S) for each in networks]
    return [*held, *begun, *ended]


@dataclass(frozen=True, slots=True)
class Press:
    """One `[[press]]`: a button, switch or alarm contact that is on for a while."""

    input: str
    at: Seconds
    seconds: Annotated[float, Field(gt=0)] = 1.0


class Span(Protocol):
    """Anything that begins and ends."""

    @property
    def begins(self) -> float: ...

    @property
    def ends(self) -> float: ...


S = TypeVar("S", bound=Span)


def in_force(spans: Iterable[S], time: float) -> list[S]:
    """Those of `spans` in whose time `time` lies."""
    return [each for each in spans if each.begins <= time < each.ends]
