"""Where the animals are, over restarts: kept in the store as places and seconds since each was seen."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

from device.errors import StoreError
from device.messages import Place, Whereabouts
from device.tell import wire
from device.tell.sink import Told
from device.tell.store import Store

KEY = "whereabouts"
PERIOD_S = 600.0
"""How often the seconds are written while nobody moves: a power cut prolongs an absence by no more."""

Known = Mapping[str, Whereabouts]


def remembered(settings: Mapping[str, str]) -> dict[str, Whereabouts]:
    """The animals' whereabouts when they were last written, `seen` as seconds ago, negative.

    A damaged value knows of nobody.
    """
    try:
        found = json.loads(settings.get(KEY, "{}"))
        return {str(name): wire.read(Whereabouts, json.dumps(each), KEY) for name, each in found.items()}
    except (ValueError, AttributeError, StoreError):
        return {}


class WhereaboutsMemory:
    """Implements sink.Sink: writes when an animal moves, every ten minutes between, and at the end."""

    def __init__(self, store: Store, known: Known) -> None:
        self._store = store
        self._places = _places(known)
        self._written: float | None = None
        self._latest: Told | None = None

    def tell(self, passes: Sequence[Told]) -> None:
        if not passes:
            return
        self._latest = passes[-1]
        now, places = self._latest.decision.time, _places(self._latest.decision.whereabouts)
        if self._written is None:
            self._written = now
        if places != self._places or not 0 <= now - self._written < PERIOD_S:
            self._write(self._latest)
            self._places, self._written = places, now

    def close(self) -> None:
        """Write once more; the store is closed by the sink that owns it."""
        if self._latest is not None:
            self._write(self._latest)

    def _write(self, told: Told) -> None:
        known = {name: where for name, where in told.decision.whereabouts.items() if where != Whereabouts()}
        if known:
            self._store.remember({KEY: _ago(known, told.decision.time)}, told.observation.wall)


def _places(known: Known) -> dict[str, Place]:
    return {name: where.place for name, where in known.items() if where.place is not Place.UNKNOWN}


def _ago(known: Known, now: float) -> str:
    """The whereabouts as JSON, `seen` as seconds before `now`, negative."""
    ago = {
        name: where if where.seen is None else replace(where, seen=round(min(where.seen - now, 0.0), 1))
        for name, where in known.items()
    }
    return json.dumps({name: wire.exact(where) for name, where in ago.items()})
