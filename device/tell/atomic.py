"""Writing a small file so that a power cut leaves either the old one or the new one, never half."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from device.errors import StoreError


def write_whole(path: Path, content: bytes, lasting: bool = True, private: bool = False) -> None:
    """Put `content` into `path`; when `lasting`, it has reached the disk on return.

    A `private` file is for the eyes of its owner alone from its first byte on.

    Raises:
        StoreError: the file cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _opened(part, private) as file:
            file.write(content)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        part.replace(path)
        if lasting:
            _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written: {error.strerror or error}; free some space or check who owns it"
        ) from None


def _opened(path: Path, private: bool) -> BinaryIO:
    if not private:
        return path.open("wb")
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sync_folder(folder: Path) -> None:
    """A rename has happened for good only once the folder itself is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
