"""How times grow with what there is: python -m benchmarks growth

Visits in the store (a page of them, one more, what retention deletes at once), labelled pictures
(teaching a head, searching a gallery), rules (a decision), animals in view (tracker, decision). The
pictures are embeddings drawn by chance, as many numbers as the backbone gives: what they mean does not
matter to the time of anything but teaching, which ends sooner or later as classes are far apart or near;
here they overlap a little.
"""

from __future__ import annotations

import base64
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count as counting
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.report import Report, columns
from benchmarks.sequences import sequence
from benchmarks.trackers import ours
from device import shipped
from device.config import read_project
from device.decide.policy import DoorPolicy
from device.decide.rules import parse_rules
from device.learn.dataset import packed
from device.learn.gallery import Collection, Entry, Gallery, Portrait
from device.learn.logistic import fit
from device.learn.similarity import shipped as similarity
from device.messages import Box, Heading, Inputs, Mode, Observation, Settings, Sighting, Track, Verdict, View
from device.tell.records import Records
from device.tell.retention import DAY_S, Retention
from device.tell.store import Store
from device.tell.wanted import Wanted
from simulator.figure import Figure
from simulator.measured import PROJECT
from simulator.store_bench import BEGAN, EVERY_S, PAGE, fill, visit

VISITS, PICTURES = (1_000, 10_000, 100_000), (100, 1_000, 10_000, 100_000)
RULES, ANIMALS = (1, 10, 50, 200), (1, 3, 10, 50)
ROUNDS = 25
DIMENSIONS = 1280
MOST_TAUGHT = 10_000
"""More pictures than so many have no place in the memory of a Pi as 32-bit numbers; a door has thousands."""


