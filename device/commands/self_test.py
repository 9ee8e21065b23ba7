"""`latchlens self-test`: what a version must show after an update; it moves the bolt."""

from __future__ import annotations

from device.commands.check import say
from device.commands.options import DEFAULT_PROJECT, GuardOption, ProjectOption, StateOption


def command(
    project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None, guard: GuardOption = None
) -> None:
    """Check everything, embed the golden picture, move the bolt once. Exit status 1 if there is a fault."""
    from device.commands.options import project_path  # noqa: PLC0415
    from device.proving import run_self_test  # noqa: PLC0415

    say(run_self_test(project_path(project), state, guard))
