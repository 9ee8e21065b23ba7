"""Visits and events as they are published, and which of them must reach the broker."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from device.messages import Event, Visit, VisitPhase
from device.tell import wire
from device.tell.outbox import Letter

VISITS, EVENT = "visits", "event"
OTHER = "other"
EVENT_KINDS = (
    *("alert", "breach", "question", "lockout", "lockout-ended", "settings-lost"),
    *("smoke", "smoke-ended", "panic", "panic-ended"),
    *("blind", "blind-long", "sees", "slow", "slow-ended", "held-open", "held-open-ended"),
    *("waiting-outside", "waiting-outside-ended", "not-seen", "not-seen-ended"),
    *("let-in", "let-in-refused", "let-in-by-chip", "locked-by-hand"),
    *("fault", "fault-ended", "job-ended"),
)
"""Kinds of events by their names; Home Assistant must know them beforehand, and others are OTHER to it."""


class Announcements:
    """Says what must reach the broker of visits and events; its `letters` is an outbox.Announce."""

    def __init__(self, models: Mapping[str, str]) -> None:
        """`models` are the hashes of models and heads by name, which each ended visit names."""
        self._models = dict(models)

    def letters(self, visits: Iterable[Visit], events: Iterable[Event]) -> Sequence[Letter]:
        """Every event, and visits that have ended."""
        ended = (visit for visit in visits if visit.phase is VisitPhase.END)
        return [*map(_of_event, events), *map(self._of_visit, ended)]

    def _of_visit(self, visit: Visit) -> Letter:
        address = f"/api/v1/visits/{quote(visit.id, safe='')}"
        document = visit_document(visit) | {"models": self._models, "address": address}
        return Letter(visit.id, VISITS, as_json(document))


def _of_event(event: Event) -> Letter:
    number = secrets.token_hex(8)
    kind = event.kind if event.kind in EVENT_KINDS else OTHER
    document = wire.document(event) | {"id": number, "event_type": kind, "at": instant(event.wall)}
    return Letter(number, EVENT, as_json(document))


def visit_document(visit: Visit) -> dict[str, Any]:
    """A visit as it is published; once it has ended, `event_type` tells Home Assistant how."""
    ended = {"event_type": visit.kind.value} if visit.kind and visit.phase is VisitPhase.END else {}
    return wire.document(visit) | {"at": instant(visit.started_wall)} | ended


def instant(wall: float | None) -> str | None:
    """UTC seconds as ISO 8601, to the second; None while the clock was not set."""
    return None if wall is None else datetime.fromtimestamp(wall, UTC).isoformat(timespec="seconds")


def as_json(document: object) -> str:
    """JSON that every reader takes: no infinities."""
    return json.dumps(document, allow_nan=False, ensure_ascii=False)


def slugs(names: Iterable[str]) -> dict[str, str]:
    """A topic level for each name, which is also fit for Home Assistant's entity ids; no two are the same."""
    found: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "animal"
        taken = set(found.values())
        found[name] = next(
            slug for number in range(1, len(taken) + 2) if (slug := _numbered(plain, number)) not in taken
        )
    return found


def _numbered(plain: str, number: int) -> str:
    return plain if number == 1 else f"{plain}_{number}"
