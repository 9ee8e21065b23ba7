"""Whom the guard hears, and that nothing which is not exactly an order of this line and life is obeyed."""

from __future__ import annotations

import math
import struct
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from device.act.hearing import Drop, Hearing, Line
from device.act.protocol import (
    ORDER_BYTES,
    VERSION,
    NotUnderstoodError,
    Order,
    Report,
    Word,
    order_of,
    packed,
    report_of,
    sealed,
)
from device.messages import BoltState, ChipRead, Door, Inputs, Lease
from tests.making import steady

NAME, OTHER = b"line one", b"line two"
OPENED = 100.0
SEQUENCE = struct.Struct(">2sBB8sQdd")


def raw(
    magic: bytes = b"LL",
    version: int = 1,
    word: int = 1,
    line: bytes = NAME,
    number: int = 1,
    time: float = 101.0,
    seconds: float = 5.0,
) -> bytes:
    """An order as bytes, well formed unless told otherwise; written apart from the code on trial."""
    return SEQUENCE.pack(magic, version, word, line, number, time, seconds)


def silent(word: int, number: int = 1, line: bytes = NAME) -> bytes:
    return raw(word=word, number=number, line=line, time=0.0, seconds=0.0)


def hold(number: int = 1, line: bytes = NAME, time: float = 101.0) -> bytes:
    return raw(number=number, line=line, time=time)


@pytest.fixture
def hearing() -> Hearing:
    return Hearing()


@pytest.fixture
def one() -> Line:
    return Line(NAME, OPENED)


@pytest.fixture
def two() -> Line:
    return Line(OTHER, OPENED)


def test_an_order_is_as_long_as_the_page_of_theory_says():
    assert (ORDER_BYTES, VERSION) == (36, 1)
    assert packed(Order(Word.HOLD, NAME, 7, Lease(1.5, 2.5, "mimi"))) == raw(number=7, time=1.5, seconds=2.5)
    assert packed(Order(Word.NO_LEASE, NAME, 8)) == silent(2, 8)
    assert packed(Order(Word.PANIC, NAME, 9)) == silent(3, 9)


orders = st.builds(
    Order,
    word=st.just(Word.HOLD),
    line=st.binary(min_size=8, max_size=8),
    number=st.integers(1, 2**64 - 1),
    lease=st.builds(
        Lease,
        time=st.floats(allow_nan=False, allow_infinity=False),
        seconds=st.floats(min_value=0, exclude_min=True, allow_infinity=False),
        reason=st.just(""),
    ),
) | st.builds(
    Order,
    word=st.sampled_from([Word.NO_LEASE, Word.PANIC]),
    line=st.binary(min_size=8, max_size=8),
    number=st.integers(1, 2**64 - 1),
)


@steady
@given(orders)
def test_an_order_arrives_as_it_was_sent(order: Order):
    assert order_of(packed(order)) == order


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"", "0 bytes are no order"),
        (raw()[:-1], "35 bytes are no order"),
        (raw() + b"\0", "37 bytes are no order"),
        (raw(magic=b"LX"), "not an order of this version"),
        (raw(version=0), "not an order of this version"),
        (raw(version=2), "not an order of this version"),
        (raw(number=0), "not an order of this version"),
        (raw(word=0), "no such word"),
        (raw(word=4), "no such word"),
        (raw(word=4, time=0.0, seconds=0.0), "no such word"),
        (raw(word=2), "no such word"),
        (raw(word=3), "no such word"),
        (raw(word=3, time=0.0), "no such word"),
        (raw(word=2, seconds=0.0), "no such word"),
        (raw(time=math.nan), "a lease needs a time and some seconds"),
        (raw(time=math.inf), "a lease needs a time and some seconds"),
        (raw(seconds=math.nan), "a lease needs a time and some seconds"),
        (raw(seconds=math.inf), "a lease needs a time and some seconds"),
        (raw(seconds=0.0), "a lease needs a time and some seconds"),
        (raw(seconds=-1.0), "a lease needs a time and some seconds"),
    ],
)
def test_what_is_not_exactly_an_order_is_not_understood(message, why, hearing, one):
    with pytest.raises(NotUnderstoodError, match=f"^{why}$"):
        order_of(message)
    assert hearing.hear(one, message) is None
    assert hearing.hear(one, message) is None
    assert dict(hearing.dropped) == {Drop.MALFORMED: 2}
    assert (hearing.held, one.number) == (False, 0)


def test_the_least_number_and_the_briefest_lease_are_orders():
    assert order_of(raw(number=1, seconds=5e-324)).lease == Lease(101.0, 5e-324, "")


@steady
@given(st.binary(max_size=80) | st.binary(min_size=36, max_size=36))
@example(b"LL\x01\x02" + bytes(32))
def test_no_bytes_do_more_than_not_be_understood(message: bytes):
    try:
        order = order_of(message)
    except NotUnderstoodError:
        return
    assert packed(order) == message


def test_who_speaks_of_leases_first_is_heard_until_its_line_closes(hearing, one, two):
    assert hearing.hear(one, silent(2)) == Order(Word.NO_LEASE, NAME, 1)
    assert (hearing.held, hearing.hears(one), hearing.hears(two)) == (True, True, False)
    assert hearing.hear(two, hold(line=OTHER)) is None
    assert hearing.hear(two, silent(2, line=OTHER)) is None
    assert dict(hearing.dropped) == {Drop.TAKEN: 2}
    assert hearing.close(two) is False
    assert hearing.hears(one)
    assert hearing.close(one) is True
    assert not hearing.held
    assert hearing.hear(Line(OTHER, OPENED), hold(line=OTHER)) is not None


