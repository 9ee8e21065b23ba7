"""Within a unit's sandbox: tries what the unit must not do, and says of each thing whether it was refused."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path


def writes(path: str) -> Callable[[], object]:
    return lambda: Path(path).write_text("x")


def opens(path: str) -> Callable[[], object]:
    return lambda: os.close(os.open(path, os.O_RDWR))


def mounts() -> None:
    if ctypes.CDLL(None, use_errno=True).mount(b"none", b"/mnt", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def connects() -> None:
    with socket.socket(socket.AF_INET) as asked:
        asked.settimeout(1)
        asked.bind(("127.0.0.1", 0))


def sets_the_clock() -> None:
    time.clock_settime(time.CLOCK_REALTIME, time.time())


TRIES: dict[str, Callable[[], object]] = {
    "write /etc/passwd": writes("/etc/passwd"),
    "write /usr/local/x": writes("/usr/local/x"),
    "write /opt/latchlens/x": writes("/opt/latchlens/x"),
    "write /root/x": writes("/root/x"),
    "write /home/x": writes("/home/x"),
    "write /var/lib/x": writes("/var/lib/x"),
    "write /var/lib/latchlens/probe": writes("/var/lib/latchlens/probe"),
    "write /var/lib/latchlens-guard/probe": writes("/var/lib/latchlens-guard/probe"),
    "write /tmp/probe": writes("/tmp/probe"),
    "open the camera": opens("/dev/video40"),
    "open the pins": opens("/dev/gpiochip0"),
    "open the disk": opens("/dev/vda"),
    "open the watchdog": opens("/dev/watchdog0"),
    "open the memory": opens("/dev/mem"),
    "open a console": opens("/dev/ttyS0"),
    "mount": mounts,
    "use the network": connects,
    "set the clock": sets_the_clock,
}


def main(out: Path) -> None:
    found = {}
    for name, attempt in TRIES.items():
        try:
            attempt()
        except OSError as error:
            found[name] = error.strerror or type(error).__name__
        else:
            found[name] = ""
    out.write_text(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
