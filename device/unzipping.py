"""Unpacks a ZIP file that anybody may have made: bounded in files and bytes, and never out of its folder."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from device.errors import DatasetError, StoreError
from device.tell.quota import free_bytes

MOST_FILES = 5_000
MOST_BYTES = 1_000_000_000
"""Of all files together, unpacked."""
MOST_BYTES_EACH = 40_000_000
MOST_DIRECTORY = 4_000_000
"""Bytes of the list of files, which is read at once."""
ENDINGS = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
    | {".manifest", ".jsonl", ".json", ".csv", ".txt", ".yaml", ".yml"}
)
"""What is unpacked; anything else in it, such as a film or a note of the system, is passed over."""
CHUNK = 1 << 20
END, END_64 = b"PK\x05\x06", b"PK\x06\x07"
TRAILER = 22 + 65_535
"""Bytes of the end record with the longest remark."""


def refuse_no_zip(path: Path) -> None:
    """Accept what looks like a ZIP file of bearable size, before anything in it is listed.

    Raises:
        DatasetError: it is none, or its list of files is too long.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - TRAILER - 20, 0))
        tail = file.read()
    place = tail.rfind(END)
    if place < 0 or len(tail) - place < 22:
        raise DatasetError("this is no ZIP file; put the pictures and their labels into one")
    count, directory = struct.unpack_from("<HI", tail, place + 10)
    if (
        tail[max(place - 20, 0) : place].startswith(END_64)
        or count > MOST_FILES
        or directory > MOST_DIRECTORY
    ):
        raise DatasetError(f"the ZIP file holds more than {MOST_FILES} files; send fewer at a time")


def unpack(path: Path, to: Path, floor: int = 0, free: Callable[[Path], int] = free_bytes) -> int:
    """Unpack pictures and what is said of them into the folder `to`; how many files.

    Args:
        floor: bytes that must stay free on the disk.

    Raises:
        DatasetError: it is damaged, too large, or something in it leads out of its folder.
        StoreError: the disk is full.
    """
    refuse_no_zip(path)
    taken, names = 0, set[str]()
    try:
        with zipfile.ZipFile(path) as parcel:
            for entry in _wanted(parcel):
                name = _inside(entry)
                if name.casefold() in names:
                    raise DatasetError(f"the ZIP file holds {name!r} twice; keep one of the two")
                names.add(name.casefold())
                if free(to) - entry.file_size < floor:
                    raise StoreError(f"{to}: the disk is full; free some space; nothing was changed")
                taken += _unpack(parcel, entry, to / name, MOST_BYTES - taken)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"the ZIP file is damaged or encrypted ({error}); make it again") from None
    except OSError as error:
        raise StoreError(f"{to}: cannot be written: {error.strerror or error}; free some space") from None
    return len(names)


def _wanted(parcel: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    for entry in parcel.infolist():
        _refuse_odd(entry)
        path = PurePosixPath(entry.filename)
        hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
        if not entry.is_dir() and not hidden and path.suffix.lower() in ENDINGS:
            yield entry


def _refuse_odd(entry: zipfile.ZipInfo) -> None:
    """Links, devices and names that lead elsewhere are refused, though nothing of them would be unpacked."""
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise DatasetError(f"{entry.filename!r} in the ZIP file is a link or a device; put plain files there")
    _inside(entry)


def _inside(entry: zipfile.ZipInfo) -> str:
    """The name of an entry below its folder; raises DatasetError if it leads out."""
    name = entry.orig_filename
    path = PurePosixPath(name)
    if (
        path.is_absolute()
        or ".." in path.parts
        or any(sign in name for sign in ("\\", ":", "\0"))
        or len(name.encode(errors="replace")) > 1000
        or any(len(part.encode(errors="replace")) > 200 for part in path.parts)
    ):
        raise DatasetError(
            f"{name[:100]!r} in the ZIP file leads out of its folder; make it again without paths"
        )
    return str(path)


def _unpack(parcel: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, left: int) -> int:
    """Unpack one file; what its list says of its size is not believed."""
    to.parent.mkdir(parents=True, exist_ok=True)
    taken, most = 0, min(MOST_BYTES_EACH, left)
    with parcel.open(entry) as packed, to.open("wb") as file:
        while chunk := packed.read(CHUNK):
            taken += len(chunk)
            if taken > most:
                raise DatasetError(
                    f"{entry.filename!r} in the ZIP file is too large; a file may have {MOST_BYTES_EACH:,} "
                    f"bytes, all together {MOST_BYTES:,}"
                )
            file.write(chunk)
    return taken
