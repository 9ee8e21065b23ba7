"""`latchlens check`: everything the device needs, a line each, before it is trusted with a door."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from device.commands.options import DEFAULT_PROJECT, GuardOption, ProjectOption, StateOption

if TYPE_CHECKING:
    from device.checks import Result


def command(
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    guard: GuardOption = None,
) -> None:
    """Check project, models, store, disk, pins and camera. Exit status 1 if there is a fault."""
    from device.checks import run_checks  # noqa: PLC0415
    from device.commands.options import project_path  # noqa: PLC0415

    say(run_checks(project_path(project), state, guard))


def say(results: Iterable[Result]) -> None:
    """Print each as it comes, and end with what they come to."""
    faults = 0
    for result in results:
        faults += result.fault
        print(f"{'FAULT' if result.fault else 'ok':6} {result.part:11} {result.text}", flush=True)
    raise typer.Exit(1 if faults else 0)
