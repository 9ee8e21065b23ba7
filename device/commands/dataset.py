"""`latchlens dataset`: what the device learns from, in and out, split, counted and labelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from device.commands import label, queue
from device.commands.options import (
    CHECKED_LATER,
    DEFAULT_PROJECT,
    JsonOption,
    ProjectOption,
    StateOption,
    chosen_folder,
)

if TYPE_CHECKING:
    from device.learn.split import Split

app = typer.Typer(help="What the device learns from: import, label, split, export.")
app.command("label")(label.command)
app.command("queue")(queue.command)

T = TypeVar("T")

TaskArgument = Annotated[str, typer.Argument(help='What the labels are of, as "prey" or "who".')]


@app.command("import")
def import_pictures(
    source: Annotated[
        Path,
        typer.Argument(help="A manifest, COCO or CSV file, a folder, or a ZIP file.", readable=CHECKED_LATER),
    ],
    form: Annotated[
        str | None, typer.Option("--format", help="manifest, coco, yolo, csv or folder; else by its name.")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", help="The folder of the pictures, if not beside the file.")
    ] = None,
    task: Annotated[
        str | None, typer.Option("--task", help="The task of labels that do not name one, as prey.")
    ] = None,
    one_label: Annotated[
        str | None, typer.Option("--label", help="The label of all pictures of a folder.")
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option("--rename", help="A label called otherwise here: no_prey=clean; junk= leaves it out."),
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Take each picture whole, without looking for the animal.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Overrule labels that say otherwise in the album.")
    ] = False,
    by: Annotated[str, typer.Option("--by", help="Who labelled them.")] = "import",
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Import labelled pictures: all of them, or, if anything is wrong, none."""
    from device.building.folder import make_folder  # noqa: PLC0415
    from device.clock import SystemClock  # noqa: PLC0415
    from device.commands.options import project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415
    from device.learn.formats.any import Wanted  # noqa: PLC0415
    from device.receiving import Delivery, receive  # noqa: PLC0415

    chosen = read_project(project_path(project))
    wanted = Wanted(form, task, one_label, _pairs(rename or []))
    folder = make_folder(chosen_folder(project, state))
    delivery = Delivery(source, wanted, pictures, by, whole, replace)
    wall = SystemClock().wall()
    received = receive(chosen, folder, delivery, wall, _progress("importing", None))
    kind, done = received.form, received.brought
    print(f"{done.views} pictures and {done.labels} labels imported from {source} ({kind})")
    if done.known:
        print(f"{done.known} pictures were there already")
    if done.whole:
        print(f"in {done.whole} no animal was found: they were taken whole")


