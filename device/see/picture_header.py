"""Reads a picture file's size from its first bytes and whether it is complete, before any decoding."""

from __future__ import annotations

import struct
from dataclasses import dataclass

FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that carry the size (ITU-T T.81, table B.1)."""

BASELINE_MARKERS = (0xC0, 0xC1)
"""JPEG frames that libjpeg decodes row by row; a progressive one is held whole in memory."""

STANDALONE_MARKERS = (0x01, *range(0xD0, 0xD9))


@dataclass(frozen=True, slots=True)
class Header:
    """What a picture file says of itself."""

    width_px: int
    height_px: int
    complete: bool
    """The file goes on to its end mark; otherwise it was cut short."""
    reducible: bool
    """The decoder can make it smaller while reading, without ever holding the whole picture."""


def read_header(data: bytes) -> Header | None:
    """The header of a JPEG, PNG, WebP or BMP file; None for anything else or one cut within its header."""
    try:
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
        if data.startswith(b"BM"):
            return _bmp(data)
    except (struct.error, IndexError):
        pass
    return None


def _jpeg(data: bytes) -> Header | None:
    """Walk the marker segments; in the scan after them 0xFF is stuffed, so 0xFFD9 can only be the end."""
    position = 2
    size: tuple[int, int, int] | None = None
    while data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF or marker in STANDALONE_MARKERS:
            position += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, position + 2)
        if marker in FRAME_MARKERS:
            height_px, width_px = struct.unpack_from(">HH", data, position + 5)
            size = width_px, height_px, marker
        if marker == 0xDA:
            break
        position += 2 + length
    if size is None:
        return None
    return Header(size[0], size[1], data.find(b"\xff\xd9", position) > 0, size[2] in BASELINE_MARKERS)


def _png(data: bytes) -> Header:
    width_px, height_px = struct.unpack_from(">II", data, 16)
    position = 8
    complete = False
    while position + 12 <= len(data) and not complete:
        length, name = struct.unpack_from(">I4s", data, position)
        complete = name == b"IEND"
        position += 12 + length
    return Header(width_px, height_px, complete, False)


def _webp(data: bytes) -> Header | None:
    """The three layouts of WebP (RFC 9649): lossy, lossless and extended."""
    complete = len(data) >= 8 + struct.unpack_from("<I", data, 4)[0]
    layout = data[12:16]
    if layout == b"VP8 ":
        width_px, height_px = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    elif layout == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width_px, height_px = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif layout == b"VP8X":
        width_px = int.from_bytes(data[24:27], "little") + 1
        height_px = int.from_bytes(data[27:30], "little") + 1
    else:
        return None
    return Header(width_px, height_px, complete, False)


def _bmp(data: bytes) -> Header:
    (size,) = struct.unpack_from("<I", data, 2)
    width_px, height_px = struct.unpack_from("<ii", data, 18)
    return Header(abs(width_px), abs(height_px), len(data) >= size, False)
