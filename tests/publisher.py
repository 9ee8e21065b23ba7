"""A program that has visits end, one after the other, and tells a broker of them; made to be killed.

python -m tests.publisher STATE PORT COUNT PAUSE_S
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from device.tell.records import Records
from tests.telling import Device, ended


def main(state: Path, port: int, count: int, pause_s: float) -> None:
    """Go on after the last visit that reached the disk before."""
    device = Device(state, port)
    with Records(state) as records:
        latest = records.visits(1)
    first = int(latest[0].id.removeprefix("v")) + 1 if latest else 0
    print(f"goes on at {first}", flush=True)
    for number in range(first, count):
        device.tell(ended(number))
        time.sleep(pause_s)
    device.teller.close()
    print("all are on the disk", flush=True)
    time.sleep(3600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
