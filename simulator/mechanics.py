"""The bolt as a piece of metal: it moves as the pins say and as its spring pulls, and takes its time.

It knows nothing of what the device believes. A process that was killed leaves the pins as they were; without
power a spring takes the bolt, and a servo stays where it stopped. A spring cannot push it into a flap that
stands open: the bolt then rides on the flap until it has fallen shut.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from device.act import relay, servo, solenoid
from device.act.pins import Factory
from device.config import Project
from device.errors import ConfigError

QUICKER = 0.8
"""A bolt that works takes this part of the time that the project allows it."""

Wire = Callable[[], float]
"""What a pin gives at this moment: 0 or 1, or the duty cycle of its pulses."""

Drive = Literal["locked", "unlocked"] | None
"""Where power moves the bolt at this moment, None while there is no power on it."""


@dataclass(slots=True)
class IronBolt:
    """Where the bolt is: 0 locked, 1 drawn back."""

    travel_s: float
    limit_s: float
    """How long its coil or motor may be powered at a stretch."""
    spring: Drive
    """Where it goes without power, None if it stays."""
    driven: Callable[[], Drive]
    position: float = 0.0
    jammed: bool = False
    """Something keeps it where it is."""
    powered_s: float = 0.0
    """For how long it has been powered one way without a break."""
    longest_s: float = 0.0
    struck: bool = False
    """Power has just driven it home while the flap stood open."""
    _power: Drive = None

    @property
    def open(self) -> bool:
        """Whether a push at the flap succeeds."""
        return self.position > 0.7

    def advance(self, dt: float, flap_ajar: bool) -> float:
        """Let `dt` seconds pass; how far it moved."""
        power = self.driven()
        again = power is not None and power == self._power
        self._power = power
        self.powered_s = self.powered_s + dt if again else dt if power else 0.0
        self.longest_s = max(self.longest_s, self.powered_s)
        goal = power or self.spring
        blocked = power is None and goal == "locked" and flap_ajar
        before = self.position
        if goal is not None and not blocked and not self.jammed:
            step = dt / (self.travel_s * QUICKER)
            self.position = min(max(before + (step if goal == "unlocked" else -step), 0.0), 1.0)
        self.struck = power == "locked" and flap_ajar and before > 0.0 == self.position
        return self.position - before

    def wire(self, other: IronBolt) -> None:
        """Go on with the wiring of `other`: the same bolt at the pins of a process that was started again."""
        self.driven = other.driven


def iron_bolt(project: Project, factory: Factory) -> IronBolt:
    """The bolt that hangs on the pins of `factory`.

    Raises:
        ConfigError: scenes know no such bolt.
    """
    chosen = project.bolt.settings
    if isinstance(chosen, servo.Settings):
        return IronBolt(chosen.travel_s, chosen.travel_s, None, _servo(chosen, factory))
    if isinstance(chosen, relay.Settings):
        coil = _switched(factory, chosen.pin, chosen.active_high)
        return _against_a_spring(chosen.travel_s, chosen.coil.limit_s, chosen.powered_to, coil)
    if isinstance(chosen, solenoid.Settings):
        if chosen.pin is not None:
            coil = _switched(factory, chosen.pin)
            return _against_a_spring(chosen.travel_s, chosen.coil.limit_s, chosen.powered_to, coil)
        unlock, lock = (_switched(factory, pin) for pin in (chosen.pin_unlock, chosen.pin_lock))
        return IronBolt(chosen.travel_s, chosen.coil.limit_s, None, _pair(unlock, lock))
    raise ConfigError(
        f'[bolt] kind = "{project.bolt.kind}" is unknown to scenes; use servo, relay or solenoid'
    )


def _against_a_spring(
    travel_s: float, limit_s: float, powered_to: Literal["unlock", "lock"], coil: Callable[[], bool]
) -> IronBolt:
    power: Drive = "unlocked" if powered_to == "unlock" else "locked"
    spring: Drive = "locked" if powered_to == "unlock" else "unlocked"
    return IronBolt(travel_s, limit_s, spring, lambda: power if coil() else None)


def _switched(factory: Factory, number: int | None, active_high: bool = True) -> Callable[[], bool]:
    pin = factory.pin(number)
    return lambda: pin.function == "output" and bool(pin.state) is active_high


def _pair(unlock: Callable[[], bool], lock: Callable[[], bool]) -> Callable[[], Drive]:
    def driven() -> Drive:
        return "unlocked" if unlock() else "locked" if lock() else None

    return driven


def _servo(chosen: servo.Settings, factory: Factory) -> Callable[[], Drive]:
    """A servo turns to the nearer of its two angles while it gets pulses."""
    pin = factory.pin(chosen.pin)
    middle_deg = (chosen.unlocked_deg + chosen.locked_deg) / 2

    def driven() -> Drive:
        pulse_ms = pin.state * servo.FRAME_S * 1000
        if pin.function != "output" or pulse_ms < chosen.min_pulse_ms * 0.9:
            return None
        share = (pulse_ms - chosen.min_pulse_ms) / (chosen.max_pulse_ms - chosen.min_pulse_ms)
        angle_deg = chosen.min_deg + share * (chosen.max_deg - chosen.min_deg)
        beyond = angle_deg > middle_deg
        return "unlocked" if beyond is (chosen.unlocked_deg > chosen.locked_deg) else "locked"

    return driven
