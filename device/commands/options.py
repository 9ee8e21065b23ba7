"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

PROJECT_VARIABLE = "LATCHLENS_PROJECT"
"""Names the project where no option does; an installed device sets it."""

ProjectOption = Annotated[
    str,
    typer.Option(
        "--project", "-p", envvar=PROJECT_VARIABLE, help="A project file, or the name of a shipped project."
    ),
]
StateOption = Annotated[
    Path | None, typer.Option("--state", help="State directory; by default what the project file says.")
]
GuardOption = Annotated[
    Path | None,
    typer.Option(
        "--guard",
        envvar="LATCHLENS_GUARD",
        help="Where a guard that runs by itself listens; without it, the pins are this process's own.",
    ),
]
ScopeOption = Annotated[str, typer.Option(help='What it may do: "read", "act" or "admin".')]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON objects, one a line, and nothing else.")]

CHECKED_LATER = False
"""A file that may not be read is left to the part that reads it, which says why."""

DEFAULT_PROJECT = "cat-flap"


def chosen_folder(project: str, state: Path | None) -> Path:
    """The state directory that the options `--project` and `--state` mean; it may not exist."""
    from device.building.folder import state_folder  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415

    return state_folder(read_project(project_path(project)), state)


def project_path(name: str) -> Path:
    """The project file that `name` means: a path if it looks like one, else a shipped project."""
    from device import shipped  # noqa: PLC0415

    return Path(name) if is_own_file(name) else shipped.project(name)


def is_own_file(name: str) -> bool:
    """Whether the option `--project` names a file, not a shipped project."""
    return name.endswith(".toml") or "/" in name
