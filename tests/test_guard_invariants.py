"""What the guard never does, whatever it is told in whatever order, with whatever clock."""

import math
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from device.act.bolts import BoltTraits, Drive
from device.act.coil import CoilLimits
from device.act.guard import LEAP_S, Guard, GuardSettings
from device.messages import BoltState, Door, Inputs, Lease

steadily = settings(deadline=None, derandomize=True, max_examples=300)
"""The same examples every time, however slow the machine."""

TRAITS = [
    BoltTraits(Drive.PULSE, Drive.PULSE, 0.5, CoilLimits(0.5, 0.125, 16.0, 1.0)),
    BoltTraits(Drive.PULSE, Drive.PULSE, 0.25, CoilLimits(1.0, 1.0, 16.0, 0.125)),
    BoltTraits(Drive.HOLD, Drive.SPRING, 0.25, CoilLimits(2.0, 0.25, 16.0, 3.0)),
    BoltTraits(Drive.HOLD, Drive.SPRING, 1.0, CoilLimits(1.0, 1.0, 4.0, 0.0625)),
    BoltTraits(Drive.SPRING, Drive.HOLD, 0.25, CoilLimits(math.inf, 1.0)),
]
ticks = st.integers(0, 64).map(lambda number: number / 16)  # exact in binary
odd_times = st.one_of(
    st.floats(),
    st.sampled_from([math.nan, math.inf, -math.inf, 1e300, -1e300]),
    ticks.map(lambda tick: -tick),
)
leases = st.none() | st.tuples(st.floats(-3, 1) | st.floats(), st.floats(0, 20) | st.floats())
sensors = st.builds(
    Inputs,
    time=st.just(0.0),
    door=st.sampled_from(Door),
    bolt=st.sampled_from([BoltState.LOCKED, BoltState.UNLOCKED]),
    buttons=st.dictionaries(st.sampled_from(["panic", "smoke", "vet"]), st.booleans()),
)
guards = st.tuples(st.sampled_from(TRAITS), st.booleans(), st.booleans(), st.sampled_from([0.0, 0.5, 3.0]))
steps = st.tuples(ticks, leases, sensors, st.booleans())
odd_steps = st.tuples(ticks | odd_times, leases, sensors, st.booleans())


def made(parts) -> Guard:
    traits, door_sensor, bolt_sensor, dwell_s = parts
    rest = "unlocked" if traits.lock is Drive.HOLD else "locked"
    return Guard(GuardSettings(rest=rest, dwell_s=dwell_s, alarm_s=2.0), traits, door_sensor, bolt_sensor)


def played(guard, sequence):
    """The steps' times and outputs; each step's first number is how far the clock advances."""
    now = 50.0
    for passed, lease, inputs, spoke in sequence:
        now = now + passed if math.isfinite(now + passed) else passed
        given_lease = None if lease is None else Lease(now + lease[0], lease[1], "own cat")
        yield now, inputs, guard.step(now, given_lease, inputs, spoke)
        now = now if math.isfinite(now) else 50.0


@steadily
@given(guards, st.lists(odd_steps, max_size=60))
def test_never_two_coils_at_once(parts, sequence):
    for _, _, outputs in played(made(parts), sequence):
        assert not (outputs.unlock and outputs.lock)


@steadily
@given(guards, st.lists(odd_steps, max_size=60))
def test_no_coil_is_powered_by_a_clock_that_leaps(parts, sequence):
    last = None
    for now, _, outputs in played(made(parts), sequence):
        believed = math.isfinite(now) and (last is None or 0 <= now - last <= LEAP_S)
        assert believed or not (outputs.unlock or outputs.lock)
        last = now if math.isfinite(now) else last


