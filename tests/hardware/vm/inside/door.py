"""Within the virtual machine: the door around simulated pins, its contacts, and a look at the bolt's pin.

`inputs` holds lines such as `17=0`; each time the bolt's pin changes, a line goes into `log`: seconds of
CLOCK_BOOTTIME, and the level. A pin that nobody drives reads 0 here, whereas on a Pi it keeps its level.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

BOLT = 18
PERIOD_S = 0.02


def look(file: int) -> str:
    """A small file, read anew; it stays open, for an emulated processor is slow."""
    return os.pread(file, 200, 0).decode("ascii")


def main(chip: Path, inputs: Path, log: Path) -> None:
    wanted = os.open(inputs, os.O_RDONLY)
    bolt = os.open(chip / f"sim_gpio{BOLT}" / "value", os.O_RDONLY)
    values: dict[str, int] = {}
    before = ""
    with log.open("a", buffering=1, encoding="ascii") as file:
        while True:
            for line in look(wanted).split():
                pin, level = line.split("=")
                place = chip / f"sim_gpio{pin}"
                if pin not in values:
                    values[pin] = os.open(place / "value", os.O_RDONLY)
                # A guard that starts sets its own pull-up; the contact to ground is stronger.
                if look(values[pin]).strip() != level:
                    (place / "pull").write_text("pull-up" if level == "1" else "pull-down")
            now = look(bolt).strip()
            if now != before:
                file.write(f"{time.clock_gettime(time.CLOCK_BOOTTIME):.3f} {now}\n")
                before = now
            time.sleep(PERIOD_S)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
