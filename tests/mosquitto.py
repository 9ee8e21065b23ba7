"""Debian's real mosquitto on a free loopback port, to be started, killed, stopped and asked."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE_S = 20.0
"""So long only on a machine that stands still."""

AT_ONCE = "autosave_on_changes true\nautosave_interval 1"
"""Everything is on the disk a moment after it changes."""
WHEN_TOLD = "autosave_interval 0"
"""Nothing is on the disk until `save`."""


def program() -> str:
    """Where mosquitto is; Debian keeps it out of the path of ordinary users."""
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip("there is no mosquitto here: apt-get install mosquitto")
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def until(wanted: Callable[[], object], patience_s: float = PATIENCE_S, what: str = "") -> None:
    """Wait for something that another thread or process brings about."""
    end = time.monotonic() + patience_s
    while not wanted():
        if time.monotonic() > end:
            pytest.fail(f"it did not happen within {patience_s:g} s: {what}")
        time.sleep(0.005)


class Mosquitto:
    """A broker with a folder of its own; `saving` is AT_ONCE or WHEN_TOLD, else it forgets when it dies."""

    def __init__(self, folder: Path, *lines: str, saving: str = "") -> None:
        self.program = program()
        self.port = free_port()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.configuration = folder / "mosquitto.conf"
        chosen = [f"listener {self.port} 127.0.0.1", "user root" if os.geteuid() == 0 else ""]
        chosen += (
            lines if any("password_file" in line for line in lines) else ["allow_anonymous true", *lines]
        )
        kept = [f"persistence_location {folder}/", "persistence true", saving]
        chosen += ["max_queued_messages 0", *(kept if saving else ["persistence false"])]
        self.configuration.write_text("\n".join(chosen) + "\n")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Mosquitto:
        """Start, or start again, and wait until it listens."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, "-v", "-c", str(self.configuration)], stdout=log, stderr=log
            )
        until(self.listens, what=f"mosquitto listens: {self.log()[-500:]}")
        return self

    def listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def hang(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)

    def save(self) -> None:
        """Write what it holds to the disk now, as it else does every half hour."""
        assert self.process
        self.process.send_signal(signal.SIGUSR1)
        until((self.folder / "mosquitto.db").exists, what="the broker saves")

    def kill(self) -> None:
        """As a power cut does it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