@steadily
@given(guards, st.lists(odd_steps, max_size=60))
def test_no_coil_is_on_longer_at_a_stretch_than_its_limit(parts, sequence):
    on_since: dict[str, float] = {}
    for now, _, outputs in played(made(parts), sequence):
        for coil in ("unlock", "lock"):
            if not getattr(outputs, coil):
                on_since.pop(coil, None)
            elif now - on_since.setdefault(coil, now) >= parts[0].limits.limit_s:
                raise AssertionError(f"{coil} has been on since {on_since[coil]}")


@steadily
@given(guards, st.lists(steps, max_size=60))
def test_no_coil_is_on_for_more_than_its_share_of_any_window(parts, sequence):
    limits = parts[0].limits
    runs: dict[str, list[tuple[float, float]]] = {"unlock": [], "lock": []}
    last, before = None, None
    for now, _, outputs in played(made(parts), sequence):
        for coil, log in runs.items():
            if before is not None and getattr(before, coil):
                log.append((last, now))
            spent = sum(max(end - max(start, now - limits.window_s), 0.0) for start, end in log)
            if getattr(outputs, coil) and limits.duty < 1:
                assert spent < limits.budget_s
        last, before = now, outputs


@steadily
@given(guards, st.lists(odd_steps, max_size=60))
def test_the_bolt_never_starts_towards_locked_unless_the_flap_is_closed(parts, sequence):
    traits, door_sensor, _, _ = parts
    before = None
    for _, inputs, outputs in played(made(parts), sequence):
        closed = inputs.door is Door.CLOSED or (inputs.door is Door.UNKNOWN and not door_sensor)
        if outputs.lock and not closed:
            assert traits.lock is Drive.HOLD and before is not None and before.lock
        before = outputs


@steadily
@given(guards, st.lists(steps, max_size=60))
def test_a_powered_way_out_is_released_into_an_open_flap_only_by_its_limit(parts, sequence):
    traits, door_sensor, _, _ = parts
    last, on_s, before = None, 0.0, None
    for now, inputs, outputs in played(made(parts), sequence):
        on_s = on_s + now - last if before is not None and before.unlock else on_s
        released = before is not None and before.unlock and not outputs.unlock
        closed = inputs.door is Door.CLOSED or (inputs.door is Door.UNKNOWN and not door_sensor)
        if released and not closed and traits.unlock is Drive.HOLD:
            assert on_s >= min(traits.limits.limit_s, traits.limits.budget_s)
        last, before = now, outputs


@steadily
@given(guards, st.lists(odd_steps, max_size=60))
def test_after_silence_it_returns_to_rest(parts, sequence):
    parts = (*parts[:2], False, parts[3])
    guard = made(parts)
    now = 50.0
    for now, _, _ in played(guard, sequence):  # noqa: B007 - the last time is wanted
        pass
    now = now if math.isfinite(now) and abs(now) < 1e9 else 50.0
    closed = Inputs(now, Door.CLOSED)
    for tick in range(30 * 16):
        outputs = guard.step(now + tick / 16, None, closed, spoke=False)
    rest = BoltState.UNLOCKED if parts[0].lock is Drive.HOLD else BoltState.LOCKED
    assert outputs.state is rest
    assert guard.resting


@steadily
@given(
    guards, st.lists(steps.map(lambda step: (*step[:2], replace(step[2], buttons={}), step[3])), max_size=60)
)
def test_without_lease_or_alarm_only_an_opening_flap_moves_the_bolt_towards_unlocked(parts, sequence):
    without = [(passed, None, inputs, spoke) for passed, _, inputs, spoke in sequence]
    was_on = False
    for _, inputs, outputs in played(made(parts), without):
        assert not outputs.unlock or was_on or inputs.door is not Door.CLOSED
        was_on = outputs.unlock


@steadily
@given(guards, st.lists(odd_steps, max_size=40))
def test_the_same_inputs_give_the_same_outputs(parts, sequence):
    first = [outputs for _, _, outputs in played(made(parts), sequence)]
    again = [outputs for _, _, outputs in played(made(parts), sequence)]
    assert repr(first) == repr(again)  # nan is not equal to itself
