"""Whole pictures of a visit join the album once something is said: boxes, or labels of their visit."""

from __future__ import annotations

from pathlib import Path

from device.errors import DatasetError
from device.learn.album import Album, Still
from device.learn.collect import CROPS
from device.messages import Visit
from device.tell.atomic import write_whole
from device.tell.snapshots import picture_path


def still_of(visit: Visit, number: int) -> Still:
    """The picture `number` of a visit as the album names it, whether it is there or not."""
    original = picture_path(Path(CROPS), visit, number)
    path = original.with_name(f"{original.stem.rpartition('-')[0]}-s{number}.jpg")
    return Still(path.stem, visit.id, visit.started_wall, path.as_posix())


def keep_still(folder: Path, album: Album, visit: Visit, number: int) -> Still:
    """Copy a picture of a visit to where those lie that are learnt from, unless it lies there already.

    Args:
        folder: the state directory.

    Raises:
        DatasetError: the visit has no such picture.
        StoreError: it cannot be copied, or the database not be written.
    """
    still = still_of(visit, number)
    copy = folder / still.file
    if not copy.is_file():
        try:
            content = picture_path(folder / "pictures", visit, number).read_bytes()
        except OSError:
            raise DatasetError(
                f"visit {visit.id} has no picture {number}, or it made room for newer ones"
            ) from None
        write_whole(copy, content)
    album.keep(still)
    return still
