"""Reads labelled pictures in whatever format they are, and finds the files that they speak of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from device.errors import DatasetError, hint
from device.learn.dataset import Collection, Picture
from device.learn.formats.coco import read_coco
from device.learn.formats.folder import read_folder
from device.learn.formats.manifest import read_manifest
from device.learn.formats.table import read_table
from device.learn.formats.yolo import NAMES, read_yolo

FORMATS = ("manifest", "coco", "yolo", "csv", "folder")


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a file or folder is to be read."""

    form: str | None = None
    """One of `FORMATS`; None: by its name and content."""
    task: str | None = None
    """The task of labels that do not name one: a folder's, a CSV file's column "label", a lone attribute."""
    label: str | None = None
    """Of all pictures of a folder."""
    renamed: Mapping[str, str] = field(default_factory=dict)
    """Labels that are called otherwise here, as {"no_prey": "clean"}; "" leaves a label out."""


def read_any(path: Path, wanted: Wanted) -> tuple[str, Collection]:
    """The format that was read, and the pictures.

    Raises:
        DatasetError: naming the file, the line, the key and the fix.
    """
    form = wanted.form or format_of(path)
    match form:
        case "manifest":
            found = read_manifest(path)
        case "coco":
            found = read_coco(path)
        case "yolo":
            found = read_yolo(path)
        case "csv":
            found = Collection(tuple(read_table(path, {"label": wanted.task} if wanted.task else None)))
        case "folder":
            found = Collection(tuple(read_folder(path, _task_of(path, wanted), wanted.label)))
        case _:
            raise DatasetError(f"format {form!r} is not known; {hint(form, FORMATS)}")
    pictures = tuple(_renamed(each, wanted, form) for each in found.pictures)
    return form, replace(found, pictures=pictures)


def format_of(path: Path) -> str:
    """The format that a file or folder is in.

    Raises:
        DatasetError: there is nothing at `path`.
    """
    if path.is_dir():
        return "yolo" if (path / NAMES).exists() or (path / "labels").is_dir() else "folder"
    if not path.exists():
        raise DatasetError(f"{path} does not exist; give a manifest, a COCO or CSV file, or a folder")
    return {".csv": "csv", ".json": "coco"}.get(path.suffix.lower(), "manifest")


def located(pictures: Sequence[Picture], folder: Path) -> dict[str, Path]:
    """The file of each picture's source.

    A relative source lies below `folder`; so does what follows the bucket in s3://bucket/a/b.jpg, and
    else the bare name.

    Raises:
        DatasetError: naming the first that is absent and how many are.
    """
    found = {each.source: _file(each.source, folder) for each in pictures}
    absent = [source for source, path in found.items() if path is None]
    if absent:
        more = f" (and {len(absent) - 1} more)" if len(absent) > 1 else ""
        raise DatasetError(
            f"{absent[0]}{more} is not in {folder}; copy the pictures there or give --pictures FOLDER"
        )
    return {source: path for source, path in found.items() if path is not None}


def _file(source: str, folder: Path) -> Path | None:
    if "://" in source:
        source = source.partition("://")[2].partition("/")[2]
    name = PurePosixPath(source)
    if ".." in name.parts:
        name = PurePosixPath(name.name)  # what is imported may not reach out of its folder
    choices = [folder / name.relative_to("/"), Path(name)] if name.is_absolute() else [folder / name]
    return next((path for path in [*choices, folder / name.name] if path.is_file()), None)


def _task_of(path: Path, wanted: Wanted) -> str:
    if wanted.task is None:
        raise DatasetError(f"{path} does not say what its labels are of; give --task, as --task prey")
    return wanted.task


def _renamed(picture: Picture, wanted: Wanted, form: str) -> Picture:
    named = {task: wanted.renamed.get(label, label) for task, label in picture.labels.items()}
    labels = {task: label for task, label in named.items() if label}
    if wanted.task is not None and form in ("manifest", "coco", "yolo") and wanted.task not in labels:
        if len(labels) > 1:
            raise DatasetError(
                f"{picture.source} has labels for {', '.join(labels)}; --task can only name a lone one"
            )
        labels = dict.fromkeys([wanted.task], *labels.values()) if labels else {}
    return replace(picture, labels=labels)
