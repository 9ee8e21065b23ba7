"""Many scenes under many conditions with many seeds, on all cores, and the counts that come of them."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import product
from multiprocessing import get_context
from typing import Any, TypeVar

from device.errors import ConfigError, hint
from device.learn.bounds import at_least, at_most
from simulator.trials import CHIPS, LIGHTS, Counted, Trial, run

OWN = "own"
"""Written for the threshold that the scene's project says."""
ENOUGH = 20
"""A floor is judged with so many seeds or more; with fewer, only safety is."""
DEFAULTS: Mapping[str, str] = {
    "rate": "5",
    "light": LIGHTS[0],
    "chip": CHIPS[0],
    "threshold": "own,1,2,3,6,8",
}


Key = TypeVar("Key", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True)
class Floor:
    """How often what a scene expects happened at one frame rate, as the scene is written."""

    name: str
    rate: float
    passed: int
    seeds: int
    needed: int
    """Of 20."""
    missed: tuple[str, ...]
    unsafe: int
    """With so many seeds a promise of safety was broken."""

    @property
    def met(self) -> bool:
        enough = self.passed * 20 >= self.needed * self.seeds or self.seeds < ENOUGH
        return self.unsafe == 0 and enough


@dataclass(frozen=True, slots=True)
class Share:
    """k of n, with one-sided bounds of 95 %."""

    k: int
    n: int

    @property
    def rate(self) -> float | None:
        return self.k / self.n if self.n else None

    @property
    def low(self) -> float:
        return at_least(self.k, self.n)

    @property
    def high(self) -> float:
        return at_most(self.k, self.n)

    def __str__(self) -> str:
        return f"{self.k} of {self.n} (at most {self.high:.1%})" if self.n else "none"


@dataclass(frozen=True, slots=True)
class Point:
    """What one threshold came to under one set of conditions."""

    rate: float
    light: str
    chip: str
    threshold: float
    false_lockouts: Share
    """Of visits with an empty mouth."""
    prey_let_in: Share
    """Of visits with prey."""


def trials(scenes: Sequence[str], seeds: int, over: Sequence[str]) -> list[Trial]:
    """Every combination, seed by seed, so that a sweep that is cut short has something of everything.

    `over` holds texts such as "rate=3,5,10".

    Raises:
        ConfigError: an axis or one of its values is not known.
    """
    axes = _axes(over)
    conditions = list(product(axes["rate"], axes["light"], axes["chip"], axes["threshold"]))
    return [
        Trial(scene, seed, _number("rate", rate), light, chip, _threshold(threshold))
        for seed in range(seeds)
        for rate, light, chip, threshold in conditions
        for scene in scenes
    ]


def _axes(over: Sequence[str]) -> dict[str, list[str]]:
    chosen = dict(DEFAULTS)
    for text in over:
        key, equals, values = text.partition("=")
        if not equals or key not in DEFAULTS:
            raise ConfigError(f"--over {text}; {hint(key, DEFAULTS)}, written like rate=3,5,10")
        chosen[key] = values
    axes = {key: [each.strip() for each in values.split(",")] for key, values in chosen.items()}
    for key, known in (("light", LIGHTS), ("chip", CHIPS)):
        for value in axes[key]:
            if value not in known:
                raise ConfigError(f"--over {key}={value}; {hint(value, known)}")
    return axes


def _threshold(text: str) -> float | None:
    return None if text == OWN else _number("threshold", text)


def _number(key: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 100:
        raise ConfigError(f"--over {key}={text}; write numbers above 0 and up to 100, like {key}=3,5,10")
    return value


def play(chosen: Sequence[Trial], workers: int, done: Callable[[Counted], None]) -> bool:
    """Play trials in so many processes and hand each one's counts to `done`; false if it was interrupted.

    What is done stays done: Ctrl-C ends the trials that are being played, not what came before.
    """
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _quietly)
    try:
        for future in as_completed([pool.submit(run, trial) for trial in chosen]):
            done(future.result())
    except KeyboardInterrupt:
        pool.shutdown(wait=True, cancel_futures=True)
        return False
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return True


def cores() -> int:
    """How many processes can run at once."""
    return len(os.sched_getaffinity(0))


def _quietly() -> None:
    """A worker tells no story, and leaves Ctrl-C to the process that has it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable(logging.CRITICAL)


def floors(counted: Sequence[Counted]) -> list[Floor]:
    """How each scene did as it is written, by scene and frame rate."""
    return [
        Floor(
            name=name,
            rate=rate,
            passed=sum(each.passed for each in group),
            seeds=len(group),
            needed=group[0].floor,
            missed=tuple(sorted({missed for each in group for missed in each.missed})),
            unsafe=sum(bool(each.unsafe) for each in group),
        )
        for (name, rate), group in _grouped(
            [each for each in counted if each.trial.as_written], lambda each: (each.name, each.trial.rate)
        )
    ]


def broken(counted: Sequence[Counted]) -> list[Counted]:
    """The trials in which a promise of safety was broken, whatever the conditions."""
    return [each for each in counted if each.unsafe]


def curve(counted: Sequence[Counted]) -> list[Point]:
    """False lockouts and prey let in by conditions and threshold."""
    return [
        Point(
            *conditions,
            Share(sum(each.locked_out for each in group), sum(each.clean for each in group)),
            Share(sum(each.let_in for each in group), sum(each.prey for each in group)),
        )
        for conditions, group in _grouped(
            counted, lambda each: (each.trial.rate, each.trial.light, each.trial.chip, each.needed)
        )
    ]


def _grouped(
    counted: Sequence[Counted], key: Callable[[Counted], Key]
) -> Iterator[tuple[Key, list[Counted]]]:
    """Those with the same key together, in the order of the keys."""
    groups: dict[Key, list[Counted]] = {}
    for each in counted:
        groups.setdefault(key(each), []).append(each)
    return iter(sorted(groups.items(), key=lambda item: item[0]))
