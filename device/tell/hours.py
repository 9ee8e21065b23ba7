"""Counts by weekday and hour of the local clock, fast enough for years of visits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

import numpy as np

DAY_S, HOUR_S = 86_400, 3_600
MONDAY_S = 4 * DAY_S
"""The first Monday after the beginning of 1970."""


def hours(walls: Sequence[float], zone: tzinfo) -> tuple[tuple[int, ...], ...]:
    """How many moments, in UTC seconds, fall into each hour of the local week: 7 times 24, from Monday on."""
    moments = np.array(walls, np.float64)
    days, which = np.unique(np.floor(moments / DAY_S), return_inverse=True)
    begins = np.array([_offset_s(day * DAY_S, zone) for day in days], np.float64)
    ends = np.array([_offset_s((day + 1) * DAY_S - 1, zone) for day in days], np.float64)
    offsets = begins[which]
    for place in np.flatnonzero(begins[which] != ends[which]):  # on a day on which the clocks change
        offsets[place] = _offset_s(moments[place], zone)
    since_monday = (moments + offsets - MONDAY_S) % (7 * DAY_S)
    counts = np.bincount((since_monday // HOUR_S).astype(int), minlength=7 * 24).reshape(7, 24)
    return tuple(tuple(map(int, day)) for day in counts)


def _offset_s(wall: float, zone: tzinfo) -> float:
    return (datetime.fromtimestamp(wall, zone).utcoffset() or timedelta()).total_seconds()
