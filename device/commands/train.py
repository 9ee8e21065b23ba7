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
    Wanted,
    learnt,
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
    from datetime import UTC, datetime  # noqa: PLC0415

    from device import registry  # noqa: PLC0415
    from device.clock import SystemClock  # noqa: PLC0415
    from device.heads import verifier  # noqa: PLC0415
    from device.training import EVALUATIONS, as_document, head_name, keep  # noqa: PLC0415

    chosen, folder, lesson = learnt(Wanted(task, alpha, delta, patience, by, project, state))
    name, models = head_name(chosen.section("heads"), task), folder / "models"
    verify = verifier(chosen, folder)
    standing = registry.keep_active(models, name)
    head = keep(lesson, name, chosen.section("embedding"), folder, datetime.now(UTC))
    if standing is None or activate:
        registry.activate(models, name, head.name, verify, SystemClock().wall(), "trained anew")
    else:
        registry.try_beside(models, name, head.name, verify)
    used = (
        "in use" if standing is None or activate else f"tried beside version {standing.active}, which decides"
    )
    if as_json:
        print(json.dumps({**as_document(lesson), "head": f"{name}/{head.name}", "used": used}))
        return
    tell(lesson)
    print(f"taught {name}/{head.name}: {used}; its evaluation lies in {folder / EVALUATIONS}")