@app.command()
def export(
    to: Annotated[Path, typer.Argument(help="A new folder.")],
    form: Annotated[str, typer.Option("--format", help="manifest, coco, yolo or csv.")] = "manifest",
    prefix: Annotated[
        str, typer.Option("--prefix", help="Before each picture's name in a manifest: s3://bucket/door/.")
    ] = "",
    task: Annotated[str | None, typer.Option("--task", help="Only pictures labelled for it.")] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Write pictures, labels and boxes into a folder that other tools read."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from device.exporting import hand_on  # noqa: PLC0415
    from device.learn.album_reader import AlbumReader  # noqa: PLC0415

    with AlbumReader(chosen_folder(project, state)) as reader:
        done = hand_on(
            *(reader, to, form),
            made=datetime.now(UTC).isoformat(timespec="seconds"),
            prefix=prefix,
            task=task,
            progress=_progress("exporting", None),
        )
    gone = f"; {done.gone} whose picture had to make room are left out" if done.gone else ""
    print(f"{done.pictures} pictures written to {done.path}{gone}")


@app.command()
def split(
    task: TaskArgument,
    by: Annotated[str, typer.Option("--by", help="Only by visit.")] = "visit",
    to: Annotated[Path | None, typer.Option("--to", help="Write who is on which side as CSV.")] = None,
    check: Annotated[
        Path | None,
        typer.Option("--check", help="A CSV with id and side, made elsewhere: refuse it if it tears visits."),
    ] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Divide what is labelled: by visit, the newest fifth of the days as the test."""
    import json  # noqa: PLC0415
    from collections import Counter  # noqa: PLC0415

    from device.commands.options import project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415
    from device.learn.album_reader import AlbumReader  # noqa: PLC0415
    from device.learn.split import refuse_torn  # noqa: PLC0415
    from device.learn.split import split as divide  # noqa: PLC0415

    zone = read_project(project_path(project)).policy.zone
    with AlbumReader(chosen_folder(project, state)) as reader:
        data = reader.dataset()
    if check is not None:
        refuse_torn(data, *_sides_of(check, [each.id for each in data.examples]))
        print(f"{check}: no visit is on both sides")
        return
    parts = divide(data, task, by, zone) if zone else divide(data, task, by)
    sides = {"train": parts.train, "test": parts.test}
    told: dict[str, Any] = {
        side: {
            "pictures": len(places),
            "groups": len({parts.groups[place] for place in places}),
            "labels": Counter(data.examples[place].labels[task] for place in places),
        }
        for side, places in sides.items()
    }
    if to is not None:
        _write(to, _sides(data.examples, parts))
    if as_json:
        print(json.dumps({**told, "folds": len(parts.folds), "remarks": parts.remarks}))
        return
    for side, counts in told.items():
        labels = ", ".join(f"{count} {name}" for name, count in sorted(counts["labels"].items()))
        print(f"{side:5}  {counts['pictures']} pictures of {counts['groups']} visits: {labels or 'none'}")
    print(f"folds  {len(parts.folds)}, no visit in two")
    for remark in parts.remarks:
        print(remark)


@app.command()
def stats(
    project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """What there is to learn from: views, visits, days, and the labels of each task."""
    import json  # noqa: PLC0415

    from device.learn.album_reader import AlbumReader  # noqa: PLC0415
    from device.learn.stats import counted  # noqa: PLC0415

    with AlbumReader(chosen_folder(project, state)) as reader:
        found = counted(reader.dataset(), reader.backbones())
    if as_json:
        print(json.dumps(found))
        return
    print(f"{found['views']} views of {found['visits']} visits on {found['days']} days")
    for task, labels in found["tasks"].items():
        print(f"{task}:")
        for name, count in labels.items():
            print(f"  {name:14} {count['views']:6} views {count['visits']:5} visits")
    for remark in found["remarks"]:
        print(remark)


def _sides(examples: Iterable[Any], parts: Split) -> str:
    fold_of = {place: number for number, fold in enumerate(parts.folds) for place in fold}
    tested = set(parts.test)
    rows = ["id,visit,group,side,fold"]
    for place, each in enumerate(examples):
        if place in tested or place in fold_of:
            side = "test" if place in tested else "train"
            rows.append(f"{each.id},{each.visit},{parts.groups[place]},{side},{fold_of.get(place, '')}")
    return "\n".join(rows) + "\n"


def _sides_of(path: Path, ids: list[str]) -> tuple[list[int], list[int]]:
    """The places of those that train, and of those that test, in a table with the columns id and side."""
    import csv  # noqa: PLC0415

    from device.errors import DatasetError  # noqa: PLC0415
    from device.learn.formats.reading import text_of  # noqa: PLC0415

    places = {number: place for place, number in enumerate(ids)}
    sides: dict[str, list[int]] = {"train": [], "test": []}
    for number, row in enumerate(csv.DictReader(text_of(path).splitlines()), 2):
        if row.get("side") not in sides or row.get("id") not in places:
            raise DatasetError(
                f"{path}, line {number}: needs an id of the album and the side train or test; export it again"
            )
        sides[row["side"]].append(places[row["id"]])
    return sides["train"], sides["test"]


def _write(to: Path, text: str) -> None:
    from device.errors import DatasetError  # noqa: PLC0415

    try:
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        raise DatasetError(f"{to} cannot be written ({error.strerror})") from None


def _pairs(given: list[str]) -> dict[str, str]:
    from device.errors import ConfigError  # noqa: PLC0415

    wrong = next((each for each in given if "=" not in each), None)
    if wrong is not None:
        raise ConfigError(f"--rename {wrong}: write it as THEIRS=OURS")
    return {theirs: ours for theirs, _, ours in (each.partition("=") for each in given)}


def _progress(what: str, total: int | None) -> Callable[[Iterable[T]], Iterable[T]]:
    """Shows on a terminal how far it has come."""

    def watched(items: Iterable[T]) -> Iterable[T]:
        from rich.console import Console  # noqa: PLC0415
        from rich.progress import track  # noqa: PLC0415

        console = Console(stderr=True)
        count = len(items) if isinstance(items, Sized) else total
        return track(items, what, count, console=console, transient=True, disable=not console.is_terminal)

    return watched
