"""One reader of the store for all requests: a connection of its own, used by one thread at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from device.tell.records import Records


class Reading:
    """Opens the store when it is first asked for, and again when another took its place."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._records: Records | None = None
        self._lock = Lock()

    @contextmanager
    def records(self) -> Iterator[Records]:
        """The reader, until the block ends; raises StoreError if the store cannot be read."""
        with self._lock:
            if self._records is not None and self._records.replaced:
                self._records.close()
                self._records = None
            if self._records is None:
                self._records = Records(self._state)
            yield self._records

    def close(self) -> None:
        with self._lock:
            if self._records is not None:
                self._records.close()
                self._records = None
