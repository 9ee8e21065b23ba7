"""`latchlens teach`: teach the device one own animal from a video or pictures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import DEFAULT_PROJECT, ProjectOption, StateOption

if TYPE_CHECKING:
    from device.messages import Pixels


def command(
    name: Annotated[str, typer.Argument(help="The animal's name, as in [[animal]] of the project.")],
    source: Annotated[Path, typer.Argument(help="A video or a folder of pictures of it.")],
    others: Annotated[
        list[Path], typer.Option("--others", help="Videos or folders of other animals: strangers.")
    ],
    start: Annotated[float, typer.Option(min=0, help="Second of the video to begin at.")] = 0.0,
    end: Annotated[float | None, typer.Option(min=0, help="Second of the video to end at.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Take only every so manieth frame of the video.")] = 3,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Teach who NAME is from SOURCE; the new head lies in the state directory, the old one beside it."""
    from device.app import make_folder, state_folder  # noqa: PLC0415
    from device.commands.options import project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415
    from device.decide.subject import STRANGER  # noqa: PLC0415
    from device.see import embedding  # noqa: PLC0415
    from device.see.video import Settings  # noqa: PLC0415
    from device.teaching import Examples, animal_crops, embed_all, save  # noqa: PLC0415

    chosen = read_project(project_path(project))
    folder = make_folder(state_folder(chosen, state))
    detector = chosen.detector.build(folder)
    embedder = embedding.build(chosen.section("embedding"), folder)
    examples = Examples()
    own = _pictures(Settings(str(source), start=start, end=end, every=every), f"looking at {name}")
    examples.add(name, embed_all(animal_crops(own, detector), embedder))
    for path in others:
        strangers = _pictures(Settings(str(path)), f"looking at {path.name}")
        examples.add(STRANGER, embed_all(animal_crops(strangers, detector), embedder))
    head = save(examples, chosen.section("heads").who, embedder.model.card, folder / "models")
    told = ", ".join(f"{examples.names.count(who)} views of {who}" for who in sorted(set(examples.names)))
    print(f"taught {told}: {head}")


def _pictures(settings: object, what: str) -> Iterator[Pixels]:
    """Every picture of a recording, with a progress bar on a terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from device.clock import SystemClock  # noqa: PLC0415
    from device.interfaces import EndOfVideo  # noqa: PLC0415
    from device.see import video  # noqa: PLC0415

    camera = video.build(settings, SystemClock())  # type: ignore[arg-type]
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        while True:
            try:
                frame = camera.next(0)
            except EndOfVideo:
                return
            progress.advance(task)
            if frame is not None:
                yield frame.image
