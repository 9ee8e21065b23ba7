"""A share of the disk for pictures and clips: the oldest make room, the newest visit is never given up."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from device.errors import StoreError

PATTERNS = ("*/*.jpg", "*/*.webm")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or a clip on the disk."""

    path: Path
    size: int
    """Bytes."""
    written: int
    """Modification time in nanoseconds; only its order counts."""

    @property
    def visit(self) -> str:
        """The visit's id, as file names have it."""
        return self.path.name.rpartition("-")[0] if self.path.suffix == ".jpg" else self.path.stem


def free_bytes(folder: Path) -> int:
    """Bytes free on the disk of `folder`."""
    return shutil.disk_usage(folder).free


class Quota:
    """Keeps a folder within `most` bytes, and `floor` bytes of its disk free."""

    def __init__(
        self,
        folder: Path,
        most: int,
        floor: int,
        free: Callable[[Path], int] = free_bytes,
        precious: Callable[[], Collection[str]] = tuple,
    ) -> None:
        """`precious` tells the visits, such as labelled ones, whose pictures go last."""
        self._folder = folder
        self._most = most
        self._floor = floor
        self._free = free
        self._precious = precious

    def make_room(self, needed: int) -> None:
        """Delete the oldest pictures and clips until `needed` more bytes fit.

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
            given_up = expendable(pictures, short, self._precious()) if short > 0 else []
            for each in given_up:
                each.path.unlink(missing_ok=True)
                each.path.with_suffix(".times").unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{self._folder}: {error.strerror or error}; check who owns it") from None
        if sum(each.size for each in given_up) < short:
            raise StoreError(
                f"{self._folder}: no room for pictures; free some space or raise [store] pictures_mb"
            )

    def _pictures(self) -> list[Picture]:
        """Two threads make room; what the other has just deleted is passed over."""
        found = []
        for path in chain.from_iterable(self._folder.glob(pattern) for pattern in PATTERNS):
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            found.append(Picture(path, stat.st_size, stat.st_mtime_ns))
        return found


def expendable(pictures: Sequence[Picture], short: int, precious: Collection[str] = ()) -> list[Picture]:
    """The oldest that together free `short` bytes, or all but those of the newest visit.

    Those of `precious` visits are given up last, and of a visit the clip before the pictures.
    """
    newest = max(pictures, key=lambda each: (each.written, each.path), default=None)
    began = {each.visit: each.written for each in sorted(pictures, key=lambda each: -each.written)}
    ordered = sorted(
        pictures,
        key=lambda each: (each.visit in precious, began[each.visit], each.path.suffix == ".jpg", each.path),
    )
    chosen: list[Picture] = []
    for each in ordered:
        if short <= 0:
            break
        if newest is not None and each.visit != newest.visit:
            chosen.append(each)
            short -= each.size
    return chosen