def median_ms(do: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Of so many times."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        do()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e3


def visits(number: int) -> tuple[float, float, float]:
    """Milliseconds for a page, for one visit more, and for what retention deletes in one go."""
    chance, new = random.Random(2), counting(number)
    with TemporaryDirectory(prefix="latchlens-bench-") as name:
        folder = Path(name)
        fill(folder, number)
        with Records(folder) as records:
            page = median_ms(lambda: records.page(Wanted("tom"), PAGE))
        store = Store(folder)
        insert = median_ms(lambda: store.add([visit(chance, next(new))], [], {}))
        retention = Retention(store, 0.0, number / 2 * EVERY_S / DAY_S)
        forget = median_ms(lambda: retention.forget(BEGAN + number * EVERY_S), 1)
        store.close()
    return page, insert, forget


def _embeddings(number: int, labels: Sequence[int]) -> np.ndarray:
    random_ = np.random.default_rng(3)
    centres = random_.normal(size=(max(labels) + 1, DIMENSIONS)).astype(np.float32)
    found = random_.normal(size=(number, DIMENSIONS)).astype(np.float32) * 4 + centres[np.asarray(labels)]
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def pictures(number: int) -> tuple[float | None, float]:
    """Milliseconds for teaching a head, None beyond what is taught, and for a search in the gallery."""
    labels = [place % 4 for place in range(number)]
    drawn = _embeddings(number, labels)
    taught = None
    if number <= MOST_TAUGHT:
        taught = median_ms(lambda: fit(drawn, [f"animal {each}" for each in labels]), 1)
    entries = tuple(
        Entry(str(place), str(place), f"animal {label}", Box(0, 0, 1, 1), "cat", 0.9, _coded(drawn[place]))
        for place, label in enumerate(labels)
    )
    with TemporaryDirectory(prefix="latchlens-bench-") as name:
        gallery = Gallery(Path(name), similarity())
        gallery.create("house")
        gallery._write(Collection("house", similarity().backbone, None, entries))
        portrait = Portrait(Box(0, 0, 1, 1), "cat", 0.9, 300.0, 0.5, drawn[0])
        search = median_ms(lambda: gallery.search("house", portrait), 3)
    return taught, search


def _coded(embedding: np.ndarray) -> str:
    return base64.b64encode(packed(embedding).tobytes()).decode()


def observations(animals: int, passes: int) -> list[Observation]:
    """Passes in which so many animals stand side by side, seen clearly."""

    def sighting(number: int, now: float) -> Sighting:
        box = Box((number + 0.5) / (animals + 1), 0.4, 0.8 / (animals + 1), 0.3)
        track = Track(number, now, box, "cat", 0.9, Heading.IN, 0.0, 10, True)
        scores = {"species": {"cat": 0.9, "nothing": 0.1}, "who": {"chelsea": 0.6, "stranger": 0.4}}
        return Sighting(track, View(300.0, 0.5, 0.3), tuple(Verdict(*each) for each in scores.items()))

    owner = Settings(Mode.NORMAL, enforce=True)
    return [
        Observation(
            time=place / 10,
            wall=BEGAN + place / 10,
            inputs=Inputs(place / 10),
            settings=owner,
            frame=place,
            looked=True,
            sightings=tuple(sighting(number, place / 10) for number in range(animals)),
        )
        for place in range(passes)
    ]


def deciding(rules: int, animals: int) -> float:
    """Microseconds for the decision of a pass."""
    settings = read_project(shipped.project(PROJECT)).policy
    never = {"who": "own", "direction": "out", "then": "unlock"}  # whoever is here comes in
    written = parse_rules([{"name": f"rule {number}", **never} for number in range(rules)], False)
    policy = DoorPolicy(replace(settings, rules=written))
    passes = iter(observations(animals, ROUNDS * 4))
    return median_ms(lambda: policy.decide(next(passes)), ROUNDS * 4) * 1e3


def tracking(animals: int) -> float:
    """Microseconds for a frame of the tracker."""
    moments = sequence(animals, 10, 20.0, seed=4)
    told = ours(moments)
    return (
        statistics.median(seconds for each, seconds in zip(moments, told.seconds, strict=True) if each.found)
        * 1e6
    )


def report(quick: bool) -> Report:
    """Each time by how much there is."""
    stored = {each: visits(each) for each in (VISITS[:1] if quick else VISITS)}
    taught = {each: pictures(each) for each in (PICTURES[:1] if quick else PICTURES)}
    rules, animals = (RULES[:2], ANIMALS[:2]) if quick else (RULES, ANIMALS)
    ruled = {each: deciding(each, 1) for each in rules}
    seen = {each: (tracking(each), deciding(1, each)) for each in animals}
    first, most = stored[VISITS[0]], max(stored)
    figures = [
        Figure(f"a page of {most} visits, beside one of {VISITS[0]}", stored[most][0] / first[0], "times", 3),
        Figure(f"a page of {most} visits", stored[most][0], "ms", 20),
        Figure(f"one visit more, after {most}", stored[most][1], "ms"),
        Figure(f"a search among {max(taught)} pictures", taught[max(taught)][1], "ms"),
        Figure(f"a decision with {rules[-1]} rules, beside one", ruled[rules[-1]] / ruled[rules[0]], "times"),
        Figure(f"a decision with {animals[-1]} animals", seen[animals[-1]][1] / 1e3, "ms"),
        Figure(f"the tracker with {animals[-1]} animals", seen[animals[-1]][0] / 1e3, "ms"),
    ]
    tables = (
        columns(
            ("visits", "a page ms", "one more ms", "forget 500 ms"),
            [(each, *(f"{ms:.2f}" for ms in times)) for each, times in stored.items()],
        ),
        columns(
            ("labelled pictures", "teach s", "search ms"),
            [
                (each, "-" if teach is None else f"{teach / 1e3:.2f}", f"{search:.1f}")
                for each, (teach, search) in taught.items()
            ],
        ),
        columns(("rules", "decide us"), [(each, f"{us:.0f}") for each, us in ruled.items()]),
        columns(
            ("animals in view", "tracker us", "decide us"),
            [(each, f"{track:.0f}", f"{decide:.0f}") for each, (track, decide) in seen.items()],
        ),
    )
    return Report(figures, "\n\n".join(tables))
