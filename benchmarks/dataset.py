"""Memory and processor time of importing, splitting and exporting many labelled pictures.

python -m benchmarks.dataset --pictures 10000
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np

MOST_MB = 500


def render(folder: Path, count: int) -> Path:
    """`count` pictures of 320 x 240, ten to a visit, four visits a day, and the table that labels them."""
    rng = np.random.default_rng(7)
    rows = ["file,time,prey"]
    for number in range(count):
        coarse = rng.integers(0, 255, (6, 8, 3), np.uint8)
        cv2.imwrite(str(folder / f"{number:06}.jpg"), cv2.resize(coarse, (320, 240)))
        visit, frame = divmod(number, 10)
        began = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=6 * visit)
        time = (began + timedelta(seconds=frame)).isoformat()
        rows.append(f"{number:06}.jpg,{time},{'clean' if visit % 3 else 'prey'}")
    table = folder / "labels.csv"
    table.write_text("\n".join(rows) + "\n")
    return table


def measured(*arguments: object) -> float:
    """Run `latchlens dataset ...`, print what it took, and return the peak of its memory in MB."""
    command = [sys.executable, "-m", "device", "dataset", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    peak_mb = used.ru_maxrss / 1024
    print(
        f"{arguments[0]!s:8} {used.ru_utime + used.ru_stime:7.1f} s of processor time  {peak_mb:5.0f} MB peak"
    )
    return peak_mb


def main(given: Sequence[str] | None = None) -> int:
    """Exit status 1 if any step took more than 500 MB."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pictures", type=int, default=10_000)
    count = options.parse_args(given).pictures
    with tempfile.TemporaryDirectory() as name:
        folder, state = Path(name), Path(name) / "state"
        table = render(folder, count)
        peaks = [
            measured("import", table, "--state", state),
            measured("stats", "--state", state),
            measured("split", "prey", "--state", state),
            measured("export", folder / "out", "--state", state),
        ]
    print(f"{count} pictures: at most {max(peaks):.0f} MB of {MOST_MB}")
    return int(max(peaks) > MOST_MB)


if __name__ == "__main__":
    sys.exit(main())
