"""A share of the disk for pictures: the oldest visits make room, the newest is never given up."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from device.errors import StoreError


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on the disk."""

    path: Path
    size: int
    """Bytes."""
    written: int
    """Modification time in nanoseconds; only its order counts."""

    @property
    def visit(self) -> str:
        return self.path.name.rpartition("-")[0]


def free_bytes(folder: Path) -> int:
    """Bytes free on the disk of `folder`."""
    return shutil.disk_usage(folder).free


class Quota:
    """Keeps a folder within `most` bytes, and `floor` bytes of its disk free."""

    def __init__(self, folder: Path, most: int, floor: int, free: Callable[[Path], int] = free_bytes) -> None:
        self._folder = folder
        self._most = most
        self._floor = floor
        self._free = free

    def make_room(self, needed: int) -> None:
        """Delete the oldest pictures until `needed` more bytes fit.

        Raises:
            StoreError: they do not fit even so.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            pictures = self._pictures()
            short = max(
                sum(each.size for each in pictures) + needed - self._most,
                self._floor + needed - self._free(self._folder),
            )
            given_up = expendable(pictures, short)
            for each in given_up:
                each.path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{self._folder}: {error.strerror or error}; check who owns it") from None
        if sum(each.size for each in given_up) < short:
            raise StoreError(
                f"{self._folder}: no room for pictures; free some space or raise [store] pictures_mb"
            )

    def _pictures(self) -> list[Picture]:
        found = [(path, path.stat()) for path in self._folder.glob("*/*.jpg")]
        return [Picture(path, stat.st_size, stat.st_mtime_ns) for path, stat in found]


def expendable(pictures: Sequence[Picture], short: int) -> list[Picture]:
    """The oldest pictures that together free `short` bytes, or all but those of the newest visit."""
    ordered = sorted(pictures, key=lambda each: (each.written, each.path))
    chosen: list[Picture] = []
    for each in ordered:
        if short <= 0:
            break
        if each.visit != ordered[-1].visit:
            chosen.append(each)
            short -= each.size
    return chosen
