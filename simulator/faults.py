"""What a scene lets fail: the camera, the device itself, the network; and who presses a button meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Literal, Protocol, TypeVar

from pydantic import Field

from simulator.visitors import Seconds

End = Annotated[float, Field(gt=0)]
FOREVER = 1e9


@dataclass(frozen=True, slots=True)
class CameraFault:
    """One `[[camera_fault]]`: what is wrong with the camera for a while."""

    what: Literal["black", "saturated", "frozen", "slow", "gone"]
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
    """

    what: Literal["exceptions", "hang", "killed", "power cut", "slow inference", "disk full"]
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
