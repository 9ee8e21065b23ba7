"""How large the store grows, and how fast a filtered page of visits is found in it."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from device.learn.album import Album, Said
from device.messages import (
    Box,
    Event,
    Heading,
    MeterReading,
    Outcome,
    Sighting,
    Track,
    Verdict,
    View,
    Visit,
    VisitKind,
    VisitPhase,
)
from device.tell.database import NAME
from device.tell.keeping import SIGHTINGS
from device.tell.paths import heat
from device.tell.records import Records
from device.tell.store import Store
from device.tell.wanted import Wanted
from device.web.routes.paths import MOST_PATHS
from simulator.figure import Figure

BEGAN = 1_700_000_000.0
EVERY_S = 2880.0
"""Thirty visits a day."""
SESSION = 500
"""Visits between two starts of the device."""
BATCH = 2000
ROUNDS = 21
EVIDENCE_DAYS = 60
"""As long as [store] evidence_days keeps it."""
PAGE = 50


def measure(visits: int) -> list[Figure]:
    """The size of a store of so many visits, and the median time of a page for each kind of filter."""
    with TemporaryDirectory(prefix="latchlens-") as folder:
        fill(Path(folder), visits)
        size = sum(path.stat().st_size for path in Path(folder).glob(f"{NAME}*")) / 1e6
        with Records(Path(folder)) as records:
            found = [
                Figure(f"a page of {PAGE} visits: {name}", _median_ms(records, wanted), "ms", 20)
                for name, wanted in _questions(visits).items()
            ]
            for name, ask in (
                ("counts of", records.counts),
                ("times of", records.began),
                ("newest paths of", _paths_of(records)),
            ):
                found.append(Figure(f"{name} all visits", _median_of(partial(ask, Wanted())), "ms", 300))
        return [Figure(f"file of {visits} visits, evidence of {EVIDENCE_DAYS} days", size, "MB", 100), *found]


def _questions(visits: int) -> dict[str, Wanted]:
    old = BEGAN + visits / 100 * EVERY_S
    half = BEGAN + visits / 2 * EVERY_S
    return {
        "all": Wanted(),
        "one animal": Wanted("tom"),
        "a rare animal": Wanted("guest"),
        "a rare kind": Wanted(kind="BREACH"),
        "an animal and a rare kind": Wanted("stranger", kind="BREACH"),
        "none there is": Wanted(species="dog"),
        "one day long ago": Wanted(since=old, until=old + 86_400),
        "one animal in an old week": Wanted("tom", since=old, until=old + 7 * 86_400),
        "everything before half": Wanted("tom", outcome="unlock", until=half),
        "a common reason": Wanted(texts=("mouth not seen",)),
        "a rare reason of an animal": Wanted("guest", texts=("no rule lets in",)),
        "a reason there is not": Wanted(texts=("out of the blue",)),
        "labelled": Wanted(labelled=True),
        "a rare label": Wanted(labels={"prey": "prey"}),
        "a label there is not": Wanted(labels={"who": "nobody"}),
        "nothing since long ago": Wanted(species="dog", kind="BREACH", since=old),
    }


def _median_ms(records: Records, wanted: Wanted) -> float:
    return _median_of(lambda: records.page(wanted, PAGE))


def _paths_of(records: Records) -> Callable[[Wanted], object]:
    """As the page of paths asks."""
    return lambda wanted: heat(records.paths(wanted, MOST_PATHS))


def _median_of(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times)


def fill(folder: Path, count: int) -> None:
    """Put so many visits, with evidence, events and labels, into the store of a state directory."""
    chance = random.Random(1)
    store = Store(folder)
    recent = count - EVIDENCE_DAYS * 86_400 / EVERY_S
    for first in range(0, count, BATCH):
        numbers = range(first, min(first + BATCH, count))
        evidence = {_id(each): list(_evidence(chance, each)) for each in numbers if each >= recent}
        events = [_event(each) for each in numbers if each % 4 == 0]
        store.add([visit(chance, each) for each in numbers], events, evidence)
        Album(store).say(said for each in numbers if each % 100 == 0 for said in _said(each))
    store.close()


def _id(number: int) -> str:
    return f"{number // SESSION:08x}-{number % SESSION + 1}"


def visit(chance: random.Random, number: int) -> Visit:
    """A visit as they come, some every hour, with times and meters that no two of them share."""
    started = chance.uniform(0, 1e6)
    (who,) = chance.choices(["mimi", "tom", "stranger", None, "guest"], [5, 3, 1.5, 0.5, 0.001])
    (outcome,) = chance.choices(list(Outcome), [6, 2, 1, 1])
    (kind,) = chance.choices(list(VisitKind), [3, 5, 2, 0.1])
    readings = tuple(
        MeterReading(name, chance.gauss(3, 2), 4.0, -4.0, chance.randrange(300), chance.choice([True, None]))
        for name in ("who", "mimi", "tom", "mouth empty")
    )
    needed = f"{readings[3].value:.1f}"
    return Visit(
        id=_id(number),
        started=started,
        ended=started + chance.expovariate(1 / 20),
        started_wall=BEGAN + number * EVERY_S + chance.random(),
        tracks=(number % SESSION,),
        species="cat",
        who=who,
        outcome=outcome,
        rule="my cat, mouth empty",
        reason="no rule lets in" if who == "guest" else _reason(needed),
        kind=kind,
        direction=chance.choice(list(Heading)),
        phase=VisitPhase.END,
        evidence=readings,
        frames=chance.randrange(400),
        unlocked_at=started + chance.uniform(0, 5) if outcome is Outcome.UNLOCK else None,
    )


def _reason(reached: str) -> str:
    return f"waiting: mouth not seen; needed 4.0, reached {reached}"


def _said(number: int) -> Iterator[Said]:
    """What people say of one visit in a hundred; of one in ten thousand that it brought prey."""
    prey = "prey" if number % 10_000 == 0 else "clean"
    yield Said("visit", _id(number), "prey", prey, "owner", BEGAN)


def _event(number: int) -> Event:
    text = "mimi carries prey and stays out for 5 min"
    return Event(number * 10.0, BEGAN + number * EVERY_S, "lockout", text, visit=_id(number))


def _evidence(chance: random.Random, number: int) -> Iterator[Sighting]:
    start = chance.uniform(0, 1e6)
    for frame in range(SIGHTINGS):
        now = start + frame * chance.uniform(0.1, 0.11)
        box = Box(chance.random() / 2, chance.random() / 2, chance.random() / 2, chance.random() / 2)
        track = Track(number % SESSION, now, box, "cat", chance.random(), Heading.IN, start, frame, True)
        view = View(chance.uniform(10, 900), chance.random(), box.height)
        yield Sighting(track, view, tuple(_verdicts(chance)))


def _verdicts(chance: random.Random) -> Iterator[Verdict]:
    for task, labels in (
        ("species", ("bird", "cat", "dog", "nothing", "other animal", "person")),
        ("who", ("mimi", "tom", "stranger")),
        ("prey", ("clean", "prey")),
    ):
        weights = [chance.random() ** 4 for _ in labels]
        scores = {label: weight / sum(weights) for label, weight in zip(labels, weights, strict=True)}
        yield Verdict(task, scores, familiar=True)
