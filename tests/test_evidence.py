"""The meter: what proves, what refutes, and that neither time nor the frame rate does."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.decide.evidence import Meter, MeterSettings
from device.errors import ConfigError
from tests.making import steady

STRONG = 2.5
RATES = st.floats(3, 15)
ARGUES_AGAINST = st.one_of(st.none(), st.just(math.nan), st.floats(max_value=0.0))
ANYTHING = st.one_of(st.none(), st.floats(), st.floats(-3, 3))


def fed(*ratios: float | None, rate: float = 10.0, start: float = 0.0, meter: Meter | None = None) -> Meter:
    meter = meter or Meter("who", MeterSettings())
    for number, ratio in enumerate(ratios):
        meter.update(start + number / rate, ratio)
    return meter


def proven_at(rate: float, signal: float, seconds: float = 8.0) -> float | None:
    meter = Meter("who", MeterSettings())
    for number in range(round(seconds * rate)):
        meter.update(number / rate, signal)
        if meter.proven(number / rate):
            return number / rate
    return None


def test_a_strong_signal_proves_after_less_than_a_second():
    time = proven_at(10, STRONG)
    assert time is not None and 0.4 <= time < 1.0


def test_the_meter_follows_the_formula():
    meter = Meter("who", MeterSettings(leak=2.0, clip=3.0))
    expected, last = 0.0, None
    for time, ratio in ((0.0, 1.0), (0.1, 5.0), (0.4, -1.0), (1.4, 2.0), (1.5, None), (1.75, -9.0)):
        passed = 0.2 if last is None else time - last
        expected *= math.exp(-passed / 2.0)
        if ratio is not None:
            weight = 2.0 / 0.2 * (1 - math.exp(-min(passed, 0.4) / 2.0))
            expected += weight * min(max(ratio, -3.0), 3.0)
        meter.update(time, ratio)
        last = time
        assert meter.value == pytest.approx(expected)


def test_one_frame_is_never_enough():
    assert fed(math.inf, 1e9, -1e9, 1e9).proven(0.3) is None
    meter = Meter("who", MeterSettings(prove=1.0))
    meter.update(0.0, STRONG)
    assert meter.value > 1.0
    assert meter.proven(0.0) is None


def test_three_frames_that_span_too_little_prove_nothing():
    meter = fed(*[STRONG] * 4, rate=10)
    assert meter.value > 4.0
    assert meter.proven(0.3) is None


def test_two_frames_that_span_long_enough_prove_nothing():
    meter = Meter("who", MeterSettings(prove=2.0))
    meter.update(0.0, STRONG)
    meter.update(0.4, STRONG)
    assert meter.proven(0.4) is None
    meter.update(0.8, STRONG)
    assert meter.proven(0.8) is True


def test_frames_before_and_after_a_long_gap_are_not_in_a_row():
    meter = Meter("who", MeterSettings())
    for time in (0.0, 0.2, 0.4, 3.4):
        meter.update(time, STRONG)
    assert meter.value > 4.0
    assert meter.proven(3.4) is None


def test_a_short_gap_from_a_high_meter_does_not_break_the_row():
    meter = Meter("who", MeterSettings())
    for time in (0.0, 0.2, 0.4, 0.6, 1.1):
        meter.update(time, STRONG)
    assert meter.proven(1.1) is True


def test_one_look_every_two_seconds_proves_nothing():
    assert fed(*[STRONG] * 30, rate=0.5).proven(58.0) is None


def test_unusable_frames_only_let_the_meter_leak():
    meter = fed(STRONG, STRONG, STRONG)
    before = meter.value
    meter.update(1.2, None)
    assert meter.value == pytest.approx(before * math.exp(-1.0))
    assert meter.usable_frames == 3


def test_a_row_is_broken_when_unusable_frames_let_the_meter_sink():
    meter = fed(*[STRONG] * 4)
    for number in range(5):
        meter.update(0.4 + number / 10, None)
    assert meter.value < 4.0
    meter.update(0.9, STRONG)
    meter.update(1.0, STRONG)
    assert meter.proven(1.0) is None


def test_a_row_goes_on_over_an_unusable_frame_while_the_meter_stands_high():
    meter = fed(*[STRONG] * 5, None, STRONG)
    assert meter.proven(0.6) is True


def test_the_opposite_is_proven_below_the_other_threshold():
    meter = fed(*[-STRONG] * 8)
    assert meter.proven(0.7) is False
    assert fed(*[-1.0] * 3).proven(0.2) is None


def test_a_proof_is_remembered_for_a_while_and_then_forgotten():
    meter = fed(*[STRONG] * 10)
    assert meter.proven(10.9) is True
    assert meter.proven(10.91) is None
    meter = fed(*[-STRONG] * 10)
    assert meter.proven(10.9) is False
    assert meter.proven(10.91) is None


@pytest.mark.parametrize("rate", [3, 5, 10, 15])
def test_contrary_frames_withdraw_even_the_strongest_proof_within_a_second(rate):
    meter = Meter("who", MeterSettings())
    times = [number / rate for number in range(4 * rate)]
    for time in times:
        meter.update(time, STRONG)
    assert meter.proven(times[-1]) is True
    withdrawn = [time for time in (4 + number / rate for number in range(rate)) if _contrary(meter, time)]
    assert withdrawn and withdrawn[0] - times[-1] <= 0.6 + 1 / rate


def _contrary(meter, time):
    meter.update(time, -STRONG)
    return meter.proven(time) is not True


def test_a_single_contrary_frame_withdraws_no_strong_proof():
    meter = fed(*[STRONG] * 30)
    meter.update(3.0, -STRONG)
    assert meter.proven(3.0) is True


def test_a_weakly_contrary_frame_does_not_withdraw_a_strong_proof():
    assert fed(*[STRONG] * 30, -0.5).proven(3.0) is True


def test_weakly_contrary_frames_withdraw_the_proof_when_the_meter_has_sunk():
    meter = fed(*[STRONG] * 30)
    time = 3.0
    while meter.value > 2.0:
        assert meter.proven(time) is True
        meter.update(time, -0.5)
        time += 0.1
    assert 0 < meter.value <= 2.0
    assert meter.proven(time) is None


def test_weak_support_keeps_a_proof_in_memory():
    assert fed(*[STRONG] * 10, *[0.1] * 50).proven(6.0) is True


def test_a_proof_replaces_a_refutation_and_the_other_way_round():
    meter = fed(*[-STRONG] * 10)
    fed(*[STRONG] * 10, start=1.0, meter=meter)
    assert meter.proven(1.9) is None, "above zero, not yet proven"
    fed(*[STRONG] * 10, start=2.0, meter=meter)
    assert meter.proven(2.9) is True
    fed(*[-STRONG] * 20, start=3.0, meter=meter)
    assert meter.proven(4.9) is False


def test_an_undecided_meter_stays_undecided_while_time_passes():
    meter = fed(1.0, 1.0)
    for time in range(1, 60):
        meter.update(float(time), None)
        assert meter.proven(float(time)) is None


def test_frames_without_a_new_time_prove_nothing():
    meter = Meter("who", MeterSettings())
    for _ in range(1000):
        meter.update(1.0, STRONG)
    assert meter.usable_frames == 1
    assert meter.value < 2.5


def test_a_clock_that_runs_backwards_adds_nothing_twice():
    there_and_back = fed(STRONG)
    for time in (0.3, 0.1, 0.3, 0.1, 0.3):
        there_and_back.update(time, STRONG)
    straight = fed(STRONG)
    straight.update(0.3, STRONG)
    assert there_and_back.value == straight.value
    assert there_and_back.proven(0.3) is None


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf])
def test_a_ratio_that_is_no_number_counts_as_unusable(nonsense):
    meter = fed(*[nonsense] * 50)
    assert (meter.value, meter.usable_frames, meter.proven(4.9)) == (0.0, 0, None)


@pytest.mark.parametrize("key", ["prove", "refute"])
def test_a_threshold_above_the_ceiling_is_refused_with_the_fix(key):
    with pytest.raises(ConfigError, match=rf"{key} = 12.5 .* ceiling .* 12.5; lower {key} or raise"):
        MeterSettings(**{key: 12.5})
    MeterSettings(**{key: 12.4})


def test_the_ceiling_is_never_passed_and_nearly_reached():
    meter = fed(*[STRONG] * 200, rate=15)
    assert 12.49 < meter.value <= 12.5


def test_a_reading_says_how_the_meter_stands():
    reading = fed(*[STRONG] * 10).reading(0.9)
    assert (reading.name, reading.needed, reading.refuted, reading.usable_frames) == ("who", 4.0, -4.0, 10)
    assert reading.proven is True
    assert reading.value == pytest.approx(fed(*[STRONG] * 10).value, abs=1e-4)


@steady
@given(RATES, RATES, st.floats(-2.5, 2.5))
def test_a_constant_signal_gives_the_same_meter_at_every_frame_rate(one, other, signal):
    def value(rate: float) -> float:
        return fed(*[signal] * (int(4 * rate) + 1), rate=rate).value

    assert value(one) == pytest.approx(value(other), rel=0.02, abs=0.01)


@steady
@given(RATES, st.floats(-2.5, 2.5), st.floats(-2.5, 2.5), st.floats(0, 6.3))
def test_a_slowly_varying_signal_gives_nearly_the_same_meter_at_every_frame_rate(rate, level, swing, phase):
    def final(rate: float) -> float:
        meter, steps = Meter("who", MeterSettings()), round(6 * rate)
        for number in range(steps + 1):
            time = 6 * number / steps
            meter.update(time, level + swing * math.sin(2 * math.pi * time / 30 + phase))
        return meter.value

    # A frame speaks for the time before it: at 3 a second the meter is half a frame late.
    assert final(rate) == pytest.approx(final(15), abs=0.04 * 12.5)


@steady
@given(RATES, st.floats(1.2, 2.5))
def test_the_time_of_proof_hardly_depends_on_the_frame_rate(rate, signal):
    reference = proven_at(60, signal)
    time = proven_at(rate, signal)
    assert reference is not None and time is not None
    # Where the meter crosses is found up to a frame late; three frames may span more than the 0.4 s.
    assert reference - 0.02 <= time <= reference + 1 / rate + max(1 / rate, 2 / rate - 0.4) + 0.02


@steady
@given(RATES, st.floats(-2.5, 0.75))
def test_a_signal_too_weak_for_the_threshold_never_proves_at_any_frame_rate(rate, signal):
    assert proven_at(rate, signal, 40) is None


@steady
@given(st.lists(st.tuples(st.floats(-0.5, 3.0), ANYTHING), max_size=60))
def test_whatever_comes_the_meter_stays_within_its_ceiling(steps):
    meter, time = Meter("who", MeterSettings()), 0.0
    for step, ratio in steps:
        time += step
        meter.update(time, ratio)
        assert abs(meter.value) <= 12.5 + 1e-9


@steady
@given(st.lists(st.tuples(st.floats(-0.5, 3.0), ARGUES_AGAINST), max_size=60))
def test_nothing_that_does_not_support_a_statement_proves_it(steps):
    meter, time = Meter("who", MeterSettings()), 0.0
    for step, ratio in steps:
        time += step
        meter.update(time, ratio)
        assert meter.proven(time) is not True


@steady
@given(st.lists(st.tuples(st.floats(0.02, 0.5), st.floats(-3, 3)), min_size=3, max_size=60))
def test_every_proof_rests_on_three_frames_above_the_threshold_over_four_tenths_of_a_second(steps):
    meter, time, row = Meter("who", MeterSettings()), 0.0, []
    for step, ratio in steps:
        time += step
        before = meter.proven(time)
        meter.update(time, ratio)
        row = [*row, time] if meter.value > 4.0 else []
        if meter.proven(time) and not before:
            assert len(row) >= 3
            assert row[-1] - row[0] >= 0.4 - 1e-5


@steady
@given(st.lists(st.tuples(st.floats(0.0, 1.0), ANYTHING), max_size=40))
def test_time_alone_never_makes_an_undecided_meter_a_proof(steps):
    meter, time = Meter("who", MeterSettings()), 0.0
    for step, ratio in steps:
        time += step
        meter.update(time, ratio)
    if meter.proven(time) is not True:
        for number in range(100):
            later = time + number / 5
            assert meter.proven(later) is not True
            meter.update(later, None)
            assert meter.proven(later) is not True
