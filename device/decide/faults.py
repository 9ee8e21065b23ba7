"""What each fault changes at the door: pure, and settled by the owner in `[faults]`.

A fault is told of, and what is decided stays as it was ("warn"), or entry stays locked while it lasts
("lock"). Nothing here ever opens: no fault can make a door more open than it would be without. The way out
keeps its own rules, the guard's stand above all of it, and the owner's "let in" by hand is obeyed even then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from device.decide.notices import Notices
from device.decide.rules import Ruling
from device.messages import Fault, Observation, Outcome

Behaviour = Literal["warn", "lock"]
GONE, NO_MODEL = "gone", "no model"
"""Why a camera is blind that is not simply kept from seeing."""


@dataclass(frozen=True, slots=True)
class FaultSettings:
    """`[faults]`: what each does at the door: "warn" tells of it only, "lock" keeps entry locked as well.

    Whatever is chosen, no blind camera and no slow picture proves anything, and a gone guard opens nothing.
    """

    camera_gone: Behaviour = "warn"
    """No picture comes. "warn": a rule with camera = "blind" may still open for a chip."""
    blind: Behaviour = "warn"
    """Pictures come that are black, saturated, frozen or stale."""
    model: Behaviour = "warn"
    """A model or head is missing, damaged or does not fit; the camera counts as blind."""
    slow: Behaviour = "warn"
    """A picture takes longer than [welfare] slow_s for ten seconds."""
    broker: Behaviour = "warn"
    """The MQTT broker does not answer."""
    network: Behaviour = "warn"
    """No network is connected."""
    disk: Behaviour = "warn"
    """Nothing can be kept: the disk is full, or does not take what is written."""
    database: Behaviour = "warn"
    """The database was damaged and set aside. Settings that were lost with it lock the entry anyway."""
    clock: Behaviour = "warn"
    """The time is not known; a rule with a window does what its clock_unset says."""
    undervoltage: Behaviour = "warn"
    """The power supply is too weak."""
    temperature: Behaviour = "warn"
    """The processor is too warm, and therefore held back."""
    bolt: Behaviour = "warn"
    """The bolt is not where it was driven; the guard tries again as its own rules say."""
    door_open: Behaviour = "warn"
    """The flap stands open for [welfare] held_open_s; no bolt is driven against it anyway."""
    guard: Behaviour = "warn"
    """The guard does not answer: it rests the bolt by itself, and nothing opens."""
    configuration: Behaviour = "warn"
    """The project file cannot be used; the one that the device last ran with is."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is to be known of one fault, whatever the owner chose for it."""

    part: str
    """Under which name the page, MQTT and `latchlens check` show it."""
    noticed: str
    holds: str
    """What happens whatever is chosen."""
    severity: str = ""
    told: str = ""
    """What the owner is told when it begins. Empty: an event of its own says it, see welfare.py for a blind
    camera, slow pictures and an open flap; or nothing does: of the clock, a rule with a window speaks."""


