"""Hands the album on to other tools: pictures, labels and boxes as a folder in one of the formats."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What an export did, for people."""

    path: Path
    pictures: int
    gone: int
    """Views whose picture had to make room; they are left out."""


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
    """Write the album into the new folder `to`.

    Args:
        made: ISO time of labelling for those labels of a manifest that do not say their own.
        prefix: stands before each picture's name in a manifest, as "s3://bucket/door/".
        task: only pictures with a label for it.

    Raises:
        DatasetError: the format does not exist, `to` is there already, or it cannot be written.
    """
    if form not in FILES:
        raise DatasetError(f"format {form!r} is not known; {hint(form, FILES)}")
    if to.exists():
        raise DatasetError(f"{to} is there already; choose a new folder")
    wanted = [each for each in reader.pictures() if task is None or task in each.labels]
    draft = to.with_name(f".{to.name}.part")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        (draft / "images").mkdir(parents=True)
        copied = [made_of for each in progress(wanted) if (made_of := _copied(reader, each, draft))]
        collection = Collection(tuple(copied), reader.foreign(form))
        _write(draft, form, collection, made, prefix)
        draft.rename(to)
    except OSError as error:
        raise DatasetError(f"{to} cannot be written ({error.strerror}); free some space") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return HandedOn(to / FILES[form], len(copied), len(wanted) - len(copied))


def _copied(reader: AlbumReader, picture: Picture, to: Path) -> Picture | None:
    """The picture as it lies in the folder `to`; None if its file is no more."""
    path = reader.folder / picture.source
    if not path.is_file():
        return None
    source = f"images/{path.name}"
    shutil.copyfile(path, to / source)
    header = read_header(path.read_bytes())
    if header is None:
        raise PictureError(f"{path} is damaged; delete it")
    return replace(picture, source=source, size_px=(header.width_px, header.height_px))


def _write(folder: Path, form: str, collection: Collection, made: str, prefix: str) -> None:
    path = folder / FILES[form]
    match form:
        case "manifest":
            named = [replace(each, source=prefix + each.source) for each in collection.pictures]
            with path.open("w", encoding="utf-8") as file:
                file.writelines(manifest_lines(Collection(tuple(named)), made))
        case "coco":
            path.write_text(coco_text(collection), encoding="utf-8")
        case "csv":
            write_table(path, collection.pictures)
        case "yolo":
            write_yolo(folder, collection)
