"""Labelled pictures as a CSV table: a file, its labels, its time and its visit a line."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from device.errors import DatasetError
from device.learn.dataset import Picture
from device.learn.formats.reading import refuse_twice

COLUMNS = ("file", "time", "visit", "infrared")
"""What a table says besides labels; only "file" must be there. "event" is read as "visit"."""
USED = (*COLUMNS, "event")

_STAMP = re.compile(r"(?<!\d)(\d{8})[_T-](\d{6})(?!\d)")


def read_table(path: Path, tasks: Mapping[str, str] | None) -> list[Picture]:
    """The pictures that a table names, in its order.

    Args:
        path: a CSV file with a line of column names.
        tasks: which column holds the labels of which task, as {"label": "prey"}; None: every column
            that is not one of `COLUMNS` is a task. An empty cell is no label.

    A time is ISO 8601, UTC where it has no zone, else taken from a name such as 20140101_192200_3.jpg.
    Columns that nobody asked for are kept as `foreign`.

    Raises:
        DatasetError: naming the line and the column: no such column, a bad time, a file named twice.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            table = csv.DictReader(file, strict=True)
            names = table.fieldnames or ()
            tasks = {name: name for name in names if name not in USED} if tasks is None else tasks
            _require_columns(path, names, ("file", *tasks))
            found = [_picture(f"{path}, line {table.line_num}", row, tasks) for row in table]
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}); check its name") from None
    except (csv.Error, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} is not a CSV table in UTF-8 ({error}); save it again as one") from None
    return list(refuse_twice(found, str(path)))


def write_table(path: Path, pictures: Iterable[Picture]) -> None:
    """Write a table with a column for each task; boxes have no place in it."""
    rows = list(pictures)
    tasks = sorted({task for each in rows for task in each.labels})
    kept = {key for each in rows for key, value in each.foreign.items() if isinstance(value, str)}
    foreign = sorted(kept - {*COLUMNS, *tasks})
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow([*COLUMNS, *tasks, *foreign])
            for each in rows:
                time = "" if each.wall is None else datetime.fromtimestamp(each.wall, UTC).isoformat()
                labels = [each.labels.get(task, "") for task in tasks]
                others = [each.foreign.get(key, "") for key in foreign]
                table.writerow(
                    [each.source, time, each.visit or "", str(each.infrared).lower(), *labels, *others]
                )
    except OSError as error:
        raise DatasetError(f"{path} cannot be written ({error.strerror}); free some space") from None


def stamped(name: str) -> float | None:
    """UTC seconds of a time in a file's name, as in 20140101_192200_3.jpg; None if there is none."""
    for day, clock in _STAMP.findall(Path(name).name):
        try:
            return datetime.strptime(day + clock, "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
    return None


def _require_columns(path: Path, names: Iterable[str], wanted: Iterable[str]) -> None:
    there = list(names)
    missing = [name for name in wanted if name not in there]
    if missing:
        raise DatasetError(
            f"{path}, line 1: there is no column {missing[0]!r} among {', '.join(there) or 'none'}; "
            "name the columns in the first line"
        )


def _picture(where: str, row: Mapping[str, str | None], tasks: Mapping[str, str]) -> Picture:
    if None in row or None in row.values():
        raise DatasetError(f"{where}: has more or fewer cells than the first line; correct it")
    cells = {name: (value or "").strip() for name, value in row.items()}
    source = cells["file"]
    if not source:
        raise DatasetError(f"{where}: file is empty; name the picture")
    visit = cells.get("visit") or cells.get("event") or None
    return Picture(
        source=source,
        labels={task: cells[column] for column, task in tasks.items() if cells[column]},
        wall=_time(where, cells.get("time", "")) if cells.get("time") else stamped(source),
        visit=visit,
        infrared=cells.get("infrared", "").lower() in ("true", "yes", "1"),
        foreign={name: value for name, value in cells.items() if name not in USED and name not in tasks},
    )


def _time(where: str, text: str) -> float:
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise DatasetError(f"{where}: time {text!r} is none; write it as 2026-05-31T07:15:00Z") from None
    return (given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp()
