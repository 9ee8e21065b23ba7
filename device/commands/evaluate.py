"""`latchlens evaluate`: what a head that is taught now would be worth at the door, with bounds."""

from __future__ import annotations

from pathlib import Path
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
    save: Annotated[
        Path | None, typer.Option("--save", help="A folder for EvaluationSummary JSON and the figure.")
    ] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge by visits that neither taught the head nor set its thresholds; nothing is changed."""
    import json  # noqa: PLC0415
    from datetime import UTC, datetime  # noqa: PLC0415

    from device.aside import aside  # noqa: PLC0415
    from device.learn.thresholds import Goal  # noqa: PLC0415
    from device.lessons import Wanted, learnt  # noqa: PLC0415
    from device.training import as_document, write_reports  # noqa: PLC0415

    door, folder = chosen(project, state)
    wanted = Wanted(task, Goal(alpha, delta, patience), by)
    with bar("learning") as done:
        lesson = aside(learnt, door.text, door.name, folder, wanted, done=done)
    if save is not None:
        write_reports(lesson, save, task, datetime.now(UTC))
    if as_json:
        print(json.dumps(as_document(lesson)))
    else:
        tell(lesson)