TABLE: Mapping[Fault, Row] = {
    Fault.CAMERA_GONE: Row(
        "camera",
        "no picture for [blind] gone_seconds, also at the start",
        "opened again with growing pauses, a driver that hangs is left behind; after three minutes, once an "
        'hour at most, the process starts anew; nothing is proven; a rule with camera = "blind" holds',
    ),
    Fault.BLIND: Row(
        "blind",
        "pictures are black, saturated, frozen or stale ([blind])",
        "nothing is proven, and a permission given by sight ends; such a rule may open for a chip",
    ),
    Fault.MODEL: Row(
        "model",
        "at the start: a file is missing, is not as its card says, or a head is of another backbone",
        "the device goes on, as blind as with a black camera, until it is put right and started again",
        "critical",
        "a model cannot be used: nobody comes in by sight; `latchlens check` says which",
    ),
    Fault.SLOW: Row(
        "seeing",
        "looks take longer than [welfare] slow_s for ten seconds",
        "what is seen so late proves nothing, since frames so far apart are none in a row",
    ),
    Fault.BROKER: Row(
        "broker",
        "it has not answered for a minute, lets nobody in, or a file of [mqtt] is missing",
        "visits and events wait in the outbox; deciding never waits",
        "info",
        "the broker does not answer: what happens is kept for it",
    ),
    Fault.NETWORK: Row(
        "network",
        "no network interface has been connected for half a minute",
        "as for the broker; the device never restarts for it",
        "info",
        "no network is connected; the door needs none",
    ),
    Fault.DISK: Row(
        "disk, memory",
        "a tenth of [store] free_mb is left, or a write fails",
        "decisions go on, what happened waits in memory, the oldest pictures and journals make room; "
        "for a start, a reserve of 4 MB",
        "warning",
        "nothing can be kept: make room on the disk, or look whether it is worn out",
    ),
    Fault.DATABASE: Row(
        "store",
        "SQLite finds it damaged; in force until the file that was set aside is moved away",
        "it is set aside and a new one begun; settings that are lost after enforcing lock the entry",
        "warning",
        "the database was damaged and set aside, and a new one was begun",
    ),
    Fault.CLOCK: Row(
        "clock",
        "the date is before 2025, or systemd-timesyncd runs and has not heard the time",
        "rules with a window wait, or do what their clock_unset says; nothing else asks for the date",
    ),
    Fault.UNDERVOLTAGE: Row(
        "power",
        "bit 0 of the firmware's get_throttled, or the alarm of rpi_volt; five minutes after the last time",
        "nothing else",
        "warning",
        "the power supply is too weak: use the one that is made for it, and a short cable",
    ),
    Fault.TEMPERATURE: Row(
        "temperature",
        "80 °C, or bits 1 to 3 of get_throttled without undervoltage; five minutes after the last time",
        "nothing else; if seeing becomes slow, that fault tells",
        "warning",
        "the processor is too warm: give it air, shade or a heat sink",
    ),
    Fault.BOLT: Row(
        "bolt",
        "its contact disagrees after its travel time and [guard] jam_margin_s; a minute after the last time",
        "the guard tries again every [guard] retry_s and protects coils",
        "critical",
        "the bolt is jammed: look what blocks it",
    ),
    Fault.DOOR_OPEN: Row(
        "door",
        "the contact says open for [welfare] held_open_s",
        "the guard drives no bolt against an open flap",
    ),
    Fault.GUARD: Row(
        "guard",
        "its snapshot is older than two seconds",
        "the guard rests the bolt by itself when nobody speaks to it; what drives no pin opens nothing",
        "critical",
        "the guard does not answer: the bolt rests, nothing opens but by hand",
    ),
    Fault.CONFIGURATION: Row(
        "project",
        "at the start, every key is checked",
        "the project file with which the device last ran is used; a device that never ran does not start",
        "warning",
        "the project file cannot be used: the one that the device last ran with is",
    ),
}
"""The table of faults; docs/faults.md shows it."""
TOLD = tuple(fault for fault in Fault if TABLE[fault].told)
"""Those that `Faults` tells of."""


class Faults:
    """Follows which faults are in force, and tells when one begins and ends."""

    def __init__(self, settings: FaultSettings, told: tuple[Fault, ...] = ()) -> None:
        """`told` are those of which the owner knows already."""
        self._settings = settings
        self._now: tuple[Fault, ...] = ()
        self.told = told

    def follow(self, observation: Observation, notices: Notices, *, slow: bool, held_open: bool) -> None:
        """Take one observation; `slow` and `held_open` are as welfare has found them."""
        self._now = in_force(observation, slow=slow, held_open=held_open)
        to_tell = tuple(fault for fault in self._now if fault in TOLD)
        for fault in to_tell:
            if fault not in self.told:
                row, locks = TABLE[fault], self._locks(fault)
                also = f"; entry stays locked ([faults] {fault})" if locks else ""
                notices.tell(observation, "fault", f"{row.told}{also}", row.severity)
        for fault in self.told:
            if fault not in to_tell:
                notices.tell(observation, "fault-ended", f"{_words(fault)}: that is over")
        self.told = to_tell

    def ruling(self) -> Ruling | None:
        """What holds for whoever comes; None: the faults in force leave it to the mode and the rules."""
        fault = next(filter(self._locks, self._now), None)
        if fault is None:
            return None
        reason = f'{_words(fault)}: entry stays locked while it lasts ([faults] {fault} = "lock")'
        return Ruling(Outcome.KEEP_LOCKED, f"fault {fault}", reason)

    def _locks(self, fault: Fault) -> bool:
        return bool(getattr(self._settings, fault.value) == "lock")


def in_force(observation: Observation, *, slow: bool, held_open: bool) -> tuple[Fault, ...]:
    """Every fault that an observation tells of, in the order of their table."""
    found = set(observation.faults)
    if observation.blind is not None:
        found.add({GONE: Fault.CAMERA_GONE, NO_MODEL: Fault.MODEL}.get(observation.blind, Fault.BLIND))
    if slow:
        found.add(Fault.SLOW)
    if observation.wall is None:
        found.add(Fault.CLOCK)
    if held_open:
        found.add(Fault.DOOR_OPEN)
    return tuple(fault for fault in Fault if fault in found) if found else ()


def _words(fault: Fault) -> str:
    return fault.value.replace("_", " ")
