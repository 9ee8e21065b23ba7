"""Boxes as YOLO keeps them: a text file beside each picture, a line a box, in ratios of the picture.

A line is the class's number, then centre and size, perhaps a confidence; or the number and the corners of
an outline. The names stand in data.yaml. A picture in a folder "images" has its text in "labels" next to
it. Whole-picture labels have no place there: they lie in pictures.csv. docs.ultralytics.com/datasets/detect
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from device.errors import DatasetError
from device.learn.dataset import Collection, LabelledBox, Picture
from device.learn.formats import reading
from device.learn.formats.folder import PICTURES
from device.learn.formats.table import read_table, write_table
from device.messages import Box

NAMES = "data.yaml"
LABELS = "pictures.csv"
SLACK = 0.003
"""A box may leave its picture by such a ratio, a pixel of a small picture; it is clipped."""


def read_yolo(folder: Path) -> Collection:
    """All pictures of a folder with the boxes of their text files; one without a text file was not boxed.

    Raises:
        DatasetError: naming the file, the line and the value.
    """
    names, foreign = _names(folder)
    pictures = [_picture(folder, source, names) for source in _sources(folder)]
    if not pictures:
        raise DatasetError(f"{folder} holds no pictures; a YOLO folder has images/ and labels/")
    return Collection(tuple(_with_labels(folder, pictures)), foreign)


def write_yolo(folder: Path, collection: Collection) -> None:
    """Write the text files, data.yaml and, if there are labels of whole pictures, pictures.csv.

    Raises:
        DatasetError: a picture lies outside the folder, or a file cannot be written.
    """
    names = _all_names(collection)
    numbers = {name: number for number, name in names.items()}
    try:
        for each in collection.pictures:
            path = folder / label_file(_safe(each.source))
            if each.boxes or each.foreign.get("boxed"):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("".join(_line(box, numbers) for box in each.boxes), encoding="utf-8")
        content = {"path": ".", "train": "images", "val": "images", **collection.foreign, "names": names}
        (folder / NAMES).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    except OSError as error:
        raise DatasetError(f"{error.filename or folder} cannot be written ({error.strerror})") from None
    if any(
        each.labels or each.visit or each.wall is not None or each.infrared for each in collection.pictures
    ):
        write_table(folder / LABELS, [replace(each, foreign={}) for each in collection.pictures])


def label_file(source: str) -> PurePosixPath:
    """The text file of a picture: the last folder "images" becomes "labels"."""
    parts = list(PurePosixPath(source).with_suffix(".txt").parts)
    if "images" in parts[:-1]:
        last = len(parts) - 2 - parts[:-1][::-1].index("images")
        parts[last] = "labels"
    return PurePosixPath(*parts)


def _names(folder: Path) -> tuple[dict[int, str], Mapping[str, Any]]:
    """The names of the classes by their numbers, and all that data.yaml says."""
    path = folder / NAMES
    if not path.exists():
        return {}, {}
    try:
        found = yaml.safe_load(reading.text_of(path))
    except yaml.YAMLError as error:
        raise DatasetError(f"{path} is not YAML ({' '.join(str(error).split())}); write it again") from None
    content = reading.table(found, str(path))
    given = content.get("names")
    if isinstance(given, list):
        given = dict(enumerate(given))
    if not isinstance(given, dict) or not all(isinstance(key, int) for key in given):
        raise reading.wrong(f"{path} names", given, "a list of names, or numbers with names")
    names = {key: str(name) for key, name in given.items()}
    return names, {**content, "names": names}


def _sources(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise DatasetError(f"{folder} is not a folder; a YOLO folder has images/ and labels/")
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix.lower() in PICTURES
    )


def _picture(folder: Path, source: str, names: Mapping[int, str]) -> Picture:
    path = folder / label_file(source)
    if not path.exists():
        return Picture(source)
    lines = enumerate(reading.text_of(path).splitlines(), 1)
    boxes = tuple(
        _box(line.split(), names, f"{path}, line {number}:") for number, line in lines if line.strip()
    )
    return Picture(source, boxes=boxes, foreign={} if boxes else {"boxed": True})


def _box(cells: list[str], names: Mapping[int, str], where: str) -> LabelledBox:
    try:
        number, *values = int(cells[0]), *map(float, cells[1:])
    except ValueError:
        raise DatasetError(
            f"{where} {' '.join(cells)[:60]!r} are not numbers; write: class x y width height"
        ) from None
    if names and number not in names:
        raise DatasetError(f"{where} class {number} has no name in {NAMES}; add it there")
    label = names.get(number, str(number))
    if len(values) in (4, 5):
        x, y, width, height = values[:4]
        confidence = values[4] if len(values) == 5 else 1.0
        box = reading.box_in((x - width / 2, y - height / 2, width, height), (1, 1), where, SLACK)
        return LabelledBox(box, label, confidence, foreign={"confident": True} if len(values) == 5 else {})
    if len(values) >= 6 and len(values) % 2 == 0:
        return LabelledBox(_around(values, where), label, foreign={"outline": values})
    raise DatasetError(f"{where} has {len(cells)} numbers; write: class x y width height")


def _around(outline: list[float], where: str) -> Box:
    across, down = outline[::2], outline[1::2]
    edges = (min(across), min(down), max(across) - min(across), max(down) - min(down))
    return reading.box_in(edges, (1, 1), where, SLACK)


def _with_labels(folder: Path, pictures: list[Picture]) -> Iterator[Picture]:
    """The pictures with what pictures.csv says of them."""
    path = folder / LABELS
    if not path.exists():
        yield from pictures
        return
    known = {each.source: each for each in read_table(path, tasks=None)}
    for each in pictures:
        said = known.get(each.source, Picture(each.source))
        foreign = {**each.foreign, **said.foreign}
        yield Picture(
            each.source, said.labels, each.boxes, None, said.wall, said.visit, said.infrared, foreign
        )


def _all_names(collection: Collection) -> dict[int, str]:
    """Labels that are numbers keep them, as where a folder had no names; others follow in order."""
    labels = sorted({box.label for each in collection.pictures for box in each.boxes})
    names = dict(collection.foreign.get("names", {}))
    names |= {int(label): label for label in labels if label.isdecimal() and int(label) not in names}
    for label in labels:
        if label not in names.values():
            names[1 + max(names, default=-1)] = label
    return dict(sorted(names.items()))


def _line(box: LabelledBox, numbers: Mapping[str, int]) -> str:
    x, y = box.box.centre
    values = box.foreign.get("outline") or [x, y, box.box.width, box.box.height]
    if box.foreign.get("confident") or box.confidence != 1.0:
        values = [*values, box.confidence]
    return " ".join([str(numbers[box.label]), *(f"{value:.7g}" for value in values)]) + "\n"


def _safe(source: str) -> str:
    if "://" in source or source.startswith("/") or ".." in PurePosixPath(source).parts:
        raise DatasetError(f"{source} lies outside the folder; export it with its pictures")
    return source
