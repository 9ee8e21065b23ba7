"""Checks the promise of a threshold by simulation, and draws it: `python -m simulator.promises FILE.svg`.

Bad visits of 3, 30 and 120 seconds show frames at 5 a second whose log ratios share a part (the intra-class
correlation) within a visit. A threshold learnt from 30 of them is then judged by the true rate at which bad
attempts exceed it. No claim about any camera: it shows what the arithmetic of the promise is worth.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from device.decide.evidence import REFERENCE_INTERVAL, MeterSettings
from device.learn.figures import Bars, bars_svg
from device.learn.thresholds import rank

Floats = NDArray[np.float32]

SECONDS = (3, 30, 120)
HORIZON = 30


@dataclass(frozen=True, slots=True)
class World:
    """How bad visits look to a head, and what is wanted of the threshold."""

    separation: float = 1.5
    """d' of one frame: how many deviations lie between bad and clean."""
    correlation: float = 0.45
    """Of two frames of one visit."""
    bad: int = 30
    alpha: float = 0.10
    delta: float = 0.05
    repetitions: int = 2000
    pool: int = 6000
    """How many visits of each length there are to draw from, and as many to judge by."""


@dataclass(frozen=True, slots=True)
class Method:
    """How often a way of setting the threshold broke the promise."""

    name: str
    broken: int
    repetitions: int
    rate: float
    """Median true rate of bad trials let in."""


def meter_maxima(ratios: Floats, settings: MeterSettings | None = None) -> Floats:
    """The highest value of evidence.Meter in each row of (n, frames) log ratios that are 0.2 s apart."""
    settings = settings or MeterSettings()
    kept = np.float32(np.exp(-REFERENCE_INTERVAL / settings.leak))
    gain = np.float32(settings.leak / REFERENCE_INTERVAL) * (1 - kept)
    value = np.zeros(len(ratios), np.float32)
    highest = value.copy()
    for column in np.clip(ratios, -settings.clip, settings.clip).T:
        value = value * kept + gain * column
        highest = np.maximum(highest, value)
    return highest


def bad_visits(world: World, count: int, seconds: int, chance: np.random.Generator) -> Floats:
    """(count, frames) log ratios in favour of "clean" of visits that are not."""
    frames = round(seconds / REFERENCE_INTERVAL)
    shared = chance.standard_normal((count, 1), np.float32)
    own = chance.standard_normal((count, frames), np.float32)
    part = np.float32(world.correlation)
    d = np.float32(world.separation)
    mixed: Floats = d * (np.sqrt(part) * shared + np.sqrt(1 - part) * own) - d * d / 2
    return mixed


def attempts(ratios: Floats) -> list[Floats]:
    """The maxima of each attempt of the horizon; a shorter visit is continued with its own frames."""
    frames = round(HORIZON / REFERENCE_INTERVAL)
    if ratios.shape[1] < frames:
        return [meter_maxima(np.tile(ratios, (1, frames // ratios.shape[1])))]
    return [meter_maxima(ratios[:, start : start + frames]) for start in range(0, ratios.shape[1], frames)]


@dataclass(frozen=True, slots=True)
class Pool:
    """What three lengths of visits reach, (3, n) each, and every real trial pooled."""

    by_horizon: Floats
    """The highest attempt of each visit."""
    shortest: Floats
    """(n,) the meter's maximum in visits of three seconds."""
    trials: Floats
    """Sorted maxima of attempts as they happen."""
    endless: Floats
    """Sorted maxima of visits in which no attempt ever ends."""
    wald: float
    """Rate of visits that pass Wald's boundary at some frame."""


def pool(world: World, chance: np.random.Generator) -> Pool:
    """Draw visits of every length and play them."""
    highest, trials, endless, passed = [], [], [], []
    boundary = np.log((1 - world.delta) / world.alpha)
    for seconds in SECONDS:
        ratios = bad_visits(world, world.pool, seconds, chance)
        parts = attempts(ratios)
        endless.append(meter_maxima(ratios))
        highest.append(np.max(parts, axis=0))
        trials.extend(parts if seconds >= HORIZON else [endless[-1]])
        passed.append(np.mean(np.cumsum(ratios, axis=1).max(axis=1) > boundary))
    return Pool(
        np.stack(highest),
        endless[0],
        np.sort(np.concatenate(trials)),
        np.sort(np.concatenate(endless)),
        float(np.mean(passed)),
    )


def play(world: World | None = None, seed: int = 1) -> tuple[Method, Method, Method]:
    """Our threshold, one on maxima without a horizon, and Wald's test, each in every repetition."""
    world = world or World()
    chance = np.random.default_rng(seed)
    learnt, lived = pool(world, chance), pool(world, chance)
    place = rank(world.bad, world.alpha, world.delta)
    if place is None:
        raise ValueError(f"{world.bad} bad visits are too few for alpha {world.alpha}, delta {world.delta}")
    shape = (world.repetitions, world.bad)
    who, kind = chance.integers(0, world.pool, shape), chance.integers(0, len(SECONDS), shape)

    def broken(name: str, rates: NDArray[np.float64]) -> Method:
        count = int((rates > world.alpha).sum())
        return Method(name, count, world.repetitions, float(np.median(rates)))

    def thresholds(maxima: Floats) -> Floats:
        ordered: Floats = np.sort(maxima, axis=1)[:, place - 1]
        return ordered

    ours = exceeding(lived.trials, thresholds(learnt.by_horizon[kind, who]))
    short = exceeding(lived.endless, thresholds(learnt.shortest[who]))
    wald = np.full(world.repetitions, lived.wald)
    return (
        broken("attempts of 30 s, a visit counted once", ours),
        broken("no horizon, learnt on 3 s visits", short),
        broken("Wald's test of independent frames", wald),
    )


def exceeding(trials: Floats, thresholds: Floats) -> NDArray[np.float64]:
    """The rate of sorted `trials` above each threshold."""
    return 1 - np.searchsorted(trials, thresholds, side="right") / len(trials)


def main() -> None:
    """Play three separations, print the table, draw the figure."""
    groups = []
    for separation in (1.0, 1.5, 2.0):
        methods = play(World(separation))
        for each in methods:
            print(
                f"d' {separation}: {each.name}: broken {each.broken} of {each.repetitions}, {each.rate:.1%}"
            )
        groups.append((f"d' = {separation:g}", tuple(each.broken / each.repetitions for each in methods)))
    names = tuple(each.name for each in methods)
    chart = Bars(
        "How often the promise “at most 10 % of bad attempts get in” is broken (allowed: 5 %)",
        names,
        tuple(groups),
        limit=0.05,
    )
    Path(sys.argv[1]).write_text(bars_svg(chart), encoding="utf-8")


if __name__ == "__main__":
    main()
