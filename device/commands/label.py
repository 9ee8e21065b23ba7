"""`latchlens dataset label`: say what a visit or a picture shows, or look at what was said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import DEFAULT_PROJECT, JsonOption, ProjectOption, StateOption, chosen_folder

if TYPE_CHECKING:
    from device.learn.album import Said
    from device.learn.dataset import LabelledBox


def command(
    subject: Annotated[str, typer.Argument(help="The id of a visit or of a picture of the album.")],
    labels: Annotated[
        list[str] | None,
        typer.Argument(
            help="right, wrong, or TASK=LABEL as who=mimi, prey=clean, species=bird, view=none; "
            "TASK= takes back what was said."
        ),
    ] = None,
    boxes: Annotated[
        list[str] | None,
        typer.Option("--box", help="On a picture, in ratios of it: cat=LEFT,TOP,WIDTH,HEIGHT. All of them."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who says so.")] = "owner",
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what a visit or a picture shows; without labels: print what was said, by whom and when."""
    from contextlib import closing  # noqa: PLC0415

    from device.clock import SystemClock  # noqa: PLC0415
    from device.commands.options import project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415
    from device.errors import DatasetError  # noqa: PLC0415
    from device.learn.album import Album  # noqa: PLC0415
    from device.learn.album_reader import AlbumReader  # noqa: PLC0415
    from device.learn.saying import statements  # noqa: PLC0415
    from device.tell.records import Records  # noqa: PLC0415
    from device.tell.store import Store  # noqa: PLC0415

    folder = chosen_folder(project, state)
    animals = [animal.name for animal in read_project(project_path(project)).policy.animals]
    with AlbumReader(folder) as reader:
        about = reader.about(subject)
        if boxes and about == "visit":
            raise DatasetError(f"{subject} is a visit; boxes are drawn on one of its pictures")
        with Records(folder) as records:
            visit = records.find(subject)
        if labels or boxes:
            wall = SystemClock().wall()
            history = reader.history(about, subject)
            chosen = _parse(labels or [])
            said = statements(about, subject, chosen, animals, by, wall, visit, history)
            drawn = [_box(each) for each in boxes or []]
            with closing(Store(folder, wall)) as store:
                Album(store).say(said)
                if drawn:
                    Album(store).draw(subject, drawn, by, wall)
        _tell(reader.history(about, subject), as_json)


def _parse(given: list[str]) -> dict[str, str | None]:
    """What is said, by task."""
    from device.errors import DatasetError  # noqa: PLC0415
    from device.learn.vocabulary import DECISION, RIGHT, WRONG  # noqa: PLC0415

    chosen: dict[str, str | None] = {}
    for each in given:
        task, sign, label = each.partition("=")
        if not sign and each in (RIGHT, WRONG):
            task, label = DECISION, each
        elif not sign:
            raise DatasetError(f"{each!r} is no label; write right, wrong, or TASK=LABEL as prey=clean")
        if chosen.get(task, label or None) != (label or None):
            raise DatasetError(
                f"{task} is said to be {chosen[task]!r} and {label!r} at once; say one of them"
            )
        chosen[task] = label or None
    return chosen


def _box(text: str) -> LabelledBox:
    from device.errors import DatasetError  # noqa: PLC0415
    from device.learn.dataset import LabelledBox  # noqa: PLC0415
    from device.learn.formats.reading import box_in  # noqa: PLC0415

    label, _, edges = text.rpartition("=")
    try:
        left, top, width, height = map(float, edges.split(","))
    except ValueError:
        raise DatasetError(f"--box {text}: write it as cat=LEFT,TOP,WIDTH,HEIGHT in ratios 0..1") from None
    if not label:
        raise DatasetError(f"--box {text}: say what is in it, as cat={edges}")
    return LabelledBox(box_in((left, top, width, height), (1, 1), f"--box {text}", 0.0), label)


def _tell(said: list[Said], as_json: bool) -> None:
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415
    from datetime import UTC, datetime  # noqa: PLC0415

    for each in said:
        if as_json:
            print(json.dumps(asdict(each)))
            continue
        when = "undated" if each.wall is None else f"{datetime.fromtimestamp(each.wall, UTC):%FT%TZ}"
        print(f"{when}  {each.by:10} {each.task} = {each.label or '(taken back)'}")
