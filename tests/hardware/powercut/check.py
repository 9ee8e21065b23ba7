"""Cuts the power at many points of what a device wrote, and tells what it then finds; run by test.sh."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.hardware.powercut.record import FOLDER
from tests.hardware.powercut.replay import Disk, Record, points
from tests.hardware.powercut.verify import Promised, faults, promised
from tests.hardware.report import Report

POINTS = 150
SEED = 20260
PIECE = 65536
EXAMPLES = 5


def after_cuts(record: Record, begin: bytes, area: int) -> Iterator[tuple[int, list[str]]]:
    """Each point with the faults found there."""
    chance, marks = random.Random(SEED), record.marks(area)
    disk = Disk(record, begin)
    for point in points(record, marks[0][0], POINTS, chance):
        left = disk.cut(point, chance)
        known = promised([mark for index, mark in marks if index <= point])
        with TemporaryDirectory() as folder:
            yield point, list(_found(Path(folder), left[:area], known))


def _found(folder: Path, left: bytes, known: Promised) -> Iterator[str]:
    """What e2fsck and the device say to a file system that was cut; it is read without mounting it."""
    image, files = folder / "disk.img", folder / "files"
    _write(image, left)
    files.mkdir()
    checked = _run("e2fsck", "-f", "-y", str(image))
    if checked.returncode not in (0, 1):
        yield f"file system: e2fsck says {checked.stdout.strip().splitlines()[-1]}"
    _run("debugfs", "-R", f"rdump / {files}", str(image))
    yield from faults(files / FOLDER, known)


def _examples(bad: dict[int, list[str]]) -> list[str]:
    """Enough of them to see what is wrong."""
    return [f"at write {point}: {', '.join(each)}" for point, each in list(bad.items())[:EXAMPLES]]


def _write(image: Path, left: bytes) -> None:
    """As a file with holes: most of the disk was never written."""
    with image.open("wb") as file:
        for at in range(0, len(left), PIECE):
            piece = left[at : at + PIECE]
            if piece.strip(b"\0"):
                file.seek(at)
                file.write(piece)
        file.truncate(len(left))


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def told(record: Record, area: int) -> str:
    """What was written, in words."""
    done = Counter(mark["kind"] for _, mark in record.marks(area) if mark["done"])
    flushes = sum(entry.flushes for entry in record.entries)
    kinds = ", ".join(f"{count} {kind}s" for kind, count in sorted(done.items()))
    return f"{kinds} in {len(record.entries)} writes with {flushes} flushes"


def main(folder: Path, area: int) -> int:
    """`folder` holds the disk as it was and the records of a careful and of a careless run."""
    report, begin = Report(), (folder / "begin.img").read_bytes()
    with report.check(
        f"{POINTS} power cuts while visits, settings, a model and updates are kept"
    ) as measured:
        record = Record(folder / "careful.record")
        measured.append(told(record, area))
        found = dict(after_cuts(record, begin, area))
        bad = {point: each for point, each in found.items() if each}
        measured.append(f"{len(found) - len(bad)} of {len(found)} found everything as promised")
        assert len(found) >= 100, "too few points"
        assert not bad, "; ".join(_examples(bad))
    with report.check("the same without syncing is found out") as measured:
        record = Record(folder / "careless.record")
        measured.append(told(record, area))
        found = dict(after_cuts(record, begin, area))
        kinds = Counter(each.split(":")[0] for faults in found.values() for each in faults)
        bad_count = sum(map(bool, found.values()))
        measured.append(f"{bad_count} of {len(found)} points with a fault ({dict(kinds)})")
        assert bad_count > len(found) // 4, "a device that never syncs passes: this check proves nothing"
    return report.end()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
