"""Opens the store at the start of the device, also on a full disk: a reserve makes room, then journals.

Even reading takes some room, for the index that the connections share. So a file of nothing is kept for that
day while there is room for it. What the owner would miss, such as visits and pictures, is never given up; a
journal only serves to decide again what was decided.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from device.errors import StoreError
from device.tell.outbox import Announce
from device.tell.quota import free_bytes
from device.tell.store import Store

log = logging.getLogger(__name__)

ROOM = 1_000_000
"""With so many bytes free it is not the disk's fault."""

RESERVE, RESERVE_BYTES = "reserve", 4_000_000
SPARE = 10 * RESERVE_BYTES
"""The reserve is made while so many bytes are free."""


def open_store(folder: Path, wall: float | None = None, announce: Announce | None = None) -> Store:
    """The store in `folder` with the visits ended that a power cut left open; arguments as of `Store`.

    Raises:
        StoreError: it cannot be used, or there is nothing left that could make room.
    """
    spare = [each for each in (folder / RESERVE,) if _bytes_of(each)]
    spare += sorted((folder / "journal").glob("*.jsonl"))
    while True:
        try:
            store = _opened(folder, wall, announce)
            break
        except StoreError as error:
            if not spare or free_bytes(folder) > ROOM:
                raise
            log.error("%s; to start all the same, %s is given up", error, spare[0])
            _give_up(spare.pop(0))
    _keep_reserve(folder)
    return store


def _opened(folder: Path, wall: float | None, announce: Announce | None) -> Store:
    store = Store(folder, wall, announce)
    try:
        if interrupted := store.end_interrupted():
            log.info("%d visit(s) had been cut short when the device stopped", interrupted)
    except StoreError:
        store.close()
        raise
    return store


def _give_up(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{file}: cannot be deleted: {error.strerror}; check who owns it") from None


def _keep_reserve(folder: Path) -> None:
    """Make the reserve if there is room for it; a device without one works as well, on all days but one."""
    reserve = folder / RESERVE
    try:
        if _bytes_of(reserve) >= RESERVE_BYTES or free_bytes(folder) <= SPARE:
            return
        with reserve.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
    except OSError as error:
        log.warning("%s: nothing is kept for a full disk: %s", reserve, error.strerror or error)


def _bytes_of(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
