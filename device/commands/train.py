"""`latchlens train`: teach a head from labelled visits, with thresholds and what they promise."""

from __future__ import annotations

from typing import Annotated

import typer

from device.commands.lessons import (
    ALPHA,
    DELTA,
    PATIENCE,
    AlphaOption,
    ByOption,
    DeltaOption,
    PatienceOption,
    TaskArgument,
    bar,
    chosen,
    tell,
)
from device.commands.options import DEFAULT_PROJECT, JsonOption, ProjectOption, StateOption


def command(
    task: TaskArgument,
    alpha: AlphaOption = ALPHA,
    delta: DeltaOption = DELTA,
    patience: PatienceOption = PATIENCE,
    by: ByOption = "visit",
    activate: Annotated[
        bool, typer.Option("--activate", help="Use it at once, even if another head is in use.")
    ] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Teach TASK; the first head of a task is used at once, another one is tried beside it first."""
    import json  # noqa: PLC0415

    from device.aside import aside  # noqa: PLC0415
    from device.clock import SystemClock  # noqa: PLC0415
    from device.learn.thresholds import Goal  # noqa: PLC0415
    from device.lessons import Wanted, teach  # noqa: PLC0415
    from device.training import EVALUATIONS, as_document  # noqa: PLC0415

    door, folder = chosen(project, state)
    wanted, wall = Wanted(task, Goal(alpha, delta, patience), by), SystemClock().wall()
    with bar("learning") as done:
        taught = aside(teach, door.text, door.name, folder, wanted, activate, wall, done=done)
    used = "in use" if taught.in_use else f"tried beside version {taught.instead_of}, which decides"
    if as_json:
        print(json.dumps({**as_document(taught.lesson), "head": taught.title, "used": used}))
        return
    tell(taught.lesson)
    print(f"taught {taught.title}: {used}; its evaluation lies in {folder / EVALUATIONS}")
