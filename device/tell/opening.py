"""Opens the store at the start of the device, also on a disk that is full: the oldest journals make room.

Even reading takes some room, for the index that the connections share. What the owner would miss, such as
visits and pictures, is never given up for it; a journal only serves to decide again what was decided.
"""

from __future__ import annotations

import logging
from pathlib import Path

from device.errors import StoreError
from device.tell.outbox import Announce
from device.tell.quota import free_bytes
from device.tell.store import Store

log = logging.getLogger(__name__)

ROOM = 1_000_000
"""With so many bytes free it is not the disk's fault."""


def open_store(folder: Path, wall: float | None = None, announce: Announce | None = None) -> Store:
    """The store in `folder` with the visits ended that a power cut left open; arguments as of `Store`.

    Raises:
        StoreError: it cannot be used, or there is no journal left that could make room.
    """
    journals = sorted((folder / "journal").glob("*.jsonl"))
    while True:
        try:
            return _opened(folder, wall, announce)
        except StoreError as error:
            if not journals or free_bytes(folder) > ROOM:
                raise
            log.error("%s; to start all the same, %s is given up", error, journals[0])
            _give_up(journals.pop(0))


def _opened(folder: Path, wall: float | None, announce: Announce | None) -> Store:
    store = Store(folder, wall, announce)
    try:
        if interrupted := store.end_interrupted():
            log.info("%d visit(s) had been cut short when the device stopped", interrupted)
    except StoreError:
        store.close()
        raise
    return store


def _give_up(journal: Path) -> None:
    try:
        journal.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{journal}: cannot be deleted: {error.strerror}; check who owns it") from None
