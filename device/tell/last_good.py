"""The project file with which the device last ran, for the day on which the file on the disk is spoilt."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from device.errors import StoreError
from device.tell.atomic import write_whole

log = logging.getLogger(__name__)

NAME = "last-good.json"
BEFORE = "last-good-version-{}.json"
"""The last one of an older version of the format, for a Latchlens that goes back to an earlier release."""


def remember(folder: Path, path: Path, text: str, version: int = 1) -> None:
    """Keep `text`, the content of the project file `path`; a full disk costs no more than this copy."""
    kept = _kept(folder / NAME, path)
    if kept == (text, version):
        return
    try:
        if kept is not None and kept[1] != version:
            _keep(folder / BEFORE.format(kept[1]), path, *kept)
        _keep(folder / NAME, path, text, version)
    except StoreError as error:
        log.warning("%s", error)


def recall(folder: Path, path: Path) -> str | None:
    """The text that was kept of the project file `path`, None if there is none or it cannot be read."""
    return next(recall_all(folder, path), None)


def recall_all(folder: Path, path: Path) -> Iterator[str]:
    """The texts that were kept of it, the latest first, then those of other versions, the newest first."""
    older = sorted(folder.glob(BEFORE.format("*")), key=lambda each: each.stat().st_mtime, reverse=True)
    for file in (folder / NAME, *older):
        if (kept := _kept(file, path)) is not None:
            yield kept[0]


def _keep(file: Path, path: Path, text: str, version: int) -> None:
    content = json.dumps({"path": str(path.absolute()), "version": version, "text": text})
    write_whole(file, content.encode(), private=True)


def _kept(file: Path, path: Path) -> tuple[str, int] | None:
    with suppress(OSError, ValueError):
        kept = json.loads(file.read_bytes())
        if isinstance(kept, dict) and kept.get("path") == str(path.absolute()):
            text, version = kept.get("text"), kept.get("version", 1)
            if isinstance(text, str) and isinstance(version, int):
                return text, version
    return None
