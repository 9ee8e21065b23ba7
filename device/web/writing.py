"""One writer of the store for all requests, opened when something is first said over the web."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from device.interfaces import Clock
from device.learn.album import Album
from device.messages import Event
from device.tell.outbox import Announce
from device.tell.store import Store


class Writing:
    """Opens the store once: the check that comes with it takes a while on a large one."""

    def __init__(self, state: Path, clock: Clock, announce: Announce | None = None) -> None:
        """`announce` says what of events must reach the broker."""
        self._state = state
        self._clock = clock
        self._announce = announce
        self._store: Store | None = None
        self._lock = Lock()

    @contextmanager
    def album(self) -> Iterator[Album]:
        """The album to write to, until the block ends; raises StoreError if the store cannot be opened."""
        with self._lock:
            yield Album(self._opened())

    def tell(self, event: Event) -> None:
        """Keep something that happened apart from visits, and announce it; raises StoreError."""
        with self._lock:
            self._opened().add(events=[event])

    def _opened(self) -> Store:
        self._store = self._store or Store(self._state, self._clock.wall(), self._announce)
        return self._store

    def close(self) -> None:
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None
