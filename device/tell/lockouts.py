"""Lockouts over restarts: their remaining seconds, kept in the settings of the store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from device.tell.sink import Told
from device.tell.store import Store

KEY = "lockouts"
PERIOD_S = 30.0
"""How often the remaining time is written: a power cut prolongs a lockout by no more."""


def remembered(settings: Mapping[str, str]) -> dict[str, float]:
    """The lockouts in force when the settings were last written; a damaged value holds nobody."""
    try:
        found = json.loads(settings.get(KEY, "{}"))
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        str(who): float(left) for who, left in found.items() if isinstance(left, (int, float)) and left > 0
    }


class LockoutMemory:
    """Implements sink.Sink: writes lockouts when one begins or ends, and every half minute between."""

    def __init__(self, store: Store, known: Mapping[str, float]) -> None:
        self._store = store
        self._written: Mapping[str, float] = known
        self._time: float | None = None

    def tell(self, passes: Sequence[Told]) -> None:
        if not passes:
            return
        latest = passes[-1].decision
        due = self._time is None or latest.time - self._time >= PERIOD_S
        if set(latest.lockouts) != set(self._written) or (latest.lockouts and due):
            self._store.set_settings({KEY: json.dumps(latest.lockouts)}, passes[-1].observation.wall)
            self._written, self._time = latest.lockouts, latest.time

    def close(self) -> None:
        """The store is closed by the sink that owns it."""
