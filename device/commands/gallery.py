"""`latchlens gallery`: animals by name, several pictures of each, searched by another picture."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from device.commands.options import CHECKED_LATER, DEFAULT_PROJECT, ProjectOption, StateOption

if TYPE_CHECKING:
    from device.galleries import Room
    from device.learn.gallery import Portrait

app = typer.Typer(
    help="Collections of animals: index pictures by name, search by another picture. Prints JSON."
)

NameArgument = Annotated[str, typer.Argument(help="The collection's name.")]


def _room(project: str, state: Path | None) -> Room:
    from device.building.folder import make_folder, state_folder  # noqa: PLC0415
    from device.commands.options import project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415
    from device.galleries import Room  # noqa: PLC0415

    chosen = read_project(project_path(project))
    return Room.of(chosen, make_folder(state_folder(chosen, state)))


def _print(answer: Any) -> None:
    import json  # noqa: PLC0415

    print(json.dumps(answer))


@app.command()
def create(name: NameArgument, project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None) -> None:
    """Begin an empty collection."""
    from device.clock import SystemClock  # noqa: PLC0415

    room = _room(project, state)
    room.gallery.create(name, SystemClock().wall())
    _print(
        {"StatusCode": 200, "CollectionArn": f"latchlens:collection/{name}", "FaceModelVersion": room.version}
    )


@app.command()
def index(
    name: NameArgument,
    pictures: Annotated[
        list[Path], typer.Argument(help="Pictures of one animal, or folders.", readable=CHECKED_LATER)
    ],
    animal: Annotated[str, typer.Option("--animal", help="Its name: the ExternalImageId.")],
    max_faces: Annotated[int, typer.Option(min=1, help="So many animals of each picture at most.")] = 1,
    quality_filter: Annotated[
        bool, typer.Option("--quality-filter/--no-quality-filter", help="Refuse what cannot be seen well.")
    ] = True,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Add pictures of ANIMAL to a collection; a line of JSON for each, as IndexFaces answers."""
    from device.see.pictures import read_picture  # noqa: PLC0415

    room = _room(project, state)
    room.gallery.read(name)
    look = room.portraitist()
    for path in _files(pictures):
        answer = room.hang(look, name, animal, read_picture(path), max_faces, quality_filter)
        _print({"File": str(path), **answer})


@app.command("list")
def list_faces(
    name: Annotated[str | None, typer.Argument(help="The collection's name; none: all collections.")] = None,
    max_results: Annotated[int, typer.Option(min=1, max=4096)] = 4096,
    next_token: Annotated[str | None, typer.Option(help="From the answer before.")] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """What a collection holds, as ListFaces answers; without a name, the collections."""
    from device.faces import listed  # noqa: PLC0415
    from device.learn.gallery import page  # noqa: PLC0415

    room = _room(project, state)
    if name is None:
        names = room.gallery.names()
        _print({"CollectionIds": names, "FaceModelVersions": [room.version] * len(names)})
        return
    entries, token = page(room.gallery.read(name).entries, next_token, max_results)
    _print(listed(entries, token, room.version))


@app.command()
def search(
    name: NameArgument,
    pictures: Annotated[
        list[Path], typer.Argument(help="Pictures or folders to search by.", readable=CHECKED_LATER)
    ],
    threshold: Annotated[float, typer.Option(min=0, max=100, help="The least Similarity.")] = 80.0,
    max_faces: Annotated[int, typer.Option(min=1, max=4096, help="So many matches at most.")] = 80,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Who is it? The largest animal of each picture against a collection, as SearchFacesByImage answers."""
    from device.see.pictures import read_picture  # noqa: PLC0415

    room = _room(project, state)
    room.gallery.read(name)
    look = room.portraitist()
    for path in _files(pictures):
        portrait: Portrait = look.only(read_picture(path), path)
        _print({"File": str(path), **room.search(name, portrait, threshold, max_faces)})


@app.command()
def delete(
    name: NameArgument,
    face: Annotated[
        list[str] | None, typer.Option("--face", help="A FaceId; none: the whole collection.")
    ] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Take pictures out of a collection, or delete it."""
    room = _room(project, state)
    if face:
        _print({"DeletedFaces": list(room.gallery.forget(name, face))})
        return
    room.gallery.delete(name)
    _print({"StatusCode": 200})


@app.command()
def strangers(
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON objects, one a line.")] = False,
) -> None:
    """Who comes that nobody named? Unknown visitors, grouped by looks."""
    from device.visitors import unknown_visitors  # noqa: PLC0415

    room = _room(project, state)
    for group in unknown_visitors(room.state):
        if as_json:
            _print({"Name": group.name, "Species": group.species, "Visits": list(group.visits)})
        else:
            count = len(group.visits)
            print(f"{group.name}, {count} visit{'s' if count > 1 else ''}: {', '.join(group.visits[:5])}")


def _files(paths: Iterable[Path]) -> list[Path]:
    """Every picture named, and those in the folders named.

    Raises:
        PictureError: a path does not exist, a folder holds none, or a file is a film.
    """
    from device.errors import PictureError  # noqa: PLC0415
    from device.see.pictures import find_pictures_and_videos, is_video  # noqa: PLC0415

    found = find_pictures_and_videos(paths)
    if film := next((path for path in found if is_video(path)), None):
        raise PictureError(f"{film}: is a film; save some frames of it as pictures")
    return found
