"""Where animals walk and wait, when they come, and whether as many go in as out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from fastapi import APIRouter

from device.messages import Heading, VisitKind
from device.tell.hours import hours
from device.tell.paths import COLUMNS, ROWS, heat
from device.tell.records import Count
from device.tell.wanted import Wanted
from device.web.dependencies import Served
from device.web.permission import READS, only
from device.web.routes.visits import Filter, Moment, utc_seconds

router = APIRouter(prefix="/api/v1", tags=["visits"], dependencies=only(READS))

MOST_PATHS = 20_000
"""So many of the newest paths are added up; more would make somebody wait and tell nothing new."""


@dataclass(frozen=True, slots=True)
class Heat:
    """Seconds that animals spent in each cell of a grid over the picture, where they touched the ground."""

    columns: int
    rows: int
    seconds: tuple[float, ...]
    """Row by row from the top left."""
    visits: int
    """Of so many visits, the newest ones."""


@dataclass(frozen=True, slots=True)
class Balance:
    """Which way visits went."""

    came_in: int
    went_out: int
    stayed: int
    """They did not go through."""


@dataclass(frozen=True, slots=True)
class Paths:
    """How the visits of a time went, persons apart."""

    visits: int
    heat: Heat
    hours: tuple[tuple[int, ...], ...]
    """Visits that began in each hour of the day, local time, for each weekday from Monday on: 7 times 24."""
    undated: int
    """Visits from before the clock was set, which `hours` leaves out."""
    balance: Balance
    animals: dict[str, Balance]
    """The same of each animal by its name, and of "stranger"."""
    zone: str
    """The time zone of `hours`."""


@router.get("/paths")
def paths(served: Served, animal: Filter = None, since: Moment = None, until: Moment = None) -> Paths:
    """Heat map, counts by hour and weekday, and the balance of directions."""
    wanted = Wanted(animal, since=utc_seconds(since), until=utc_seconds(until), animals_only=True)
    with served.reading.records() as records:
        counts, began = records.counts(wanted), records.began(wanted)
        kept = records.paths(wanted, MOST_PATHS)
    zone = served.project.policy.zone or UTC
    named = sorted({count.who for count in counts if count.who is not None})
    return Paths(
        visits=sum(count.visits for count in counts),
        heat=Heat(COLUMNS, ROWS, heat(kept), len(kept)),
        hours=hours([wall for wall in began if wall is not None], zone),
        undated=began.count(None),
        balance=_balance(counts),
        animals={name: _balance(count for count in counts if count.who == name) for name in named},
        zone=str(zone),
    )


def _balance(counts: Iterable[Count]) -> Balance:
    through = (VisitKind.TRANSIT, VisitKind.BREACH)
    ways: Counter[str] = Counter()
    for count in counts:
        ways[count.direction if count.kind in through else Heading.UNCLEAR] += count.visits
    return Balance(ways[Heading.IN], ways[Heading.OUT], ways[Heading.UNCLEAR])
