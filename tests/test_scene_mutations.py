"""What if it were broken: without any one of these safeguards, at least one scene fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from device.act.guard import Guard
from device.decide.conditions import Condition
from device.decide.facts import Truth
from device.decide.lockouts import Lockouts
from device.decide.policy import PolicySettings
from device.messages import Outcome
from device.see.sight import SightCheck
from simulator.performance import play_scene
from simulator.scene import Scene, find_scene, read_scene

Played = Callable[[Scene], set[str]]
FOREVER = 1e9


@pytest.fixture
def missed(tmp_path: Path) -> Played:
    """What a scene misses with any of three seeds."""

    def of(scene: Scene) -> set[str]:
        results = (play_scene(scene, tmp_path / f"{scene.name}-{seed}", seed, 5.0) for seed in range(3))
        return {each.expectation.that for result in results for each in result.outcomes if not each.met}

    return of


def scene(name: str, until: float = FOREVER) -> Scene:
    """A shipped scene, or its beginning."""
    found = read_scene(find_scene(name))
    return replace(found, seconds=min(found.seconds, until))


def ruled(scene: Scene, policy: PolicySettings) -> Scene:
    return replace(scene, project=replace(scene.project, policy=policy))


def without_leak(scene: Scene) -> Scene:
    """The same with meters that forget nothing; every frame weighs as before."""
    policy = scene.project.policy
    who, prey = (replace(each, leak=FOREVER) for each in (policy.evidence.who, policy.evidence.prey))
    return ruled(scene, replace(policy, evidence=replace(policy.evidence, who=who, prey=prey)))


def hasty(scene: Scene) -> Scene:
    """The same with rules for which what is not refuted is so, and without the rule of prey."""
    policy = scene.project.policy
    rules = tuple(
        replace(rule, conditions={key: _not_refuted(each) for key, each in rule.conditions.items()})
        for rule in policy.rules
        if rule.outcome is Outcome.UNLOCK
    )
    return ruled(scene, replace(policy, rules=rules))


def _not_refuted(condition: Condition) -> Condition:
    return lambda facts: Truth(condition(facts).value is not False)


def test_a_meter_that_does_not_leak_lets_prey_in_from_the_fog(missed):
    assert not missed(scene("s16"))
    assert "stays out" in missed(without_leak(scene("s16")))


def test_rules_that_do_not_wait_open_for_the_tom(missed):
    assert not missed(scene("s8", until=40.0))
    assert "stays locked" in missed(hasty(scene("s8", until=40.0)))


def test_a_guard_without_the_rule_of_the_open_flap_bolts_a_body(missed, monkeypatch):
    monkeypatch.setattr(Guard, "_closed", lambda *_: True)
    assert "never bolted on a body" in missed(scene("s7", until=60.0))


def test_a_camera_that_is_never_called_blind_opens_or_is_not_told_of(missed, monkeypatch):
    monkeypatch.setattr(SightCheck, "check", lambda *_: None)
    assert {"stays locked", "event"} & missed(scene("s10"))


def test_lockouts_that_are_not_remembered_are_missed(missed, monkeypatch):
    monkeypatch.setattr(Lockouts, "begin", lambda *_: False)
    assert "event" in missed(scene("s2"))
