"""Hands the album on to other tools: pictures, labels and boxes in one of the formats, as a folder or ZIP."""

from __future__ import annotations

import io
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from device.errors import DatasetError, PictureError, hint
from device.learn.album_reader import AlbumReader
from device.learn.dataset import Collection, Picture
from device.learn.formats.coco import coco_text
from device.learn.formats.manifest import manifest_lines
from device.learn.formats.table import write_table
from device.learn.formats.yolo import write_yolo
from device.see.picture_header import read_header

FILES = {
    "manifest": "dataset.manifest",
    "coco": "annotations.json",
    "csv": "dataset.csv",
    "yolo": "data.yaml",
}
"""What is written into the folder, besides the folder images."""
IMAGES = "images"


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What an export did, for people."""

    path: Path
    pictures: int
    gone: int
    """Views whose picture had to make room; they are left out."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be handed on, and how."""

    folder: Path
    """The state directory."""
    form: str
    pictures: tuple[Picture, ...]
    foreign: Mapping[str, Any]
    made: str
    """ISO time of labelling for those labels of a manifest that do not say their own."""
    prefix: str = ""
    """Stands before each picture's name in a manifest, as "s3://bucket/door/"."""


def order(reader: AlbumReader, form: str, made: str, prefix: str = "", task: str | None = None) -> Order:
    """What the album has to hand on; with a `task` only the pictures labelled for it.

    Raises:
        DatasetError: the format does not exist.
    """
    if form not in FILES:
        raise DatasetError(f"format {form!r} is not known; {hint(form, FILES)}")
    wanted = tuple(each for each in reader.pictures() if task is None or task in each.labels)
    return Order(reader.folder, form, wanted, reader.foreign(form), made, prefix)


def hand_on(
    reader: AlbumReader,
    to: Path,
    form: str,
    *,
    made: str,
    prefix: str = "",
    task: str | None = None,
    progress: Callable[[Iterable[Picture]], Iterable[Picture]] = iter,
) -> HandedOn:
    """Write the album into the new folder `to`. For the arguments see `order`.

    Raises:
        DatasetError: the format does not exist, `to` is there already, or it cannot be written.
    """
    wanted = order(reader, form, made, prefix, task)
    if to.exists():
        raise DatasetError(f"{to} is there already; choose a new folder")
    draft = to.with_name(f".{to.name}.part")
    count = 0
    try:
        shutil.rmtree(draft, ignore_errors=True)
        (draft / IMAGES).mkdir(parents=True)
        for name, content in files(wanted, progress):
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_bytes(content)
            count += name.startswith(f"{IMAGES}/")
        draft.rename(to)
    except OSError as error:
        raise DatasetError(f"{to} cannot be written ({error.strerror}); free some space") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return HandedOn(to / FILES[form], count, len(wanted.pictures) - count)


def zipped(wanted: Order) -> Iterator[bytes]:
    """The same as one ZIP file, piece by piece: no more than one picture is ever in memory."""
    pieces = _Pieces()
    with zipfile.ZipFile(pieces, "w") as parcel:
        for name, content in files(wanted, lenient=True):
            parcel.writestr(name, content)
            yield pieces.taken()
    yield pieces.taken()


def files(
    wanted: Order,
    progress: Callable[[Iterable[Picture]], Iterable[Picture]] = iter,
    lenient: bool = False,
) -> Iterator[tuple[str, bytes]]:
    """Each file by its name: first the pictures that are still there, then what is said of them.

    Raises:
        PictureError: one is damaged, unless `lenient`: then it is left out.
    """
    copied: list[Picture] = []
    for each in progress(wanted.pictures):
        path = wanted.folder / each.source
        content = _content(path)
        header = None if content is None else read_header(content)
        if content is not None and header is not None:
            source = f"{IMAGES}/{path.name}"
            copied.append(replace(each, source=source, size_px=(header.width_px, header.height_px)))
            yield source, content
        elif content is not None and not lenient:
            raise PictureError(f"{path} is damaged; delete it")
    with tempfile.TemporaryDirectory(prefix="latchlens-") as draft:
        _write(Path(draft), wanted, Collection(tuple(copied), wanted.foreign))
        for path in sorted(each for each in Path(draft).rglob("*") if each.is_file()):
            yield path.relative_to(draft).as_posix(), path.read_bytes()


def _content(path: Path) -> bytes | None:
    """What is in a file; None if it had to make room."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(folder: Path, wanted: Order, collection: Collection) -> None:
    path = folder / FILES[wanted.form]
    match wanted.form:
        case "manifest":
            named = [replace(each, source=wanted.prefix + each.source) for each in collection.pictures]
            with path.open("w", encoding="utf-8") as file:
                file.writelines(manifest_lines(Collection(tuple(named)), wanted.made))
        case "coco":
            path.write_text(coco_text(collection), encoding="utf-8")
        case "csv":
            write_table(path, collection.pictures)
        case "yolo":
            write_yolo(folder, collection)


class _Pieces(io.RawIOBase):
    """A file that can only be written; whoever passes on what was written takes it away."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._written.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        found = b"".join(self._written)
        self._written.clear()
        return found
