"""`latchlens run`: watch the door until told to stop."""

from __future__ import annotations

from device.commands.options import DEFAULT_PROJECT, ProjectOption, StateOption


def command(project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None) -> None:
    """Watch the door. SIGTERM and Ctrl-C end it with the bolt at rest."""
    from device.app import run, state_folder  # noqa: PLC0415
    from device.clock import SystemClock  # noqa: PLC0415
    from device.commands.options import is_own_file, project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415

    path = project_path(project)
    chosen = read_project(path)
    run(chosen, state_folder(chosen, state), SystemClock(), path if is_own_file(project) else None)
