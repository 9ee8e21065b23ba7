"""A bolt behind one switched output: a relay, an electric strike, a solenoid or a magnet with a spring."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from device.act.bolts import BoltTraits, Drive
from device.act.coil import CoilLimits
from device.act.drivers import BoltDriver
from device.act.guard import Outputs
from device.act.pins import Factory, Pin


@dataclass(frozen=True, slots=True)
class Settings:
    """The pin, what power does, and what the coil stands."""

    pin: Pin
    powered_to: Literal["unlock", "lock"] = "unlock"
    """"unlock" is fail-secure (no power: locked), "lock" is fail-safe (no power: open)."""
    active_high: bool = True
    """False for the common relay boards that switch on when their input is pulled low."""
    travel_s: Annotated[float, Field(gt=0, le=10)] = 0.1
    coil: CoilLimits = field(default_factory=CoilLimits)

    def __post_init__(self) -> None:
        self.traits()

    def traits(self) -> BoltTraits:
        """How this bolt works.

        Raises:
            ConfigError: the coil's limits do not fit the way it is used.
        """
        return one_coil(self.powered_to, self.travel_s, self.coil)


def one_coil(powered_to: Literal["unlock", "lock"], travel_s: float, limits: CoilLimits) -> BoltTraits:
    """The traits of a bolt that power moves one way and a spring the other."""
    if powered_to == "unlock":
        return BoltTraits(Drive.HOLD, Drive.SPRING, travel_s, limits)
    return BoltTraits(Drive.SPRING, Drive.HOLD, travel_s, limits)


@dataclass(frozen=True, slots=True)
class Switch:
    """One output that is on while either of the guard's coils is."""

    traits: BoltTraits
    output: Any

    def drive(self, outputs: Outputs) -> None:
        self.output.value = outputs.unlock or outputs.lock

    def close(self) -> None:
        self.output.off()
        self.output.close()


def build(settings: Settings, factory: Factory) -> BoltDriver:
    from gpiozero import OutputDevice  # noqa: PLC0415 - only when pins are built

    output = OutputDevice(settings.pin, active_high=settings.active_high, pin_factory=factory)
    return Switch(settings.traits(), output)
