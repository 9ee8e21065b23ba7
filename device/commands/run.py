"""`latchlens run`: watch the door until told to stop."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from device.commands.options import DEFAULT_PROJECT, GuardOption, ProjectOption, StateOption

if TYPE_CHECKING:
    from device.config import Project

log = logging.getLogger(__name__)

START_AGAIN = 75
"""Exit status (EX_TEMPFAIL of sysexits.h) of a device whose owner asked for another start."""


def command(
    project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None, guard: GuardOption = None
) -> None:
    """Watch the door. SIGTERM and Ctrl-C end it with the bolt at rest.

    A project file that was spoilt since the device last ran does not keep it from starting: it goes on with
    the one of that time, and says so.
    """
    from device.app import run  # noqa: PLC0415
    from device.building.folder import state_folder  # noqa: PLC0415
    from device.clock import SystemClock  # noqa: PLC0415
    from device.commands.options import is_own_file, project_path  # noqa: PLC0415

    path = project_path(project)
    chosen, fault = sound_project(path, state)
    own = path if is_own_file(project) else None
    if run(chosen, state_folder(chosen, state), SystemClock(), own, fault, guard):
        _start_again()


def _start_again() -> None:
    """Under systemd by ending, which its unit answers with a start; elsewhere in the same process."""
    logging.shutdown()
    if "INVOCATION_ID" in os.environ:
        raise typer.Exit(START_AGAIN)
    os.execv(sys.executable, sys.orig_argv)


def sound_project(path: Path, state: Path | None) -> tuple[Project, str]:
    """The project of a file, or the last good one with what is wrong with the file now.

    Raises:
        ConfigError: the file is absent, or wrong and no device ever ran with it.
    """
    from device.building.folder import default_folder  # noqa: PLC0415
    from device.config import parse_project, read_project  # noqa: PLC0415
    from device.errors import ConfigError  # noqa: PLC0415
    from device.tell import last_good  # noqa: PLC0415

    try:
        return read_project(path), ""
    except ConfigError as error:
        for kept in last_good.recall_all(state or default_folder(), path) if path.is_file() else ():
            with suppress(ConfigError):  # a newer Latchlens may have kept one that this one does not read
                found = parse_project(kept, path.stem)
                log.critical("%s; the device goes on with the project file that it last ran with", error)
                return found, str(error)
        raise
