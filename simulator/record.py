"""What happened in a scene: in the world, at the bolt, and in what was told."""

from __future__ import annotations

from dataclasses import dataclass, field

from device.decide.policy import PolicyState
from device.messages import BoltState, Event, Visit
from device.tell.outbox import Letter
from simulator.refusals import Refusals
from simulator.world import Happening

OPENING = (BoltState.UNLOCKING, BoltState.UNLOCKED)


@dataclass(slots=True)
class Record:
    """What happened in a scene: in the world, at the bolt, and in what was told."""

    happenings: list[Happening] = field(default_factory=list)
    bolt: list[tuple[float, BoltState]] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    bolted_on_a_body: list[float] = field(default_factory=list)
    flap_closed: list[float] = field(default_factory=list)
    opened_blind: list[float] = field(default_factory=list)
    tripped: list[float] = field(default_factory=list)
    """When a button was pressed, a motion sensor on the way out was on, or the owner tapped."""
    moved: list[float] = field(default_factory=list)
    """Every 20 ms in which the bolt itself moved, whatever was reported of it."""
    longest_powered: float = 0.0
    """For how long the bolt's coil or motor was powered at a stretch, and how long it may be."""
    powered_limit: float = 1e9
    clear: list[tuple[float, str]] = field(default_factory=list)
    """When whose face was to be seen in a frame."""
    deaths: list[float] = field(default_factory=list)
    """When the device's process died or its loop hung, or when the power came back after a cut."""
    revivals: list[float] = field(default_factory=list)
    """When a loop turned for the first time after that."""
    settings_changed: list[float] = field(default_factory=list)
    """When the device took the owner's settings to be other than they are, and not for lost."""
    arrived: list[Letter] = field(default_factory=list)
    """What reached the broker, each time it did."""
    undelivered: list[str] = field(default_factory=list)
    """Visits and events that do not reach the broker's listeners exactly once."""
    lost: list[str] = field(default_factory=list)
    """Visits and events that were told but are not in the store."""
    refusals: Refusals = field(default_factory=Refusals)
    """When visits were refused, and when there was a picture of them."""
    reads: list[tuple[float, str]] = field(default_factory=list)
    """When which chip was read."""
    final: PolicyState | None = None
    """How the policy stood at the end; None with somebody at the door."""

    def when(self, what: str, who: str, after: float = 0.0) -> float | None:
        """When something first happened to a visitor at or after a second of the scene."""
        return next(
            (
                each.time
                for each in self.happenings
                if each.what == what and each.who == who and each.time >= after
            ),
            None,
        )

    def rested_before(self, time: float) -> bool:
        """Whether the bolt had come to its first rest, so that where it stands is no chance."""
        return any(state is BoltState.LOCKED and when < time for when, state in self.bolt)

    def clear_view(self, who: str, number: int) -> float | None:
        """When the face of `who` was clearly seen for the n-th time."""
        times = [time for time, name in self.clear if name == who]
        return times[number - 1] if len(times) >= number else None

    def unlocked(self, after: float = 0.0, before: float = 1e9) -> float | None:
        """When the bolt was first drawn back between two seconds, once it had first been at rest."""
        rested = next((time for time, state in self.bolt if state is BoltState.LOCKED), 1e9)
        start = max(after, rested)
        return next((time for time, state in self.bolt if state in OPENING and start <= time <= before), None)
