"""The chip reader: whole readings out of split, noisy and damaged bytes, and a port that comes and goes."""

import importlib.util
import os
import pty
from functools import reduce
from itertools import pairwise
from operator import xor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import HardwareError
from device.messages import ChipRead
from device.see import chip

MANUAL = bytes.fromhex("02 3137314139323533413334383330 303130303030303030303030 07 f8 03")
"""The example of the WL-134A's manual."""

steadily = settings(deadline=None, derandomize=True)
"""The same examples every time, however slow the machine."""

numbers = st.tuples(st.integers(0, 999), st.integers(0, chip.NATIONAL_CODES - 1))


def frame(country, national):
    body = f"{national:010X}"[::-1] + f"{country:04X}"[::-1] + "01" + "0" * 10
    checksum = reduce(xor, body.encode())
    return b"\x02" + body.encode() + bytes([checksum, checksum ^ 0xFF]) + b"\x03"


def digits(country, national):
    return f"{country:03}{national:012}"


def test_the_manuals_example_is_read():
    assert chip.number_in(MANUAL) == "900250000023921"
    assert frame(900, 250000023921) == MANUAL


def test_a_german_chip_keeps_its_leading_zeros():
    assert chip.number_in(frame(276, 98102345678)) == "276098102345678"
    assert chip.number_in(frame(8, 7)) == "008000000000007"


@pytest.mark.parametrize("place", range(30))
def test_a_frame_with_any_bit_wrong_is_refused(place):
    for bit in range(8):
        damaged = bytearray(MANUAL)
        damaged[place] ^= 1 << bit
        assert chip.number_in(bytes(damaged)) is None


@pytest.mark.parametrize(
    ("country", "national"), [(1000, 5), (0x3FF, 5), (276, chip.NATIONAL_CODES), (276, 0xFFFFFFFFFF)]
)
def test_a_number_that_no_chip_can_have_is_refused(country, national):
    assert chip.number_in(frame(country, national)) is None


def test_the_largest_numbers_are_read():
    assert chip.number_in(frame(999, chip.NATIONAL_CODES - 1)) == "999274877906943"


@pytest.mark.parametrize("body", ["+71A9253A3", " 71A9253A3", "1_1A9253A3", "17GA9253A3"])
def test_digits_that_are_not_hexadecimal_are_refused(body):
    inside = (body[::-1] + "4830" + "0" * 12).encode()
    checksum = reduce(xor, inside)
    assert chip.number_in(b"\x02" + inside + bytes([checksum, checksum ^ 0xFF]) + b"\x03") is None


def parsed(parse, pieces):
    buffer = bytearray()
    found = []
    for piece in pieces:
        buffer += piece
        found += parse(buffer)
    return found, buffer


def split(data, cuts):
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


@steadily
@given(st.binary(max_size=80), numbers, st.binary(max_size=80), st.lists(st.integers(0, 1000), max_size=8))
def test_a_frame_is_found_among_noise_however_it_arrives(before, number, after, cuts):
    found, buffer = parsed(chip.frames, split(before + frame(*number) + after, cuts))
    rest, _ = parsed(chip.frames, [bytes(buffer) + b"\x00" * 30])
    assert digits(*number) in found + rest


@steadily
@given(st.sampled_from([chip.frames, chip.lines]), st.lists(st.binary(max_size=600), max_size=20))
def test_noise_never_raises_and_never_piles_up(parse, pieces):
    found, buffer = parsed(parse, pieces)
    assert all(len(number) == 15 and number.isdecimal() for number in found)
    assert len(buffer) <= chip.LONGEST_LINE


@steadily
@given(st.lists(numbers, max_size=5))
def test_every_reading_counts(chips):
    found, buffer = parsed(chip.frames, [b"".join(frame(*number) for number in chips)])
    assert found == [digits(*number) for number in chips]
    assert not buffer


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (b"276098102345678\r\n", ["276098102345678"]),
        (b"LA 982 000001088420\r\n", ["982000001088420"]),
        (b"LA_00000_0_982_000001088420\r\n", ["982000001088420"]),
        (b"\x02276.098102345678\r", ["276098102345678"]),
        (b"276098102345678", []),
        (b"1276098102345678\n", []),
        (b"2760981023456789\n", []),
        (b"27609810234567\n", []),
        (b"276098102345678\n982000001088420\n", ["276098102345678", "982000001088420"]),
        (b"\n\r\n\r", []),
    ],
)
def test_lines_are_read(line, found):
    assert parsed(chip.lines, [line])[0] == found


@steadily
@given(numbers, st.lists(st.integers(0, 1000), max_size=8))
def test_a_line_is_read_however_it_arrives(number, cuts):
    assert parsed(chip.lines, split(digits(*number).encode() + b"\r\n", cuts))[0] == [digits(*number)]


class Port:
    """A serial port that delivers what it is given, and raises when it is given an error."""

    def __init__(self, *deliveries):
        self.deliveries = list(deliveries)
        self.closed = False

    def read(self, size):
        assert size > 0
        delivery = self.deliveries.pop(0) if self.deliveries else b""
        if isinstance(delivery, OSError):
            raise delivery
        return delivery

    def close(self):
        self.closed = True


def no_port():
    raise OSError("no such device")


def test_a_reading_carries_the_time_of_the_call_that_completed_it():
    reader = chip.ChipReader(no_port, chip.frames, Port(MANUAL[:12], MANUAL[12:]))
    assert reader.read(1.0) is None
    assert reader.read(1.02) == ChipRead(1.02, "900250000023921")
    assert reader.read(1.04) is None


def test_of_two_readings_at_once_the_last_counts():
    reader = chip.ChipReader(no_port, chip.frames, Port(MANUAL + frame(276, 1)))
    assert reader.read(1.0) == ChipRead(1.0, "276000000000001")


def test_a_reader_that_is_unplugged_is_opened_again_every_five_seconds():
    first, second = Port(MANUAL[:12], OSError("unplugged")), Port(MANUAL)
    tries = []

    def open_port():
        tries.append(len(tries))
        if len(tries) == 1:
            raise OSError("not yet")
        return second

    reader = chip.ChipReader(open_port, chip.frames, first)
    reader.read(1.0)
    assert reader.read(2.0) is None
    assert first.closed
    assert not reader.buffer, "half a reading of a lost port is worth nothing"
    for now in (3.0, 6.9, 7.0, 11.9):
        assert reader.read(now) is None
    assert len(tries) == 1
    assert reader.read(12.0) == ChipRead(12.0, "900250000023921")


def test_a_reader_is_closed_once_however_often_it_is_told():
    port = Port()
    reader = chip.ChipReader(no_port, chip.frames, port)
    reader.close()
    reader.close()
    assert port.closed


has_serial = pytest.mark.skipif(
    importlib.util.find_spec("serial") is None, reason="pyserial is not installed"
)


@has_serial
def test_a_real_serial_port_is_read_without_waiting():
    ours, theirs = pty.openpty()
    reader = chip.build(chip.Settings(port=os.ttyname(theirs)))
    try:
        assert reader.read(0.0) is None
        os.write(ours, b"\x02noise" + MANUAL)
        assert reader.read(1.0) == ChipRead(1.0, "900250000023921")
    finally:
        reader.close()
        os.close(ours)
        os.close(theirs)


@has_serial
def test_a_missing_port_is_named_with_the_fix():
    with pytest.raises(HardwareError, match=r'\[chip\] port = "/dev/nowhere" does not open: .*dialout'):
        chip.build(chip.Settings(port="/dev/nowhere"))
