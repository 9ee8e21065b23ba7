"""A reader of pets' microchips (ISO 11784, FDX-B, 134.2 kHz) on a serial port.

The common reader modules (WL-134A and its like) send 30 bytes for each reading:

    byte  0       STX, 0x02
    byte  1..10   national identification code, 10 hexadecimal digits, lowest digit first
    byte 11..14   country or manufacturer code, 4 hexadecimal digits, lowest digit first
    byte 15, 16   data block flag, animal flag
    byte 17..26   reserved
    byte 27       exclusive or of bytes 1 to 26
    byte 28       the same, every bit inverted
    byte 29       ETX, 0x03

Handheld and panel readers send lines instead, such as "LA 982 000001088420". Sources: the WL-134A manual,
whose example 171A9253A34830010000000000 is the chip 900 250000023921; the Allflex panel reader's manual.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Annotated, Any, Literal

from pydantic import Field

from device.errors import HardwareError
from device.messages import ChipRead

STX, ETX = 0x02, 0x03
FRAME_BYTES = 30
LONGEST_LINE = 256
NATIONAL_CODES = 1 << 38
"""ISO 11784 gives the national code 38 bits, so it always fits 12 digits."""
RETRY_S = 5.0

_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]+")
_LINE_END = re.compile(rb"[\r\n]")
_NUMBER = re.compile(rb"(?<![0-9])([0-9]{3})[ _.-]?([0-9]{12})(?![0-9])")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """The serial port and what the reader sends on it."""

    port: str = "/dev/serial0"
    baud: Annotated[int, Field(ge=300, le=921_600)] = 9600
    format: Literal["frame", "lines"] = "frame"
    """"frame": the 30 bytes of the common modules; "lines": text with the chip's 15 digits."""


Parser = Callable[[bytearray], Iterator[str]]
"""Takes what it understands off the front of the buffer and yields the chips' numbers."""


def frames(buffer: bytearray) -> Iterator[str]:
    """Numbers in whole 30-byte frames; whatever is not a frame is thrown away."""
    while (start := buffer.find(STX)) >= 0:
        del buffer[:start]
        if len(buffer) < FRAME_BYTES:
            return
        number = number_in(bytes(buffer[:FRAME_BYTES]))
        del buffer[: FRAME_BYTES if number else 1]  # a false STX may hide a true one behind it
        if number:
            yield number
    buffer.clear()


def number_in(frame: bytes) -> str | None:
    """The chip's 15 digits, or None if this is not a whole and sound frame."""
    body, checksum, inverted = frame[1:27], frame[27], frame[28]
    if frame[0] != STX or frame[29] != ETX:
        return None
    if reduce(xor, body) != checksum or checksum ^ 0xFF != inverted:
        return None
    if not _HEXADECIMAL.fullmatch(body[:14]):
        return None
    national, country = int(body[9::-1], 16), int(body[13:9:-1], 16)
    if national >= NATIONAL_CODES or country > 999:
        return None
    return f"{country:03}{national:012}"


def lines(buffer: bytearray) -> Iterator[str]:
    """Numbers in whole lines of text."""
    while end := _LINE_END.search(buffer):
        line = bytes(buffer[: end.start()])
        del buffer[: end.end()]
        for country, national in _NUMBER.findall(line[-LONGEST_LINE:]):
            yield (country + national).decode("ascii")
    del buffer[:-LONGEST_LINE]


PARSERS: dict[Literal["frame", "lines"], Parser] = {"frame": frames, "lines": lines}


@dataclass(slots=True)
class ChipReader:
    """The port, which may come and go, and what has arrived of the next reading."""

    open_port: Callable[[], Any]
    parse: Parser
    port: Any
    buffer: bytearray = field(default_factory=bytearray)
    lost_at: float = 0.0

    def read(self, now: float) -> ChipRead | None:
        """The last chip that was read since the last call, or None; never waits."""
        if self.port is None and not self._reopened(now):
            return None
        try:
            self.buffer += self.port.read(4096)
        except OSError as error:
            log.warning("the chip reader is gone: %s; trying again every %g s", error, RETRY_S)
            self.close()
            self.lost_at = now
        number = None
        for number in self.parse(self.buffer):
            log.info("chip %s read", number)
        return None if number is None else ChipRead(now, number)

    def _reopened(self, now: float) -> bool:
        if now - self.lost_at < RETRY_S:
            return False
        try:
            self.port = self.open_port()
        except OSError:
            self.lost_at = now
            return False
        log.warning("the chip reader is back")
        return True

    def close(self) -> None:
        if self.port is not None:
            self.port.close()
        self.port = None
        self.buffer.clear()


def build(settings: Settings) -> ChipReader:
    """Open the reader's port.

    Raises:
        HardwareError: the port does not open, or pyserial is missing.
    """
    try:
        import serial  # noqa: PLC0415 - only when a reader is built
    except ImportError as error:
        raise HardwareError(
            "the chip reader needs the package pyserial; install it with `pip install 'latchlens[chip]'`"
        ) from error

    def open_port() -> Any:
        return serial.Serial(settings.port, settings.baud, timeout=0)

    try:
        port = open_port()
    except OSError as error:
        raise HardwareError(
            f'[chip] port = "{settings.port}" does not open: {error.strerror or error}; '
            "see `ls /dev/serial/by-id`, and that the user is in the group dialout"
        ) from error
    return ChipReader(open_port, PARSERS[settings.format], port)
