"""Replays a visit's views through the real meter, in attempts of a fixed horizon: how far would it have got?

Of a visit only a few views are kept, each with its natural-log likelihood ratio by a head that was not
taught with this visit. Each view stands for the time until the next one, and views that do not fill the
horizon go on from the beginning: a promise must hold for an animal that waits, and a threshold learnt on
short visits was seen to fail on long ones (`python -m simulator.promises`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from device.decide.evidence import REFERENCE_INTERVAL, ROUNDING, Meter, MeterSettings

HORIZON_S = 30.0
"""Usable sight after which an attempt ends, as [evidence] horizon."""
LONGEST_HOLD_S = 3.0
"""A view stands for no more, though the next may be later: the meter has then reached 95 % of its rise."""
LONE_HOLD_S = 0.6
"""A view without another stands for three frames, the fewest that prove anything."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of one visit at one meter, replayed."""

    visit: str
    number: int
    """0 for the visit's first."""
    maximum: float
    """The highest value that the meter reached: above the threshold the animal may be let in."""
    proven_after: float | None
    """Seconds of usable sight until the proof stood; None if it never did."""
    refuted: bool = False
    """The opposite was proven before anything else."""
    held: float = 0.0
    """The highest value that stood for as many frames as a proof takes: at any threshold below it, and at
    no other, the animal would have been let in."""


def replay_visit(
    visit: str,
    times: Sequence[float],
    ratios: Sequence[float],
    settings: MeterSettings,
    horizon: float = HORIZON_S,
    threshold: float | None = None,
) -> tuple[Attempt, ...]:
    """Every attempt of one visit, from its usable views in the order of their times.

    Args:
        times: (n,) seconds, rising; where none are known, equal ones.
        ratios: (n,) natural-log ratios in favour of what the meter is to prove.
        settings: of the meter.
        threshold: to be tried instead of the settings' own.
    """
    steps = max(round(horizon / REFERENCE_INTERVAL), 1)
    views = list(_held(times, ratios))
    pieces = [views[start : start + steps] for start in range(0, len(views), steps)]
    return tuple(
        replace(_attempt(visit, _filled(piece, steps), settings, threshold), number=number)
        for number, piece in enumerate(pieces)
    )


def largest(attempts: Sequence[Attempt]) -> float:
    """The highest value of several attempts; a meter begins at zero, so nothing is below."""
    return max((each.maximum for each in attempts), default=0.0)


def _held(times: Sequence[float], ratios: Sequence[float]) -> Iterator[float]:
    """The ratio of each step of the reference interval, every view for as long as it stands."""
    gaps = [later - earlier for earlier, later in pairwise(times)]
    real = [gap for gap in gaps if gap > 0]
    last = median(real) if real else LONE_HOLD_S
    for gap, ratio in zip([*gaps, last], ratios, strict=True):
        held = min(gap if gap > 0 else last, LONGEST_HOLD_S)
        yield from [ratio] * max(round(held / REFERENCE_INTERVAL), 1)


def _filled(views: Sequence[float], steps: int) -> list[float]:
    return [views[number % len(views)] for number in range(steps)]


def _attempt(
    visit: str, ratios: Sequence[float], settings: MeterSettings, threshold: float | None
) -> Attempt:
    meter, highest, proven_after, refuted = Meter("", settings), 0.0, None, False
    if threshold is not None:
        meter.require(threshold)
    values: list[float] = []
    for number, ratio in enumerate(ratios, 1):
        seconds = number * REFERENCE_INTERVAL
        meter.update(seconds, ratio)
        highest = max(highest, meter.value)
        values.append(meter.value)
        state = meter.proven(seconds)
        if proven_after is None and state:
            proven_after = seconds
        refuted = refuted or (state is False and proven_after is None)
    return Attempt(visit, 0, highest, proven_after, refuted, _held_up(values, settings))


def _held_up(values: Sequence[float], settings: MeterSettings) -> float:
    """The highest value that as many frames in a row as prove something did not fall below."""
    frames = max(settings.frames, math.ceil(settings.span / REFERENCE_INTERVAL - ROUNDING) + 1)
    runs = (values[start : start + frames] for start in range(len(values) - frames + 1))
    return max((min(run) for run in runs), default=0.0)
