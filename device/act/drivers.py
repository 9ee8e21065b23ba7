"""What every part with a pin can do: the Protocols between the guard's process and its drivers."""

from __future__ import annotations

from typing import Literal, Protocol

from device.act.bolts import BoltTraits
from device.act.guard import Outputs
from device.messages import ChipRead, Inputs

Senses = Literal["door", "bolt", "motion", "button", "temperature"]


class Part(Protocol):
    """Anything with a pin or a port."""

    def close(self) -> None:
        """Take all power away, go dark or silent, and give pins and port back."""
        ...


class BoltDriver(Part, Protocol):
    """Moves one bolt."""

    @property
    def traits(self) -> BoltTraits: ...

    def drive(self, outputs: Outputs) -> None:
        """Power what `outputs` asks for, and nothing else."""
        ...


class Input(Part, Protocol):
    """Reads one sensor, switch or button."""

    @property
    def senses(self) -> Senses: ...

    def read(self, snapshot: Inputs) -> Inputs:
        """The snapshot with this input written into it, as it is at `snapshot.time`."""
        ...


class Signal(Part, Protocol):
    """Shows or sounds how things stand: a light, a chime."""

    def show(self, snapshot: Inputs) -> None: ...


class ChipSource(Part, Protocol):
    """A reader of microchips."""

    def read(self, now: float) -> ChipRead | None:
        """The chip read since the last call, or None; never waits."""
        ...
