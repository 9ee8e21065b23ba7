"""Where the household's animals are, in or out, and when each was last seen at the door.

The camera looks at the outside, so an animal that is proven to stand before it is out until it
comes in. One that leaves is seen from behind and seldom proven: it was whoever was not yet out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from device.messages import Heading, Place, Whereabouts

NOWHERE = Whereabouts()


class Presence:
    """The whereabouts of each animal; times are those of the observations."""

    def __init__(self, names: Sequence[str], known: Mapping[str, Whereabouts]) -> None:
        self._names = tuple(names)
        self.known = {name: where for name, where in known.items() if name in self._names}
        """Those of whom anything is known."""

    def all(self) -> dict[str, Whereabouts]:
        """The whereabouts of everyone."""
        return {name: self.known.get(name, NOWHERE) for name in self._names}

    def shift(self, seconds: float) -> None:
        """Move all times: the clock they were taken from was set, or is another one."""
        self.known = {
            name: where if where.seen is None else replace(where, seen=where.seen + seconds)
            for name, where in self.known.items()
        }

    def see(self, name: str, time: float, wall: float | None) -> None:
        """The animal is proven to stand before the camera."""
        self.known[name] = Whereabouts(Place.OUT, time, wall)

    def pass_through(self, name: str | None, direction: Heading) -> None:
        """The animal went through the flap; None: one of the household's, or maybe another, unnamed."""
        if name is not None:
            self._put(name, Place.IN if direction is Heading.IN else Place.OUT)
        elif direction is Heading.OUT:
            may_be = [each for each in self._names if self._place(each) is not Place.OUT]
            for each in may_be:
                self._put(each, Place.OUT if len(may_be) == 1 else Place.UNKNOWN)
        else:
            for each in self._names:
                if self._place(each) is Place.OUT:
                    self._put(each, Place.UNKNOWN)

    def _place(self, name: str) -> Place:
        return self.known.get(name, NOWHERE).place

    def _put(self, name: str, place: Place) -> None:
        if place is not self._place(name):
            self.known[name] = replace(self.known.get(name, NOWHERE), place=place)
