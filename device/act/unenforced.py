"""The bolt while Latchlens only watches: it stays as the owner chose, whatever would have been decided."""

from __future__ import annotations

from dataclasses import dataclass

from device.interfaces import Bolt, Clock, SettingsSource
from device.messages import Inputs, Lease, Mode

SECONDS = 5.0
"""Each word of the loop keeps the bolt open for so long: silence means rest here too."""


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """Implements interfaces.Bolt around another one, for an owner who leaves the flap open for now.

    As soon as decisions are enforced, the settings were lost or the owner has locked the door, it only
    hands on what it is told.
    """

    bolt: Bolt
    settings: SettingsSource
    clock: Clock

    def hold(self, lease: Lease | None) -> None:
        """Hand on `lease` if it is to be obeyed; otherwise hold the bolt open."""
        chosen = self.settings.current()
        if chosen.enforce or chosen.lost or chosen.mode is Mode.LOCKED:
            self.bolt.hold(lease)
        else:
            self.bolt.hold(Lease(self.clock.now(), SECONDS, "not enforcing: left open, as the owner chose"))

    def inputs(self) -> Inputs:
        """The snapshot of the bolt's guard."""
        return self.bolt.inputs()
