"""Reads what other programs wrote: every fault is told with its place, its key and its value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from device.errors import DatasetError
from device.learn.dataset import Picture
from device.messages import Box

Table = Mapping[str, Any]

SLACK_PX = 1.0
"""A box may leave its picture by so much, as rounding makes it; it is clipped."""
LARGEST = 1e12
_SHOWN = 60
"""A wrong value is told with at most so many characters."""


def text_of(path: Path) -> str:
    """The text in a file.

    Raises:
        DatasetError: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check its name") from None
    except UnicodeDecodeError:
        raise DatasetError(f"{path} is not text in UTF-8; give a manifest, COCO, YOLO or CSV file") from None


def table_of(text: str, where: str) -> Table:
    """The JSON object in `text`.

    Raises:
        DatasetError: it is not JSON, or not an object.
    """
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        what = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        place = f" at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise DatasetError(f"{where} is not JSON{place} ({what}); write it again") from None
    return table(found, where)


def table(value: object, where: str) -> Table:
    """`value` if it is a JSON object; raises DatasetError if not."""
    if not isinstance(value, Mapping):
        raise wrong(where, value, "an object {…}")
    return value


def rows(of: Table, key: str, where: str) -> list[tuple[str, Table]]:
    """The objects in the list under `key`, each with its place, as ("line 3: objects[0]", {...})."""
    value = of.get(key)
    if not isinstance(value, list):
        raise wrong(f"{where} {key}", value, "a list of objects")
    return [(f"{where} {key}[{n}]", table(each, f"{where} {key}[{n}]")) for n, each in enumerate(value)]


def text(of: Table, key: str, where: str) -> str:
    """The text under `key`; raises DatasetError if it is missing, empty or something else."""
    value = of.get(key)
    if not isinstance(value, str) or not value:
        raise wrong(f"{where} {key}", value, "a text")
    return value


def number(of: Table, key: str, where: str) -> float:
    """The finite number under `key`; raises DatasetError if it is missing or something else."""
    value = of.get(key)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise wrong(f"{where} {key}", value, "a number")
    if not -LARGEST <= value <= LARGEST:
        raise wrong(f"{where} {key}", value, "a number of a sensible size")
    return float(value)


def whole(of: Table, key: str, where: str) -> int:
    """The whole number under `key`; errors as in `number`."""
    value = number(of, key, where)
    if value != int(value):
        raise wrong(f"{where} {key}", value, "a whole number")
    return int(value)


def size(of: Table, where: str) -> tuple[int, int]:
    """(width, height) in pixels; raises DatasetError unless both are positive."""
    found = whole(of, "width", where), whole(of, "height", where)
    if min(found) < 1:
        raise DatasetError(f"{where} is {found[0]} x {found[1]} pixels; give the picture's own size")
    return found


def box_in(edges: Sequence[float], size_px: tuple[float, float], where: str, slack: float) -> Box:
    """The box in ratios of a picture of `size_px`, clipped.

    Args:
        edges: left, top, width and height, as `slack` in the units of `size_px`.

    Raises:
        DatasetError: it has no area, or leaves the picture by more than `slack`.
    """
    left, top, width, height = edges
    across, down = size_px
    said = f"{left:g}, {top:g}, {width:g} x {height:g}"
    if not (width > 0 and height > 0):
        raise DatasetError(f"{where}: the box {said} is empty; draw it again or delete it")
    inside = left >= -slack and top >= -slack
    if not (inside and left + width <= across + slack and top + height <= down + slack):
        raise DatasetError(
            f"{where}: the box {said} leaves the picture of {across:g} x {down:g}; draw it again or delete it"
        )
    return Box.from_corners(left / across, top / down, (left + width) / across, (top + height) / down)


def edges_px(box: Box, size_px: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, width and height in whole pixels, the nearest, at least one pixel wide and high."""
    width_px, height_px = size_px
    left = min(round(box.left * width_px), width_px - 1)
    top = min(round(box.top * height_px), height_px - 1)
    right = max(round(box.right * width_px), left + 1)
    bottom = max(round(box.bottom * height_px), top + 1)
    return left, top, right - left, bottom - top


def known_size(picture: Picture) -> tuple[int, int]:
    """Width and height of a picture in pixels; raises DatasetError if nobody said."""
    if picture.size_px is None:
        raise DatasetError(f"{picture.source}: the size of the picture is not known; boxes need it")
    return picture.size_px


def refuse_twice(pictures: Iterable[Picture], where: str) -> tuple[Picture, ...]:
    """The same pictures.

    Raises:
        DatasetError: two are of the same file, and whether their labels conflict.
    """
    known: dict[str, Picture] = {}
    for each in pictures:
        before = known.setdefault(each.source, each)
        if before is not each:
            raise DatasetError(f"{where}: {each.source} {_conflict(before, each)}; keep one of the two")
    return tuple(known.values())


def without(of: Table, *keys: str) -> dict[str, Any]:
    """What is left of an object when the keys that are understood are taken out."""
    return {key: value for key, value in of.items() if key not in keys}


def wrong(where: str, value: object, wanted: str) -> DatasetError:
    """The error for a value that is missing or of another kind than `wanted`."""
    if value is None:
        return DatasetError(f"{where} is missing; it must be {wanted}")
    shown = json.dumps(value, default=str)
    shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
    return DatasetError(f"{where} is {shown}; it must be {wanted}")


def _conflict(one: Picture, other: Picture) -> str:
    for task in other.labels:
        if task in one.labels and one.labels[task] != other.labels[task]:
            return f"is {one.labels[task]!r} and {other.labels[task]!r} for {task!r}"
    return "is there twice"


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")
