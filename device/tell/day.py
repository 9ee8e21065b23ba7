"""The device's own figures over the last day: a row a minute, in memory and, every hour, on the disk."""

from __future__ import annotations

import json
import logging
import math
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, astuple, dataclass, fields
from pathlib import Path
from statistics import fmean
from threading import Lock

from device.errors import StoreError
from device.tell.atomic import write_whole
from device.tell.sink import Told
from device.tell.statistics import Report

log = logging.getLogger(__name__)

MINUTE_S, HOUR_S = 60.0, 3600.0
MINUTES = 24 * 60
NAME = "day.json"
"""In the state directory; writing it each hour is a megabyte a day."""


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of some minutes; None where nothing measured them."""

    wall: float | None
    """UTC seconds at their end."""
    frames_per_s: float | None = None
    latency_p50_s: float | None = None
    latency_p95_s: float | None = None
    memory_bytes: float | None = None
    """Resident."""
    temperature_c: float | None = None


class Day:
    """Implements sink.Sink: takes a row each minute; `rows` may be asked for in any thread."""

    def __init__(
        self, folder: Path, report: Callable[[], Report], resident: Callable[[], int | None]
    ) -> None:
        """`report` tells how the device does, `resident` how many bytes of memory it takes."""
        self._path = folder / NAME
        self._report = report
        self._resident = resident
        self._lock = Lock()
        self._rows: deque[Row] = deque(_kept(self._path), maxlen=MINUTES)
        self._next: float | None = None
        self._keep_at: float | None = None

    def tell(self, passes: Sequence[Told]) -> None:
        if not passes:
            return
        latest = passes[-1].observation
        if self._next is None or self._keep_at is None:  # the first minute is not over yet
            self._next, self._keep_at = latest.time + MINUTE_S, latest.time + HOUR_S
        if latest.time >= self._next:
            self._next = latest.time + MINUTE_S
            self._take(latest.wall)
        if latest.time >= self._keep_at:
            self._keep_at = latest.time + HOUR_S
            self._keep()

    def close(self) -> None:
        """What is not written yet."""
        self._keep()

    def rows(self, minutes: int = 1) -> list[Row]:
        """The last day, so many minutes in a row put together."""
        with self._lock:
            kept = list(self._rows)
        return [_together(kept[at : at + minutes]) for at in range(0, len(kept), minutes)]

    def _take(self, wall: float | None) -> None:
        found = self._report()
        row = Row(
            wall,
            found.frames_per_s,
            found.latency_p50_s,
            found.latency_p95_s,
            self._resident(),
            found.temperature_c,
        )
        with self._lock:
            self._rows.append(row)

    def _keep(self) -> None:
        """A disk that does not take it costs these figures a start, and nothing else."""
        with self._lock:
            dated = [_short(row) for row in self._rows if row.wall is not None]
        try:
            write_whole(self._path, json.dumps(dated).encode(), lasting=False)
        except StoreError as error:
            log.warning("%s", error)


def _kept(path: Path) -> Iterable[Row]:
    """What another process left; nothing if that cannot be read."""
    try:
        return [Row(*row) for row in json.loads(path.read_bytes()) if _sound(row)]
    except (OSError, ValueError, TypeError):
        return []


def _sound(row: object) -> bool:
    numbers = isinstance(row, list) and all(
        each is None or (isinstance(each, (int, float)) and math.isfinite(each)) for each in row
    )
    return numbers and isinstance(row, list) and len(row) == len(fields(Row))


def _short(row: Row) -> list[float | None]:
    return [None if each is None else round(each, 4) for each in astuple(row)]


def _together(rows: Sequence[Row]) -> Row:
    """Their means, and the time of the last."""
    columns = zip(*(list(asdict(row).values())[1:] for row in rows), strict=True)
    return Row(rows[-1].wall, *map(_mean, columns))


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
