"""What the loop and the guard say to each other over a socket that keeps messages whole (SOCK_SEQPACKET).

To the guard go orders, 36 bytes each, big-endian, and nothing else:

    byte  0, 1     "LL"
    byte  2        version of this protocol, 1
    byte  3        word: 1 hold the bolt open under a lease, 2 there is no lease, 3 panic
    byte  4..11    the line: what the guard called this connection in its first report
    byte 12..19    number of the order on this line, from 1, rising
    byte 20..27    the lease's time, CLOCK_BOOTTIME seconds as a float64; 0 without a lease
    byte 28..35    the lease's seconds, a float64; 0 without a lease

Why a lease was given is no business of the guard's, so the reason stays at home. From the guard come reports:
"LL", the version, and a `Report` as JSON. Whatever is not exactly so is not understood.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from device.messages import Inputs, Lease

MAGIC = b"LL"
VERSION = 1
LINE_BYTES = 8

_ORDER = struct.Struct(f">2sBB{LINE_BYTES}sQdd")
ORDER_BYTES = _ORDER.size
REPORT_BYTES = 65_536
"""No report is longer."""


class Word(IntEnum):
    """What an order asks for."""

    HOLD = 1
    NO_LEASE = 2
    PANIC = 3


class NotUnderstoodError(ValueError):
    """A message is not one of this protocol, or of another version of it."""


@dataclass(frozen=True, slots=True)
class Order:
    """One message to the guard."""

    word: Word
    line: bytes
    number: int
    lease: Lease | None = None
    """With `Word.HOLD`, and only then."""


@dataclass(frozen=True, slots=True)
class Report:
    """One message of the guard: its snapshot of the inputs, and how things stand with it."""

    line: Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
    """What the guard calls this connection, as hexadecimal digits; a new one each time, in each life."""
    guard: str
    """A name for this life of the guard: another one means that it was begun again."""
    since: float
    """Time at which that life began."""
    inputs: Inputs
    resting: bool
    """The bolt has been driven to its rest, and no coil is powered."""
    heard: bool
    """This line's orders about leases are heard."""
    held: bool
    """Some line's are."""
    wiring: str
    """Digest of the wiring that the guard was started with."""
    fault: str = ""
    """What is wrong with its project file, if it goes on with an earlier one."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """How many messages it did not obey, by why."""


_REPORTS = TypeAdapter(Report)


def packed(order: Order) -> bytes:
    """An order as it travels."""
    time, seconds = (order.lease.time, order.lease.seconds) if order.lease else (0.0, 0.0)
    return _ORDER.pack(MAGIC, VERSION, order.word, order.line, order.number, time, seconds)


def order_of(message: bytes) -> Order:
    """The order that a message is.

    Raises:
        NotUnderstoodError: it is none.
    """
    if len(message) != ORDER_BYTES:
        raise NotUnderstoodError(f"{len(message)} bytes are no order")
    magic, version, word, line, number, time, seconds = _ORDER.unpack(message)
    if magic != MAGIC or version != VERSION or number < 1:
        raise NotUnderstoodError("not an order of this version")
    if word == Word.HOLD:
        if not (math.isfinite(time) and math.isfinite(seconds) and seconds > 0):
            raise NotUnderstoodError("a lease needs a time and some seconds")
        return Order(Word.HOLD, line, number, Lease(time, seconds, ""))
    if word not in (Word.NO_LEASE, Word.PANIC) or message[20:] != bytes(16):
        raise NotUnderstoodError("no such word")
    return Order(Word(word), line, number)


def sealed(report: Report) -> bytes:
    """A report as it travels."""
    return MAGIC + bytes([VERSION]) + _REPORTS.dump_json(report)


def report_of(message: bytes) -> Report:
    """The report that a message is.

    Raises:
        NotUnderstoodError: it is none, or one of a guard of another version.
    """
    if message[:2] != MAGIC or len(message) < 3:
        raise NotUnderstoodError("what answers there is no guard")
    if message[2] != VERSION:
        raise NotUnderstoodError(
            f"the guard speaks version {message[2]} of their language, this program version {VERSION}; "
            "start both again"
        )
    try:
        return _REPORTS.validate_json(message[3:], strict=True)
    except ValidationError as error:
        raise NotUnderstoodError(
            f"the guard's report is not understood: {error.errors()[0]['msg']}"
        ) from None
