"""A release: one file that holds a wheel, perhaps what it needs, and a signed list of all of it.

    manifest.json           version, and of each file its size and SHA-256
    manifest.json.minisig   the list's signature
    wheels/*.whl            what the list names, and nothing else

Nothing is unpacked before the signature was found good, and then only what the list names, to the byte.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device.errors import UpdateError
from device.updating.signature import PublicKey, verify

MANIFEST, SIGNATURE, WHEELS = "manifest.json", "manifest.json.minisig", "wheels"
FORMAT = 1
SUFFIX = ".latchlens"
LIST_BYTES = 1_000_000
"""No list of files is longer."""
MOST_BYTES = 1_000_000_000
"""No release is larger."""
MOST_FILES = 1000
CHUNK = 1 << 20
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*\.whl")
_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc|\.dev)\d+)?")


@dataclass(frozen=True, slots=True)
class Wheel:
    """One file of the list."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Needed:
    """What the wheel needs on one kind of machine."""

    wheels: tuple[Wheel, ...] = ()
    """Files in the release: with them nothing is downloaded."""
    requirements: str = ""
    """Or what pip downloads, each with the sums of the files that will do."""


@dataclass(frozen=True, slots=True)
class Release:
    """A release whose signature is good."""

    path: Path
    version: str
    wheel: Wheel
    needed: Needed
    key: PublicKey

    @property
    def size(self) -> int:
        """Bytes that unpacking it writes."""
        return sum(each.size for each in (self.wheel, *self.needed.wheels))

    def unpack(self, folder: Path) -> Path:
        """Write what is needed here into an empty folder, and return the wheel's place.

        Raises:
            UpdateError: a file is missing, or not what the list says.
        """
        folder.mkdir(parents=True)
        with zipfile.ZipFile(self.path) as archive:
            for wheel in (self.wheel, *self.needed.wheels):
                _unpack_one(archive, wheel, folder / wheel.name)
        if self.needed.requirements:
            (folder / "requirements.txt").write_text(self.needed.requirements, encoding="utf-8")
        return folder / self.wheel.name


def target() -> str:
    """What kind of machine this is, such as "cp311-aarch64"."""
    return f"cp{sys.version_info.major}{sys.version_info.minor}-{platform.machine()}"


def open_release(path: Path, keys: Sequence[PublicKey], machine: str | None = None) -> Release:
    """The release in a file, once its signature was found good.

    Raises:
        UpdateError: it is none, is not signed by one of the keys, or asks for what no release may.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UpdateError(f"{path}: is larger than any release ({MOST_BYTES / 1e9:g} GB)")
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MOST_FILES:
                raise UpdateError(f"{path}: holds more files than any release")
            content, signature = _small(archive, MANIFEST), _small(archive, SIGNATURE)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError):
        raise UpdateError(f"{path}: is no release of Latchlens; get it again") from None
    key = verify(content, signature.decode("ascii", "replace"), keys)
    return _read(path, json.loads(content), key, machine or target())


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        content = file.read(LIST_BYTES + 1)
    if len(content) > LIST_BYTES:
        raise UpdateError(f"{archive.filename}: {name} is too long")
    return content


def _read(path: Path, manifest: Any, key: PublicKey, machine: str) -> Release:
    """What a signed list says; its maker is trusted, but may have erred."""
    try:
        if manifest["format"] != FORMAT:
            raise UpdateError(f"{path}: was made for a newer Latchlens; install the release before it first")
        needs = manifest["needs"].get(machine)
        if needs is None:
            known = ", ".join(manifest["needs"]) or "none"
            raise UpdateError(f"{path}: is not for this kind of machine ({machine}); it is for: {known}")
        needed = Needed(tuple(map(_wheel, needs["wheels"])), str(needs["requirements"]))
        version = str(manifest["version"])
        if not _VERSION.fullmatch(version):
            raise UpdateError(f"{path}: {version!r} is no version")
        return Release(path, version, _wheel(manifest["wheel"]), needed, key)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise UpdateError(f"{path}: its list is not as it should be ({error!r})") from None


def _wheel(entry: Any) -> Wheel:
    wheel = Wheel(str(entry["name"]), int(entry["size"]), str(entry["sha256"]))
    if not _FILE.fullmatch(wheel.name):
        raise UpdateError(f"{wheel.name!r} is no name of a wheel; the release is not unpacked")
    if not 0 < wheel.size <= MOST_BYTES:
        raise UpdateError(f"{wheel.name}: its size cannot be {wheel.size}; the release is not unpacked")
    return wheel


def _unpack_one(archive: zipfile.ZipFile, wheel: Wheel, to: Path) -> None:
    left, digest = wheel.size, hashlib.sha256()
    try:
        with archive.open(f"{WHEELS}/{wheel.name}") as packed, to.open("xb") as file:
            while chunk := packed.read(min(CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    break
                digest.update(chunk)
                file.write(chunk)
            os.fsync(file.fileno())
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError):
        raise UpdateError(f"{archive.filename}: {wheel.name} is missing or damaged; get it again") from None
    if left or digest.hexdigest() != wheel.sha256:
        raise UpdateError(f"{archive.filename}: {wheel.name} is not what was signed; get it again")


def order(version: str) -> tuple[tuple[int, ...], tuple[int, int]]:
    """A key to sort versions by: a draft such as 1.2rc1 comes before 1.2, and 1.2 is 1.2.0."""
    numbers = [int(each) for each in re.findall(r"\d+", re.split(r"a|b|rc|\.dev", version)[0])]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    draft = re.search(r"(a|b|rc|\.dev)(\d+)$", version)
    rank = {".dev": 0, "a": 1, "b": 2, "rc": 3}
    return tuple(numbers), (rank[draft[1]], int(draft[2])) if draft else (4, 0)
