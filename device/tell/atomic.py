"""Writing a small file so that a power cut leaves either the old one or the new one, never half."""

from __future__ import annotations

import os
from pathlib import Path

from device.errors import StoreError


def write_whole(path: Path, content: bytes, lasting: bool = True) -> None:
    """Put `content` into `path`; when `lasting`, it has reached the disk on return.

    Raises:
        StoreError: the file cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
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


def _sync_folder(folder: Path) -> None:
    """A rename has happened for good only once the folder itself is on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
