"""A bolt moved by a solenoid: one coil against a spring, or two coils that latch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field

from device.act.bolts import BoltTraits, Drive
from device.act.coil import CoilLimits
from device.act.drivers import BoltDriver
from device.act.guard import Outputs
from device.act.pins import Factory, Pin
from device.act.relay import Switch, one_coil
from device.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Settings:
    """One coil on `pin`, or a latching pair (also the two directions of a motor's bridge)."""

    pin: Pin | None = None
    pin_unlock: Pin | None = None
    pin_lock: Pin | None = None
    powered_to: Literal["unlock", "lock"] = "unlock"
    """What power does to a single coil; the spring does the other."""
    travel_s: Annotated[float, Field(gt=0, le=10)] = 0.1
    """How long the bolt takes; the pulse of a latching coil lasts as long."""
    coil: CoilLimits = field(default_factory=CoilLimits)

    def __post_init__(self) -> None:
        given = (self.pin is not None, self.pin_unlock is not None, self.pin_lock is not None)
        if given not in ((True, False, False), (False, True, True)):
            raise ConfigError("a solenoid needs either pin, or both pin_unlock and pin_lock")
        self.traits()

    def traits(self) -> BoltTraits:
        """How this bolt works.

        Raises:
            ConfigError: the coil's limits do not fit the way it is used.
        """
        if self.pin is not None:
            return one_coil(self.powered_to, self.travel_s, self.coil)
        return BoltTraits(Drive.PULSE, Drive.PULSE, self.travel_s, self.coil)


@dataclass(frozen=True, slots=True)
class Latching:
    """Two coils, never both on: the one that goes off does so before the other goes on."""

    traits: BoltTraits
    unlock: Any
    lock: Any

    def drive(self, outputs: Outputs) -> None:
        unlock, lock = outputs.unlock and not outputs.lock, outputs.lock and not outputs.unlock
        if not unlock:
            self.unlock.off()
        if not lock:
            self.lock.off()
        if unlock:
            self.unlock.on()
        if lock:
            self.lock.on()

    def close(self) -> None:
        for coil in (self.unlock, self.lock):
            coil.off()
            coil.close()


def build(settings: Settings, factory: Factory) -> BoltDriver:
    from gpiozero import OutputDevice  # noqa: PLC0415 - only when pins are built

    traits = settings.traits()
    if settings.pin is not None:
        return Switch(traits, OutputDevice(settings.pin, pin_factory=factory))
    return Latching(
        traits,
        OutputDevice(settings.pin_unlock, pin_factory=factory),
        OutputDevice(settings.pin_lock, pin_factory=factory),
    )
