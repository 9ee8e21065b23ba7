"""`latchlens circle`: from a fresh device to one that decides, on rendered frames, in one command."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from device.commands.options import StateOption


def command(
    weeks: Annotated[float, typer.Option(min=0.2, help="How long it only watches and is labelled.")] = 2.0,
    after: Annotated[float, typer.Option(min=0.1, help="How long it is counted once it decides.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    state: StateOption = None,
) -> None:
    """Watch, label, train, evaluate, enforce; then a worse head, which must go back by itself.

    Exit status 1 if it does not. The visitors are photographs of one cat in many coats on a rendered
    doorstep: what is shown is that all parts work together, not how well your cats are known.
    """
    from simulator.circle import run  # noqa: PLC0415
    from simulator.vision import REAL_SAYING  # noqa: PLC0415

    logging.getLogger("latchlens.story").setLevel(logging.ERROR)
    logging.getLogger("device").setLevel(logging.ERROR)
    print(REAL_SAYING)
    with TemporaryDirectory(prefix="latchlens-") as folder:
        told = run(state or Path(folder), weeks, after, seed, lambda line: print(line, flush=True))
    raise typer.Exit(0 if told.went_back is not None else 1)
