"""Weeks compared: a week unlike the others is told, chance is not."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from device.heads import HeadKeeper
from device.learn.bounds import at_most
from device.learn.drift import FEWEST, WEEK_S, Share, shares
from device.messages import Verdict, VisitPhase
from device.see.head import HeadClassifier
from device.tell.health import Health, State
from device.tell.sink import Told
from device.tell.store import Store
from tests.test_journal import idle_pass, seen, visit
from tests.test_registry import BACKBONE, PROJECT

NOW = 1.8e9


def came(store: Store, number: int, age_s: float, who: str | None, familiar: bool) -> None:
    """A visit that ended so long ago, with three frames of it."""
    made = replace(
        visit(id=f"v-{number}"), who=who, species="cat", phase=VisitPhase.END, started_wall=NOW - age_s
    )
    verdict = Verdict("who", {"mimi": 0.9, "stranger": 0.1}, familiar)
    store.add([made], evidence={made.id: [replace(seen(time), verdicts=(verdict,)) for time in (1.0, 2.0)]})


def test_a_week_of_unfamiliar_visitors_is_told(tmp_path):
    with closing(Store(tmp_path, NOW)) as store:
        for number in range(30):
            came(store, number, WEEK_S * (number + 0.5) / 30, None, familiar=number % 2 == 0)
        for number in range(30, 90):
            came(store, number, WEEK_S * (1 + 4 * (number - 29.5) / 60), "mimi", familiar=True)
    told = {each.what: each for each in shares(tmp_path, NOW)}
    assert told["unfamiliar"].now == (15, 30) and told["unfamiliar"].before == (0, 60)
    assert told["unfamiliar"].drifted and told["mimi"].drifted and not told["cat"].drifted
    assert told["mimi"].in_words() == "mimi: 0 of 30 visits this week, 60 of 60 in the four weeks before"
    assert not any(each.drifted for each in shares(tmp_path, NOW + 10 * WEEK_S)), "nothing to compare"


def test_a_running_device_warns_of_it_and_the_command_shows_it(tmp_path, latchlens):
    with closing(Store(tmp_path, NOW)) as store:
        for number in range(30):
            came(store, number, WEEK_S * (number + 0.5) / 30, None, familiar=False)
        for number in range(30, 90):
            came(store, number, WEEK_S * (1 + 4 * (number - 29.5) / 60), None, familiar=True)
    health = Health()
    keeper = HeadKeeper(PROJECT, tmp_path, BACKBONE.sha256, HeadClassifier(None, ()), health)
    observation, decision = idle_pass(0.0)
    keeper.tell([Told(replace(observation, wall=NOW), decision)])
    (found,) = [each for each in health.report() if each.part == "drift"]
    assert found.state is State.WARNING and found.text.startswith("unfamiliar: 30 of 30 visits this week")
    assert "label some" in found.fix
    rows = latchlens("models", "drift", "--json", "--state", tmp_path).went_well().objects
    assert {"what", "now", "before", "drifted"} <= set(rows[0])


def test_chance_is_seldom_called_drift():
    random = np.random.default_rng(3)
    told = [
        Share("unfamiliar", (int(random.binomial(40, 0.1)), 40), (int(random.binomial(60, 0.1)), 60)).drifted
        for _ in range(400)
    ]
    assert sum(told) <= 400 * at_most(0, 400)


@pytest.mark.parametrize("few", [0, FEWEST - 1])
def test_a_week_with_few_visits_says_nothing(few):
    assert not Share("unfamiliar", (few, few), (0, 60)).drifted
