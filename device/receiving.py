"""Receives labelled pictures, in a folder, a file of labels or a ZIP file, and brings them into the album."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from device.config import Project, parse_project
from device.errors import DatasetError, PictureError
from device.importing import Brought, Eyes, bring
from device.learn.album import Album, Import
from device.learn.album_reader import AlbumReader
from device.learn.dataset import Picture
from device.learn.formats.any import Wanted, located, read_any
from device.learn.formats.yolo import NAMES
from device.see import embedding
from device.tell.store import Store
from device.unzipping import unpack

LABEL_FILES = (".manifest", ".jsonl", ".json", ".csv")
ZIP = ".zip"

Progress = Callable[[Sequence[Picture]], Iterable[Picture]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What was delivered, and how it is to be read."""

    source: Path
    wanted: Wanted = field(default_factory=Wanted)
    pictures: Path | None = None
    """The folder of the pictures, if not beside the file."""
    by: str = "import"
    """Who labelled them."""
    whole: bool = False
    """Take each picture whole, without looking for the animal."""
    replacing: bool = False
    """Labels that say otherwise than the album overrule it."""
    called: str = ""
    """What the source is called for people, if not by its path."""


@dataclass(frozen=True, slots=True)
class Received:
    """What came of it."""

    form: str
    brought: Brought


def receive(
    project: Project,
    folder: Path,
    delivery: Delivery,
    wall: float | None,
    progress: Progress = iter,
) -> Received:
    """Bring a delivery into the album of the state directory `folder`: all of it, or, if wrong, nothing.

    Args:
        wall: UTC seconds, None while the clock is not set.

    Raises:
        DatasetError, PictureError: something in it is wrong.
        StoreError: the disk is full or cannot be written.
    """
    floor = int(project.section("store").free_mb * 1e6)
    with _unpacked(delivery.source, folder, floor) as source:
        form, found = read_any(source, delivery.wanted)
        where = delivery.pictures or (source if source.is_dir() else source.parent)
        files = located(found.pictures, where)
        if source != delivery.source:
            _refuse_outside(files.values(), where)
        detector = None if delivery.whole else project.detector.build(folder)
        eyes = Eyes(embedding.build(project.section("embedding"), folder), detector)
        with closing(Store(folder, wall)) as store, AlbumReader(folder) as reader:
            brought = bring(
                *(Album(store), reader, found.pictures, files, eyes),
                Import(delivery.called or str(delivery.source), form, wall, found.foreign),
                delivery.by,
                replacing=delivery.replacing,
                floor=floor,
                progress=lambda pictures: progress(list(pictures)),
            )
    return Received(form, brought)


def receive_aside(
    text: str, name: str, folder: Path, delivery: Delivery, wall: float | None, done: Callable[[float], None]
) -> Received:
    """As `receive`, for an interpreter aside, which reads the project's `text` again; `done` hears 0..1."""

    def progress(pictures: Sequence[Picture]) -> Iterator[Picture]:
        for number, each in enumerate(pictures):
            done(number / len(pictures))
            yield each

    return receive(parse_project(text, name), folder, delivery, wall, progress)


@contextmanager
def _unpacked(source: Path, folder: Path, floor: int) -> Iterator[Path]:
    """The file or folder to read: what lies in a ZIP file, or the source itself."""
    if source.suffix.lower() != ZIP or not source.is_file():
        yield source
        return
    with tempfile.TemporaryDirectory(prefix=".import-", dir=_made(folder / "dataset")) as draft:
        try:
            unpack(source, Path(draft), floor)
            yield labels_in(Path(draft))
        except (DatasetError, PictureError) as error:
            # Where it was unpacked to is nothing to anybody.
            said = str(error).replace(f"{draft}/", "").replace(draft, "the ZIP file")
            raise type(error)(said) from None


def labels_in(folder: Path) -> Path:
    """The file of labels in an unpacked folder, or the folder itself if its names are the labels.

    Raises:
        DatasetError: there are several.
    """
    inside = sorted(folder.iterdir())
    if len(inside) == 1 and inside[0].is_dir() and _is_wrapping(inside[0]):
        return labels_in(inside[0])
    if (folder / NAMES).exists():
        return folder
    found = [each for each in inside if each.is_file() and each.suffix.lower() in LABEL_FILES]
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise DatasetError(f"there are several files of labels ({names}); send one at a time")
    return found[0] if found else folder


def _is_wrapping(folder: Path) -> bool:
    """Whether the one folder in a ZIP file wraps the rest; else its name is the label of its pictures."""
    if folder.name in ("images", "labels"):
        return False
    return any(each.is_dir() or each.suffix.lower() in LABEL_FILES for each in folder.iterdir())


def _refuse_outside(files: Iterable[Path], folder: Path) -> None:
    """What was sent may only speak of what was sent with it."""
    root = folder.resolve()
    outside = next((each for each in files if not each.resolve().is_relative_to(root)), None)
    if outside is not None:
        raise DatasetError(f"{outside} does not lie in the ZIP file; put every picture into it")


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
