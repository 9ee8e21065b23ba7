"""Every kind of bolt in every state under every combination of inputs: the guard's table again."""

import itertools
import math
from dataclasses import replace

import pytest

from device.act.bolts import BoltTraits, Drive
from device.act.coil import CoilLimits
from device.act.guard import Guard, GuardSettings
from device.messages import BoltState, Door, Inputs, Lease

PULSED = BoltTraits(Drive.PULSE, Drive.PULSE, 0.5, CoilLimits(1.0, 0.5, 60.0, 5.0))
SECURE = BoltTraits(Drive.HOLD, Drive.SPRING, 0.5, CoilLimits(4.0, 0.5, 60.0, 5.0))
SAFE = BoltTraits(Drive.SPRING, Drive.HOLD, 0.5, CoilLimits(math.inf, 1.0))
SETTINGS = GuardSettings(dwell_s=1.0, silence_s=3.0, alarm_s=2.0, max_lease_s=100.0)
BOLTS = {
    "pulsed, rests locked": (PULSED, SETTINGS),
    "pulsed, rests unlocked": (PULSED, replace(SETTINGS, rest="unlocked")),
    "fail-secure": (SECURE, SETTINGS),
    "fail-safe": (SAFE, replace(SETTINGS, rest="unlocked")),
}
HISTORIES = {
    # what led here: seconds, leased?
    "just locked": [(2.0, True), (0.0, False)],
    "locking": [(2.0, True), (0.25, False)],
    "freshly locked": [(2.0, True), (0.75, False)],
    "long locked": [(2.0, True), (20.0, False)],
    "just unlocked": [(20.0, False), (0.0, True)],
    "unlocking": [(20.0, False), (0.25, True)],
    "freshly unlocked": [(20.0, False), (0.75, True)],
    "unlocked": [(20.0, False), (2.0, True)],
}
CASES = list(
    itertools.product(
        BOLTS,
        HISTORIES,
        Door,
        [False, True],  # is there a door sensor?
        ["valid", "none", "over", "to come"],
        ["panic", "smoke", "vet", None],
        [False, True],  # has the loop been silent?
    )
)


def brought_to(history: str, traits: BoltTraits, settings: GuardSettings, door_sensor: bool):
    """A guard with that history, the time, and when its bolt last began to move and where to."""
    guard = Guard(settings, traits, door_sensor, bolt_sensor=False)
    now, moved, unlocked = 0.0, 0.0, None
    closed = Inputs(0.0, Door.CLOSED)
    for seconds, leased in HISTORIES[history]:
        end = now + seconds
        if unlocked is not leased:
            moved, unlocked = now, leased
        while True:
            guard.step(now, Lease(now, 9.0, "own cat") if leased else None, closed, spoke=True)
            if now >= end:
                break
            now += 0.125
    return guard, now, moved, unlocked


def wanted_open(lease, alarm, silent, settings):
    if alarm or lease == "valid":
        return True
    return silent and settings.rest == "unlocked"


@pytest.mark.parametrize("door_sensor", [False, True])
@pytest.mark.parametrize("history", HISTORIES)
@pytest.mark.parametrize("bolt", BOLTS)
def test_every_combination_follows_the_table(bolt, history, door_sensor):
    traits, settings = BOLTS[bolt]
    for case in (c for c in CASES if c[0] == bolt and c[1] == history and c[3] == door_sensor):
        _, _, door, _, lease, button, silent = case
        guard, now, moved, unlocked = brought_to(history, traits, settings, door_sensor)
        if silent:
            guard.fall_silent()
        now += 0.125
        given = {
            "valid": Lease(now, 1.0, "own cat"),
            "none": None,
            "over": Lease(now - 1.0, 1.0, "own cat"),
            "to come": Lease(now + 0.125, 1.0, "own cat"),
        }[lease]
        buttons = {button: True} if button else {}
        outputs = guard.step(now, given, Inputs(now, door, buttons=buttons), spoke=not silent)

        alarm = button in ("panic", "smoke")
        want = wanted_open(lease, alarm, silent, settings)
        closed = door is Door.CLOSED or (door is Door.UNKNOWN and not door_sensor)
        travelling = now - moved < traits.travel_s
        if unlocked and not want:
            stays = not closed or now - moved < settings.dwell_s
            expected = stays  # still open?
        elif not unlocked and want:
            expected = alarm or now - moved >= settings.dwell_s or (travelling and not closed)
        elif not unlocked and travelling and not closed:
            expected = True  # caught by the flap
        else:
            expected = unlocked
        began = expected is not unlocked
        moving = began or travelling
        states = {
            (True, True): BoltState.UNLOCKING,
            (True, False): BoltState.UNLOCKED,
            (False, True): BoltState.LOCKING,
            (False, False): BoltState.LOCKED,
        }
        assert outputs.state is states[expected, moving], case
        drive = traits.unlock if expected else traits.lock
        powered = drive is Drive.HOLD or (drive is Drive.PULSE and moving)
        assert (outputs.unlock, outputs.lock) == (powered and expected, powered and not expected), case
        obeyed = expected == (lease == "valid")
        assert (outputs.refusal is None) <= obeyed, f"{case}: {outputs.refusal}"
