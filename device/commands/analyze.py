"""`latchlens analyze`: what stored pictures and videos show, answered like Rekognition's DetectLabels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from device.commands.options import CHECKED_LATER, DEFAULT_PROJECT, JsonOption, ProjectOption, StateOption


def command(
    paths: Annotated[
        list[Path], typer.Argument(help="Pictures, videos, or folders of them.", readable=CHECKED_LATER)
    ],
    min_confidence: Annotated[
        float, typer.Option(min=0, max=100, help="Leave out what is less sure.")
    ] = 55.0,
    max_labels: Annotated[
        int | None, typer.Option(min=1, help="At most so many labels for each picture.")
    ] = None,
    every: Annotated[float, typer.Option(min=0.04, help="Look at a video every so many seconds.")] = 0.5,
    save: Annotated[
        Path | None, typer.Option("--save", help="Write pictures with boxes into this folder.")
    ] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what PATHS show: an answer for each file. Exit status 1 if one cannot be read."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from device.analysis import Analyst  # noqa: PLC0415
    from device.building.folder import state_folder  # noqa: PLC0415
    from device.commands.faults import tell_fault  # noqa: PLC0415
    from device.commands.options import project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415
    from device.errors import PictureError  # noqa: PLC0415
    from device.see.pictures import find_pictures_and_videos  # noqa: PLC0415

    found = find_pictures_and_videos(paths)
    chosen = read_project(project_path(project))
    analyst = Analyst(chosen, state_folder(chosen, state), min_confidence, max_labels, every, save)
    console = Console(stderr=True)
    faults = 0
    hidden = len(found) < 2 or not console.is_terminal
    with Progress(console=console, transient=True, disable=hidden) as progress:
        for path in progress.track(found, description="looking"):
            try:
                answer = analyst.answer(path)
            except PictureError as error:
                faults += 1
                tell_fault(error, console)
                continue
            for line in answer.lines(as_json):
                print(line)
            if answer.fault:
                faults += 1
                tell_fault(answer.fault, console)
    raise typer.Exit(1 if faults else 0)
