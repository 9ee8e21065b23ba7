"""`latchlens teach`: teach the device one own animal from a video or pictures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import CHECKED_LATER, DEFAULT_PROJECT, ProjectOption, StateOption

if TYPE_CHECKING:
    from device.interfaces import Camera
    from device.messages import Pixels
    from device.see.video import Settings

log = logging.getLogger(__name__)


def command(
    name: Annotated[str, typer.Argument(help="The animal's name, as in [[animal]] of the project.")],
    source: Annotated[
        Path, typer.Argument(help="A video or a folder of pictures of it.", readable=CHECKED_LATER)
    ],
    others: Annotated[
        list[Path],
        typer.Option(
            "--others", help="Videos or folders of other animals: strangers.", readable=CHECKED_LATER
        ),
    ],
    start: Annotated[float, typer.Option(min=0, help="Second of the video to begin at.")] = 0.0,
    end: Annotated[float | None, typer.Option(min=0, help="Second of the video to end at.")] = None,
    every: Annotated[int, typer.Option(min=1, help="Take only every so manieth frame of the video.")] = 3,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Teach who NAME is from SOURCE; the new head lies in the state directory, the old one beside it."""
    from device import registry  # noqa: PLC0415
    from device.building.folder import make_folder, state_folder  # noqa: PLC0415
    from device.clock import SystemClock  # noqa: PLC0415
    from device.commands.options import project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415
    from device.decide.household import Animal  # noqa: PLC0415
    from device.decide.subject import STRANGER  # noqa: PLC0415
    from device.errors import PictureError  # noqa: PLC0415
    from device.heads import verifier  # noqa: PLC0415
    from device.parts import read_settings  # noqa: PLC0415
    from device.see import embedding  # noqa: PLC0415
    from device.see.video import Settings  # noqa: PLC0415
    from device.teaching import Examples, animal_crops, embed_all, save  # noqa: PLC0415

    chosen = read_project(project_path(project))
    read_settings(Animal, "[[animal]]", {"name": name})
    # Whatever is missing is told before the long work begins.
    lessons = [(name, source, _open(Settings(str(source), start=start, end=end, every=every)))]
    lessons += [(STRANGER, path, _open(Settings(str(path)))) for path in others]
    folder = make_folder(state_folder(chosen, state))
    detector = chosen.detector.build(folder)
    embedder = embedding.build(chosen.section("embedding"), folder)
    examples = Examples()
    for who, path, camera in lessons:
        pictures = _pictures(camera, f"looking at {path.name}")
        views = list(embed_all(animal_crops(pictures, detector), embedder))
        if not views:
            raise PictureError(f"{path}: no animal was found in it; show {who} larger, or in better light")
        examples.add(who, views)
    head = save(examples, chosen.section("heads").who, embedder.model.card, folder / "models")
    wall = SystemClock().wall()
    registry.activate(
        folder / "models", head.parent.name, head.name, verifier(chosen, folder), wall, "taught anew"
    )
    told = ", ".join(f"{examples.names.count(who)} views of {who}" for who in sorted(set(examples.names)))
    print(f"taught {told}: {head}")
    if name not in {animal.name for animal in chosen.policy.animals}:
        log.warning('project %s has no [[animal]] name = "%s" yet; add it to let it in', chosen.name, name)


def _open(settings: Settings) -> Camera:
    from device.clock import SystemClock  # noqa: PLC0415
    from device.see import video  # noqa: PLC0415

    return video.build(settings, SystemClock())


def _pictures(camera: Camera, what: str) -> Iterator[Pixels]:
    """Every picture of a recording, with a progress bar on a terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    from device.see.video import every_frame  # noqa: PLC0415

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        for frame in every_frame(camera):
            progress.advance(task)
            yield frame.image
