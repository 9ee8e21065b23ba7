"""What the flap did during one visit, and whether the animal went through it."""

from __future__ import annotations

from dataclasses import dataclass

STILL_HERE = 3
"""Seen in this many frames after the flap closed, an animal has not gone through it."""


@dataclass(slots=True)
class Flap:
    """What the door sensor said during one visit."""

    sensed: bool = False
    """There is a sensor."""
    opened: bool = False
    """It opened at least once."""
    permitted: bool = False
    """The bolt was open for someone when the flap opened last."""
    _stands_open: bool = False
    _closed_behind: tuple[int, ...] | None = None
    """The tracks of the visit when the flap closed."""
    _seen_since: int = 0

    def open(self, permitted: bool) -> None:
        """It stands open; `permitted` counts at the moment in which it opens."""
        if not self._stands_open:
            self.opened, self._stands_open, self.permitted = True, True, permitted

    def close(self, tracks: tuple[int, ...]) -> None:
        """It closed, behind the animal of `tracks` or before it."""
        if self._stands_open:
            self._stands_open, self._closed_behind, self._seen_since = False, tracks, 0

    def see(self, track: int) -> None:
        """The visit's animal was seen as `track`; a track not known before is whoever came next."""
        if self._closed_behind is not None and track in self._closed_behind:
            self._seen_since += 1

    @property
    def passed(self) -> bool:
        """It closed behind the animal, which was not seen any more."""
        return self._closed_behind is not None and self._seen_since < STILL_HERE
