"""Time windows on the local clock: across midnight, by weekday, right on daylight saving nights.

A window is asked with a local time that was converted from UTC, so an hour that does not exist in
spring never comes up, and the hour that comes twice in autumn lies inside twice, as the clock on
the wall says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from device.errors import ConfigError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UNSET = {"inside": True, "outside": False, "wait": None}


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` (included) to `end` (excluded); `days` are those on which it begins.

    One that ends as it starts lasts a whole day.
    """

    start: time
    end: time
    days: frozenset[int] = frozenset(range(7))
    clock_unset: bool | None = None
    """What holds while the device does not know the time: inside, outside, or None: wait."""

    @classmethod
    def parse(cls, value: object) -> Window:
        """Read "22:00-06:00", or a table with from, to and optionally days and clock_unset."""
        if isinstance(value, str):
            start, dash, end = value.partition("-")
            if not dash:
                raise ConfigError(f'window = {value!r} must be like "22:00-06:00"')
            return cls(_clock_time(start), _clock_time(end))
        if not isinstance(value, dict) or not {"from", "to"} <= set(value):
            raise ConfigError(f'window = {value!r} must be like "22:00-06:00" or have from and to')
        if unknown := sorted(set(value) - {"from", "to", "days", "clock_unset"}):
            raise ConfigError(f"window: {unknown[0]!r} is not known; use from, to, days, clock_unset")
        unset = value.get("clock_unset", "wait")
        if not isinstance(unset, str) or unset not in UNSET:
            raise ConfigError(f'window: clock_unset = {unset!r} must be "inside", "outside" or "wait"')
        return cls(_clock_time(value["from"]), _clock_time(value["to"]), _weekdays(value), UNSET[unset])

    def contains(self, local: datetime) -> bool:
        """Whether the local time `local` lies in the window."""
        now, today = local.time(), local.weekday()
        if self.start < self.end:
            return self.start <= now < self.end and today in self.days
        yesterday = (local - timedelta(days=1)).weekday()
        return (now >= self.start and today in self.days) or (now < self.end and yesterday in self.days)


def _clock_time(text: object) -> time:
    try:
        hours, minutes = str(text).strip().split(":")
        return time(int(hours), int(minutes))
    except ValueError:
        raise ConfigError(f"window: {text!r} is not a time of day; write it like 06:30") from None


def _weekdays(value: dict[str, object]) -> frozenset[int]:
    days = value.get("days", list(DAYS))
    if not isinstance(days, list) or not days or not all(day in DAYS for day in days):
        raise ConfigError(f"window: days = {days!r} must be a list of {', '.join(DAYS)}")
    return frozenset(DAYS.index(day) for day in days)
