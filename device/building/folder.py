"""Where the owner's data lies."""

from __future__ import annotations

import os
from pathlib import Path

from device.config import Project
from device.errors import StoreError


def state_folder(project: Project, chosen: Path | None = None) -> Path:
    """Where the owner's data lives: --state, [store] folder, $STATE_DIRECTORY, or ./state, there or not."""
    configured = project.section("store").folder
    return chosen or (Path(configured) if configured else default_folder())


def default_folder() -> Path:
    """Where it lives if nobody says otherwise."""
    return Path(os.environ.get("STATE_DIRECTORY", "state"))


def make_folder(folder: Path) -> Path:
    """The folder, made if it is absent.

    Raises:
        StoreError: it is a file, or may not be made there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fix = "use --state DIR with a folder that you may write to"
        raise StoreError(f"{folder}: the state directory cannot be made: {error.strerror}; {fix}") from None
    return folder
