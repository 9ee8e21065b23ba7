"""Labelled pictures as a folder: the name of each folder in it is the label of the pictures there."""

from __future__ import annotations

from pathlib import Path

from device.errors import DatasetError
from device.learn.dataset import Picture
from device.learn.formats.table import stamped

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})


def read_folder(folder: Path, task: str, label: str | None = None) -> list[Picture]:
    """All pictures of a folder, by name; times are taken from names such as 20140101_192200_3.jpg.

    Args:
        label: of all of them; None: each has the name of the folder that it lies in.

    Raises:
        DatasetError: there are none, or one lies in no folder of its label.
    """
    paths = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURES and not path.name.startswith(".") and path.is_file()
    )
    if not paths:
        raise DatasetError(f"{folder} holds no pictures; put JPEG or PNG files there")
    found = []
    for path in paths:
        if label is None and path.parent == folder:
            raise DatasetError(f"{path} lies in no folder that names its label; give --label")
        source = path.relative_to(folder).as_posix()
        found.append(Picture(source, {task: label or path.parent.name}, wall=stamped(source)))
    return found
