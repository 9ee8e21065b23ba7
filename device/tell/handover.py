"""The bounded hand-over from the loop to the teller: putting never waits, taking waits for news."""

from __future__ import annotations

from threading import Condition
from typing import Generic, TypeVar

T = TypeVar("T")


class Handover(Generic[T]):
    """One thread puts, one other takes.

    What matters (a visit, an event) wakes the taker at once and may fill a second reserve of the
    same size; everything else lies until the taker looks, and is refused once `limit` are waiting.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._items: list[T] = []
        self._changed = Condition()
        self._urgent = False
        self._closed = False

    def put(self, item: T, matters: bool) -> bool:
        """Hand over `item`; False if there is no room for it."""
        with self._changed:
            if self._closed or len(self._items) >= self._limit * (2 if matters else 1):
                return False
            self._items.append(item)
            if matters:
                self._urgent = True
                self._changed.notify()
        return True

    def take(self, wait: float) -> list[T] | None:
        """Everything put so far, once something matters or `wait` seconds passed; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._urgent or self._closed, wait)
            taken, self._items = self._items, []
            self._urgent = False
            return None if self._closed and not taken else taken

    def close(self) -> None:
        """Refuse everything from now on; what is inside can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify()
