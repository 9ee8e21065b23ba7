"""The golden set: every bad visit that was labelled. A new head may let in none that the old one kept out.

Heads have learnt from these visits, so that they are kept out proves little; that one is let in, much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from device.decide.evidence import MeterSettings
from device.decide.subject import STRANGER
from device.interfaces import Head
from device.learn.dataset import Dataset
from device.learn.events import replay_visit
from device.learn.familiar import AGAINST
from device.learn.proof import sides
from device.learn.vocabulary import PREY, WHO
from device.messages import Verdict

UNLIKELIEST = 1e-9
"""No probability counts as lower: its logarithm must be a number."""


BAD = {PREY: PREY, WHO: STRANGER}
"""By task the label that no head may let in."""


def bad_places(dataset: Dataset, task: str) -> dict[str, list[int]]:
    """The places of the views of each bad visit."""
    found: dict[str, list[int]] = {}
    for place, each in enumerate(dataset.examples):
        if task in BAD and each.labels.get(task) == BAD[task]:
            found.setdefault(each.visit, []).append(place)
    return found


def let_in(
    dataset: Dataset,
    visits: Mapping[str, Sequence[int]],
    head: Head,
    settings: MeterSettings,
    horizon: float,
) -> frozenset[str]:
    """The visits of `visits` whose views, replayed, pass the meter that `head` feeds."""
    return frozenset(
        visit for visit, places in visits.items() if _passes(dataset, visit, places, head, settings, horizon)
    )


def _passes(
    dataset: Dataset, visit: str, places: Sequence[int], head: Head, settings: MeterSettings, horizon: float
) -> bool:
    examples = sorted((dataset.examples[place] for place in places), key=lambda each: each.wall or 0.0)
    verdicts = [head.judge(each.embedding) for each in examples]
    infrared = 2 * sum(each.infrared for each in examples) > len(examples)
    needed = verdicts[0].needed
    threshold = None if needed is None else needed.infrared if infrared else needed.day
    walls, ratios = [each.wall or 0.0 for each in examples], [_ratio(each) for each in verdicts]
    attempts = replay_visit(visit, walls, ratios, settings, horizon, threshold)
    return any(each.proven_after is not None for each in attempts)


def _ratio(verdict: Verdict) -> float:
    """The natural-log ratio in favour of entry; a head that tells only one side says nothing."""
    labels = list(verdict.scores)
    side = sides(verdict.task, labels)
    if side is None:
        return 0.0
    logs = np.log(np.maximum([verdict.scores[label] for label in labels], UNLIKELIEST))
    ratio = float(side.ratios(logs[None])[0])
    return min(ratio, -AGAINST) if verdict.familiar is False else ratio