def test_who_presses_panic_is_obeyed_and_takes_the_bolt_from_nobody(hearing, one, two):
    assert hearing.hear(two, silent(3, line=OTHER)) == Order(Word.PANIC, OTHER, 1)
    assert not hearing.held
    assert hearing.hear(one, hold()) is not None
    assert hearing.hear(two, silent(3, 2, line=OTHER)) is not None
    assert hearing.hears(one)


def test_an_order_that_was_said_once_is_not_obeyed_again(hearing, one):
    assert hearing.hear(one, hold(5)) is not None
    assert hearing.hear(one, hold(5)) is None
    assert hearing.hear(one, silent(3, 4)) is None
    assert dict(hearing.dropped) == {Drop.OLD: 2}
    assert hearing.hear(one, hold(6)) is not None


def test_an_order_for_another_line_or_life_is_not_obeyed_and_counts_for_nothing(hearing, one):
    assert hearing.hear(one, hold(5, OTHER)) is None
    assert dict(hearing.dropped) == {Drop.FOREIGN: 1}
    assert (hearing.held, one.number) == (False, 0)


def test_a_lease_from_before_the_line_was_opened_is_not_obeyed(hearing, one):
    assert hearing.hear(one, hold(1, time=99.999)) is None
    assert dict(hearing.dropped) == {Drop.OLD_LEASE: 1}
    assert not hearing.held
    assert hearing.hear(one, hold(1, time=OPENED)) == Order(Word.HOLD, NAME, 1, Lease(OPENED, 5.0, ""))


said = st.tuples(
    st.integers(0, 2),  # on which line
    st.integers(0, 2),  # for which line
    st.sampled_from([1, 2, 3]),
    st.integers(1, 6),
    st.floats(95, 105),
)
closings = st.integers(0, 2)


@steady
@given(st.lists(said | closings, max_size=40))
def test_whatever_is_said_one_line_holds_the_bolt_in_order_under_new_leases(sequence):
    hearing, opened = Hearing(), 3
    lines = [Line(bytes([number] * 8), OPENED) for number in range(3)]
    holder, numbers = None, [0, 0, 0]
    for each in sequence:
        if isinstance(each, int):
            assert hearing.close(lines[each]) == (holder == each)
            holder = None if holder == each else holder
            lines[each], numbers[each] = Line(bytes([opened] * 8), OPENED), 0
            opened += 1
            continue
        on, to, word, number, time = each
        message = hold(number, lines[to].name, time) if word == 1 else silent(word, number, lines[to].name)
        dropped = sum(hearing.dropped.values())
        order = hearing.hear(lines[on], message)
        assert (order is None) == (sum(hearing.dropped.values()) == dropped + 1)
        if order is None:
            continue
        assert on == to
        assert number > numbers[on]
        numbers[on] = number
        if word == 1:
            assert time >= OPENED
        if word != 3:
            assert holder in (None, on)
            holder = on
        assert [hearing.hears(line) for line in lines] == [holder == at for at in range(3)]


inputs = st.builds(
    Inputs,
    time=st.floats(0, 1e9),
    door=st.sampled_from(Door),
    bolt=st.sampled_from(BoltState),
    motion=st.dictionaries(st.text(max_size=8), st.booleans(), max_size=3),
    buttons=st.dictionaries(st.text(max_size=8), st.booleans(), max_size=3),
    chip=st.none() | st.builds(ChipRead, time=st.floats(0, 1e9), number=st.text(max_size=15)),
    refusal=st.none() | st.text(max_size=30),
    temperature_c=st.none() | st.floats(-40, 60),
)
REPORT = Report("00" * 8, "0a1b2c3d", 5.0, Inputs(time=6.0), True, False, True, "ff", "", {"malformed": 2})


@steady
@given(inputs)
def test_a_report_arrives_as_it_was_sent(snapshot: Inputs):
    report = replace(REPORT, inputs=snapshot)
    assert report_of(sealed(report)) == report


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"", "^what answers there is no guard$"),
        (b"LL", "^what answers there is no guard$"),
        (b"HTTP/1.1 400", "^what answers there is no guard$"),
        (b"LL\x02{}", "speaks version 2 .* start both again"),
        (b"LL\x01", "not understood"),
        (b"LL\x01{}", "not understood"),
        (sealed(REPORT).replace(b'"resting":true', b'"resting":"yes"'), "not understood"),
        (sealed(REPORT).replace(b'"LOCKED"', b'"AJAR"'), "not understood"),
    ],
)
def test_what_is_not_exactly_a_report_is_not_understood(message, why):
    with pytest.raises(NotUnderstoodError, match=why):
        report_of(message)


@steady
@given(st.binary(max_size=200).map(lambda tail: b"LL\x01" + tail) | st.binary(max_size=200))
def test_no_bytes_of_a_guard_do_more_than_not_be_understood(message: bytes):
    with pytest.raises(NotUnderstoodError):
        report_of(message)
