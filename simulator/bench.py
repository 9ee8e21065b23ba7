"""`latchlens bench`: how fast the loop is beside bare inference, and what it needs, in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from device.commands.options import CHECKED_LATER, JsonOption


def command(
    video: Annotated[
        Path | None,
        typer.Option(
            "--video",
            help="A video with an animal in it; else a doorstep is rendered.",
            readable=CHECKED_LATER,
        ),
    ] = None,
    frames: Annotated[int, typer.Option(min=50, help="How many frames to measure.")] = 300,
    store: Annotated[
        int | None,
        typer.Option(min=100, help="Measure instead a store of so many visits: its size, and pages of it."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the loop with detector and embedding on every frame, the motion gate, and memory."""
    import json  # noqa: PLC0415
    import logging  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from simulator import store_bench  # noqa: PLC0415
    from simulator.figures import measure  # noqa: PLC0415

    for name in ("device", "latchlens.story"):  # the doings at the measured door are nobody's story
        logging.getLogger(name).setLevel(logging.WARNING)
    figures = measure(video, frames) if store is None else store_bench.measure(store)
    for figure in figures:
        if as_json:
            print(json.dumps(asdict(figure)))
            continue
        budget = "" if figure.budget is None else f"   at most {figure.budget:g} {figure.unit}"
        print(f"{figure.name:48} {figure.value:9.3f} {figure.unit}{budget}")
