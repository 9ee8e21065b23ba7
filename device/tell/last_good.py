"""The project file with which the device last ran, for the day on which the file on the disk is spoilt."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from pathlib import Path

from device.errors import StoreError
from device.tell.atomic import write_whole

log = logging.getLogger(__name__)

NAME = "last-good.json"


def remember(folder: Path, path: Path, text: str) -> None:
    """Keep `text`, the content of the project file `path`; a full disk costs no more than this copy."""
    if recall(folder, path) == text:
        return
    content = json.dumps({"path": str(path.absolute()), "text": text})
    try:
        write_whole(folder / NAME, content.encode(), private=True)
    except StoreError as error:
        log.warning("%s", error)


def recall(folder: Path, path: Path) -> str | None:
    """The text that was kept of the project file `path`, None if there is none or it cannot be read."""
    with suppress(OSError, ValueError):
        kept = json.loads((folder / NAME).read_bytes())
        if isinstance(kept, dict) and kept.get("path") == str(path.absolute()):
            text = kept.get("text")
            return text if isinstance(text, str) else None
    return None
