"""Rounds: something is looked at every so often, and `health` says how it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from device.messages import Fault
from device.tell.database import damaged
from device.tell.health import Found, Health, State
from device.tell.machine import TOO_WARM, TOO_WEAK, Machine
from device.tell.quota import free_bytes
from device.tell.sink import Told

DISK_S, DAMAGE_S, MACHINE_S = 60.0, 5.0, 5.0
"""How often the disk is looked at, the folder for databases that were set aside, and the computer itself."""
HOLD_S = 300.0
"""A weak power supply or a warm processor comes and goes; told is that it was so in the last minutes."""
UNPLUGGED_S = 30.0
"""A network that is away for less is no news."""
WARM_C = 80.0
"""From here on a Raspberry Pi's processor is held back; source: its documentation on frequency management."""
SCARCE = 0.05
"""So little working memory is left before the kernel begins to end processes."""
MOVE_AWAY = (
    "look at the disk or card; copy that file if you miss its visits, then move it away, and this ends"
)


class Rounds:
    """Implements sink.Sink: calls `look` every `every_s` seconds and says in `health` how `part` is."""

    def __init__(
        self,
        health: Health,
        part: str,
        every_s: float,
        look: Callable[[], Found],
        lasting_s: float = 0.0,
        hold_s: float = 0.0,
    ) -> None:
        """A fault counts once it has lasted, and until it has not been found for as long as it is held."""
        self._health = health
        self._part = part
        self._every_s = every_s
        self._look = look
        self._next = float("-inf")
        self._lasting_s, self._hold_s = lasting_s, hold_s
        self._began: float | None = None
        self._held: Found | None = None
        self._until = float("-inf")

    def tell(self, passes: Sequence[Told]) -> None:
        if not passes or passes[-1].observation.time < self._next:
            return
        latest = passes[-1].observation
        # On a beat of its own, so that it does not depend on when it was first asked.
        self._next = (math.floor(latest.time / self._every_s) + 1) * self._every_s
        found = self._steadied(self._look(), latest.time)
        state, text, fix, fault = found
        self._health.set(self._part, state, text, fix, time=latest.time, wall=latest.wall, fault=fault)

    def close(self) -> None:
        """Nothing is held."""

    def _steadied(self, found: Found, now: float) -> Found:
        if found.fault is None:
            self._began = None
            return self._held if self._held is not None and now < self._until else found
        self._began = now if self._began is None else self._began
        if now - self._began < self._lasting_s:
            return found._replace(state=State.OK, fix="", fault=None)
        self._held, self._until = found, now + self._hold_s
        return found


def disk(health: Health, folder: Path, floor: int, free: Callable[[Path], int] = free_bytes) -> Rounds:
    """How much of the disk of `folder` is free; `floor` is what is to stay free, in bytes."""

    def look() -> Found:
        left = free(folder)
        text = f"{left / 1e6:.0f} MB are free"
        if left < floor // 10:
            fix = "make room: soon nothing can be kept, though the door goes on deciding"
            return Found(State.FAULT, text, fix, Fault.DISK)
        if left < floor:
            return Found(State.WARNING, text, "make room: the oldest pictures are being given up")
        return Found(State.OK, text)

    return Rounds(health, "disk", DISK_S, look)


def damage(health: Health, folder: Path) -> Rounds:
    """Whether a damaged database that was set aside lies in `folder`: the visits in it are missed."""

    def look() -> Found:
        aside = ", ".join(each.name for each in damaged(folder))
        if not aside:
            return Found(State.OK, "sound")
        text = f"the database was damaged, a new one was begun; kept as {aside}"
        return Found(State.WARNING, text, MOVE_AWAY, Fault.DATABASE)

    return Rounds(health, "store", DAMAGE_S, look)


def of_the_machine(health: Health, machine: Machine) -> list[Rounds]:
    """How the computer itself does."""
    return [
        Rounds(health, "power", MACHINE_S, lambda: power(machine), hold_s=HOLD_S),
        Rounds(health, "temperature", MACHINE_S, lambda: warmth(machine), hold_s=HOLD_S),
        Rounds(health, "network", MACHINE_S, lambda: network(machine), lasting_s=UNPLUGGED_S),
        Rounds(health, "working memory", MACHINE_S, lambda: memory(machine)),
    ]


def power(machine: Machine) -> Found:
    """Whether the power supply is strong enough."""
    why = machine.held_back()
    if why is None:
        return Found(State.UNKNOWN, "nothing measures it here")
    if TOO_WEAK in why:
        fix = "use the power supply that is made for it, with a short and thick cable; take devices off USB"
        return Found(State.WARNING, "too weak: undervoltage", fix, Fault.UNDERVOLTAGE)
    return Found(State.OK, "strong enough")


def warmth(machine: Machine) -> Found:
    """Whether the processor is too warm; one that is held back for want of power is not."""
    degrees, why = machine.temperature_c(), machine.held_back() or ()
    if degrees is None and not why:
        return Found(State.UNKNOWN, "nothing measures it here")
    text = "the processor" if degrees is None else f"{degrees:.0f} °C"
    held_back = [each for each in why if each != TOO_WEAK]
    if TOO_WARM in why or (held_back and TOO_WEAK not in why) or (degrees or 0.0) >= WARM_C:
        text = f"{text}: {', '.join(held_back) or TOO_WARM}"
        fix = "give it air or shade, fit a heat sink, or choose a lower [camera] rate"
        return Found(State.WARNING, text, fix, Fault.TEMPERATURE)
    return Found(State.OK, text)


def network(machine: Machine) -> Found:
    """Whether any network is connected."""
    known = machine.networks()
    if not known:
        return Found(State.UNKNOWN, "there is no network interface")
    if connected := [name for name, up in known.items() if up]:
        return Found(State.OK, f"connected by {', '.join(connected)}")
    fix = "look at the router and the password of the Wi-Fi; the door goes on without"
    return Found(State.WARNING, f"not connected: {', '.join(known)}", fix, Fault.NETWORK)


def memory(machine: Machine) -> Found:
    """How much working memory is left."""
    known = machine.free_memory()
    if known is None:
        return Found(State.UNKNOWN, "nothing measures it here")
    left, most = known
    text = f"{left / 1e6:.0f} of {most / 1e6:.0f} MB are left"
    if left < SCARCE * most:
        return Found(State.WARNING, text, "end other programs, or choose a smaller picture in [camera]")
    return Found(State.OK, text)
