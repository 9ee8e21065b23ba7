"""One writer of the store for all requests, opened when something is first said over the web."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from device.interfaces import Clock
from device.learn.album import Album
from device.tell.store import Store


class Writing:
    """Opens the store once: the check that comes with it takes a while on a large one."""

    def __init__(self, state: Path, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._store: Store | None = None
        self._lock = Lock()

    @contextmanager
    def album(self) -> Iterator[Album]:
        """The album to write to, until the block ends; raises StoreError if the store cannot be opened."""
        with self._lock:
            self._store = self._store or Store(self._state, self._clock.wall())
            yield Album(self._store)

    def close(self) -> None:
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None
