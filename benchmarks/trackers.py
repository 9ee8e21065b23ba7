"""Our tracker beside norfair and supervision's ByteTrack, on the same boxes: python -m benchmarks trackers

See sequences.py for the animals and their detector's errors, identity.py for what is counted, peers.py for
the settings that each peer may choose from, OTHERS ours. Each is given its usual settings, and for each frame
rate and number of animals the best ones of its list, chosen on other sequences. One after the other follows a
sequence before the next begins, so that whatever else the machine does falls on all.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product

from benchmarks.identity import Identity, judge
from benchmarks.peers import PEERS, AbsentError, Running, Told
from benchmarks.report import Report, columns
from benchmarks.sequences import Moment, sequence
from device.messages import Detection
from device.see import tracker
from simulator.figure import Figure

RATES, COUNTS = (3, 5, 10, 15), (1, 3, 10)
SECONDS = 60.0
MEASURED, TUNING = range(8), range(100, 104)
"""Seeds of the sequences that are measured, and of those on which peers choose their settings."""
OURS, USUAL, BEST = "ours", "as it comes", "at its best"
OTHERS = tuple(
    replace(tracker.Settings(), high=high, overlap=overlap, confirm=confirm)
    for high, overlap, confirm in product((0.15, 0.35), (0.05, 0.1, 0.2), (1, 2))
)
"""Settings of our tracker to choose the best from."""


@dataclass(slots=True)
class Score:
    """What one tracker reached over the sequences of one rate and number."""

    identity: Identity = field(default_factory=Identity)
    seconds: list[float] = field(default_factory=list)
    """Of each frame in which something was detected."""

    def add(self, moments: Sequence[Moment], told: Told) -> None:
        self.identity += judge([each.truth for each in moments], told.boxes)
        self.seconds += [seconds for each, seconds in zip(moments, told.seconds, strict=True) if each.found]

    @property
    def median_us(self) -> float:
        return statistics.median(self.seconds) * 1e6


Scores = dict[str, Score]
"""By tracker."""


def ours(moments: Sequence[Moment], settings: tracker.Settings | None = None) -> Told:
    """What the device's tracker makes of a sequence."""
    following = tracker.build(settings or tracker.Settings())
    boxes, seconds = [], []
    for moment in moments:
        found = [Detection(box, "cat", score) for box, score in moment.found]
        began = time.perf_counter()
        tracks = following.update(moment.time, found)
        seconds.append(time.perf_counter() - began)
        boxes.append({each.id: each.box for each in tracks if each.seen})
    return Told(tuple(boxes), tuple(seconds))


Follow = Callable[[Sequence[Moment]], Told]
"""A tracker with its settings."""


def best(followers: Sequence[Follow], sequences: Sequence[Sequence[Moment]]) -> Follow:
    """Who has the greatest IDF1 on the sequences for tuning."""

    def idf1(follow: Follow) -> float:
        score = Score()
        for moments in sequences:
            score.add(moments, follow(moments))
        return score.identity.idf1

    return max(followers, key=idf1)


def choices(running: Sequence[Running], rate: float) -> dict[str, tuple[Follow, ...]]:
    """Every tracker with its usual settings first."""
    mine = dict.fromkeys((tracker.Settings(), *OTHERS))
    found: dict[str, tuple[Follow, ...]] = {OURS: tuple(partial(ours, settings=each) for each in mine)}
    for each in running:
        known = (each.peer.usual, *each.peer.others)
        found[each.peer.name] = tuple(partial(each.follow, rate=rate, settings=one) for one in known)
    return found


def compared(
    running: Sequence[Running],
    rate: float,
    count: int,
    seeds: Iterable[int],
    tuning: Sequence[int],
    seconds: float,
) -> Scores:
    """All trackers on the same sequences."""
    known = [sequence(count, rate, seconds, seed) for seed in tuning]
    followers: dict[str, Follow] = {}
    for name, follow in choices(running, rate).items():
        followers[f"{name} {USUAL}"] = follow[0]
        if known:
            followers[f"{name} {BEST}"] = best(follow, known)
    scores: Scores = {name: Score() for name in followers}
    for seed in seeds:
        moments = sequence(count, rate, seconds, seed)
        for name, one in followers.items():
            scores[name].add(moments, one(moments))
    return scores


def report(quick: bool) -> Report:
    """Time a frame and what becomes of identities, by rate and number of animals."""
    absent, found = [], {}
    with ExitStack() as parts:
        running = []
        for peer in PEERS:
            try:
                running.append(peer.begin())
                parts.callback(running[-1].close)
            except AbsentError as error:
                absent.append(str(error))
        for rate, count in product((5,), (1, 3)) if quick else product(RATES, COUNTS):
            seeds, tuning, seconds = (range(1), (), 10.0) if quick else (MEASURED, TUNING, SECONDS)
            found[rate, count] = compared(running, rate, count, seeds, tuning, seconds)
    return Report(_figures(found), _table(found), "; ".join(absent))


def _table(found: dict[tuple[int, int], Scores]) -> str:
    head = ("tracker", "frames/s", "animals", "us a frame", "IDF1", "switches", "fragments")
    rows = [
        (name, rate, count, f"{score.median_us:.0f}", f"{score.identity.idf1:.3f}", *_counts(score.identity))
        for (rate, count), scores in found.items()
        for name, score in scores.items()
    ]
    return columns(head, rows)


def _counts(identity: Identity) -> tuple[int, int]:
    return identity.switches, identity.fragments


def _figures(found: dict[tuple[int, int], Scores]) -> list[Figure]:
    figures = []
    for count in sorted({count for _, count in found}):
        every = [scores for (_, number), scores in found.items() if number == count]
        animals = f"{count} animal" + ("s" if count > 1 else "")
        idf1 = {name: _sum(each[name] for each in every).idf1 for name in every[0]}
        times = {name: [us for each in every for us in each[name].seconds] for name in every[0]}
        us = {name: statistics.median(each) * 1e6 for name, each in times.items()}
        peers = [name for name in idf1 if not name.startswith(OURS)]
        usual = f"{OURS} {USUAL}"
        figures.append(Figure(f"{animals}: our time a frame", us[usual], "us"))
        if peers:
            part = us[usual] / min(us[name] for name in peers)
            figures.append(Figure(f"{animals}: our time, part of the faster peer's", part, "", 0.2))
        for way in (USUAL, BEST):
            others = [idf1[name] for name in peers if name.endswith(way)]
            if others:
                short = max(others) - idf1[f"{OURS} {way}"]
                words = f"{animals}: our IDF1 below the better peer's, each {way}"
                figures.append(Figure(words, short, "", 0.01))
    return figures


def _sum(scores: Iterable[Score]) -> Identity:
    total = Identity()
    for each in scores:
        total += each.identity
    return total
