"""Rebuilds a disk as a power cut would have left it, from the record of everything that was written to it.

The record is QEMU's blklogwrites, in the format of Linux's dm-log-writes: a super block, then entries of one
sector with what was written behind each. Source: https://docs.kernel.org/admin-guide/device-mapper/log-writes.html
"""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAGIC = 0x6A736677736872
SUPER = struct.Struct("<QQQI")
ENTRY = struct.Struct("<QQQQ")
FLUSH, FORCED, DISCARD, MARK = 1, 2, 4, 8


class RecordError(Exception):
    """The record is not what it should be."""


@dataclass(frozen=True, slots=True)
class Written:
    """One entry: some sectors, or the promise that all before has reached the disk."""

    sector: int
    count: int
    flags: int
    offset: int
    """Where in the record its data begin."""

    @property
    def flushes(self) -> bool:
        return bool(self.flags & FLUSH)

    @property
    def forced(self) -> bool:
        """It was on the disk itself when it was reported as done."""
        return bool(self.flags & FORCED)

    @property
    def has_data(self) -> bool:
        return self.count > 0 and not self.flags & DISCARD


class Record:
    """The entries of one recording, in the order in which they were written."""

    def __init__(self, path: Path) -> None:
        self._data = path.read_bytes()
        magic, _, count, self.sector_bytes = SUPER.unpack_from(self._data)
        if magic != MAGIC:
            raise RecordError(f"{path} is no record of a disk")
        self.entries = list(self._entries(count))

    def _entries(self, count: int) -> Iterator[Written]:
        offset = self.sector_bytes
        for _ in range(count):
            sector, sectors, flags, extra = ENTRY.unpack_from(self._data, offset)
            entry = Written(sector, sectors, flags, offset + self.sector_bytes)
            yield entry
            held = sectors * self.sector_bytes if entry.has_data else extra if flags & MARK else 0
            offset = entry.offset + held

    def content(self, entry: Written) -> bytes:
        return self._data[entry.offset : entry.offset + entry.count * self.sector_bytes]

    def marks(self, area: int) -> list[tuple[int, dict[str, Any]]]:
        """What the workload said past the file system, from byte `area` on, each with its entry's index."""
        return [
            (index, json.loads(self.content(entry)))
            for index, entry in enumerate(self.entries)
            if entry.has_data and entry.sector * self.sector_bytes >= area
        ]


class Disk:
    """A disk that is written along a record and can be cut at any later point."""

    def __init__(self, record: Record, begin: bytes) -> None:
        self._record = record
        self._lasting = bytearray(begin)
        self._done = 0
        """So many entries are in it."""

    def cut(self, point: int, chance: random.Random) -> bytearray:
        """The disk after a cut behind entry `point`; points must not go back.

        What came before the last flush is there. Of what came after it each write is there whole, in its
        first sectors, or not at all: a disk's memory is written in no order, and a sector at a time.
        """
        entries = self._record.entries
        flushes = (index for index in range(point, self._done - 1, -1) if entries[index].flushes)
        flushed = next(flushes, self._done - 1)
        for entry in entries[self._done : flushed + 1]:
            self._write(self._lasting, entry, entry.count)
        self._done = flushed + 1
        left = bytearray(self._lasting)
        for entry in entries[self._done : point + 1]:
            chosen = chance.choice((0, entry.count, chance.randint(0, entry.count)))
            self._write(left, entry, entry.count if entry.forced else chosen)
        return left

    def _write(self, disk: bytearray, entry: Written, sectors: int) -> None:
        if entry.has_data and sectors:
            size, start = self._record.sector_bytes, entry.sector * self._record.sector_bytes
            disk[start : start + sectors * size] = self._record.content(entry)[: sectors * size]


def points(record: Record, first: int, count: int, chance: random.Random) -> Sequence[int]:
    """Where the power is cut, behind entry `first`: at random, half of them between a flush and the next."""
    later = range(first, len(record.entries))
    unflushed = [index for index in later if not record.entries[index].flushes]
    chosen = set(chance.sample(unflushed, min(count // 2, len(unflushed))))
    others = [index for index in later if index not in chosen]
    return sorted(chosen | set(chance.sample(others, min(count - len(chosen), len(others)))))
