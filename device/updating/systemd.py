"""An installed device as an update sees it, by systemd; implements machine.Machine and machine.Keeper."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from device.act.link import look
from device.errors import HardwareError, UpdateError
from device.updating.places import Places

LOOP, GUARD, SELF_TEST = "latchlens.service", "latchlens-guard.service", "latchlens-self-test.service"
RETURN = "latchlens-return.service"
SERVICES = (GUARD, LOOP)
USER = "latchlens"
STATE, PROJECT = Path("/var/lib/latchlens"), Path("/etc/latchlens/project.toml")
GUARD_LINE = Path("/run/latchlens-guard/line")
LOOK_S = 2.0
QUIET_S = 600.0
"""So long is waited for the door to be at rest with nobody in it."""
MOST_S = 900.0
"""No unit takes longer to start or stop; each has a limit of its own."""


@dataclass(frozen=True, slots=True)
class Systemd:
    """The services, by systemctl."""

    waits: bool = True
    """Whether `start` waits until they are ready; at the computer's start they come after whoever asks."""

    def wait_for_rest(self) -> None:
        """Whoever is just passing is let through; when the guard is stopped, it brings the bolt to rest."""
        until = time.monotonic() + QUIET_S
        while _active(GUARD) and not _at_rest():
            if time.monotonic() > until:
                raise UpdateError(
                    "the bolt did not come to rest for ten minutes; try again when the door is quiet"
                )
            time.sleep(LOOK_S)

    def stop(self) -> None:
        _systemctl("stop", SELF_TEST, *reversed(SERVICES))

    def start(self) -> None:
        _systemctl("daemon-reload")
        _systemctl("start", *([] if self.waits else ["--no-block"]), *SERVICES)

    def prove(self) -> None:
        _systemctl("daemon-reload")
        _systemctl("start", GUARD)
        _systemctl("start", SELF_TEST)
        _systemctl("stop", GUARD)

    def watch(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(LOOK_S)
            for unit in SERVICES:
                _refuse_failed(unit, _shown(unit))


@dataclass(frozen=True, slots=True)
class OwnersCopy:
    """Copies the service's files, and lets versions write them, as the service's user."""

    state: Path = STATE
    project: Path = PROJECT
    places: Places = field(default_factory=Places)
    user: str | None = USER
    """None: as who runs this."""

    def keep(self) -> None:
        self._copy("keep")

    def suit(self, version: str) -> None:
        self._copy("suit", self._reads(version))

    def write_up_to_date(self, version: str) -> None:
        program = self.places.version(version) / "bin" / "latchlens"
        done = self._run(str(program), "config", "migrate", "--project", str(self.project))
        if done.returncode != 0:
            print(f"{self.project} stays in its older form: {_last(done.stderr)}", file=sys.stderr)

    def bring_back(self) -> None:
        self._copy("bring-back")

    def drop(self) -> None:
        self._copy("drop")

    def _reads(self, version: str) -> str:
        """The newest form of project files that a version reads; the first, if it knows of no forms yet."""
        python = self.places.version(version) / "bin" / "python"
        asked = self._run(str(python), "-P", "-c", "from device.migrations import NEWEST; print(NEWEST)")
        return asked.stdout.strip() if asked.returncode == 0 else "1"

    def _copy(self, what: str, *more: str) -> None:
        program = [sys.executable, "-P", "-m", "device.updating.state_copy"]
        done = self._run(*program, what, str(self.state), str(self.project), *more)
        if done.returncode != 0:
            raise UpdateError(_last(done.stderr) or f"{what} failed")

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        groups: list[str] | None = None if self.user is None else []
        return subprocess.run(
            command,
            user=self.user,
            group=self.user,
            extra_groups=groups,
            umask=0o027,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )


def _last(said: str) -> str:
    return said.strip().splitlines()[-1] if said.strip() else ""


def _systemctl(*arguments: str) -> str:
    command = ["systemctl", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=MOST_S, check=False)
    except subprocess.TimeoutExpired:
        raise UpdateError(f"`systemctl {' '.join(arguments)}` does not come to an end") from None
    if done.returncode != 0:
        units = [each for each in arguments if each.endswith(".service")]
        raise UpdateError(_reason(units) or done.stderr.strip() or f"systemctl {' '.join(arguments)} failed")
    return done.stdout


def _reason(units: Sequence[str]) -> str:
    """The last thing that a failed unit said, which is its fault in words."""
    for unit in units:
        state = _shown(unit)
        if state.get("ActiveState") in ("active", "inactive") and state.get("Result") == "success":
            continue
        return f"{unit}: {_last_words(unit, state)}"
    return ""


def _last_words(unit: str, state: Mapping[str, str]) -> str:
    command = ["journalctl", "--unit", unit, "--lines", "30", "--output", "cat", "--no-pager"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    faults = [line for line in said if line.startswith(("latchlens: ", "latchlens-guard: ", "FAULT"))]
    return " ".join((faults or [state.get("Result", "failed")])[-1].split())


def _shown(unit: str) -> Mapping[str, str]:
    command = ["systemctl", "show", unit, "--property", "ActiveState,SubState,Result,NRestarts"]
    lines = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _active(unit: str) -> bool:
    return _shown(unit).get("ActiveState") == "active"


def _refuse_failed(unit: str, now: Mapping[str, str]) -> None:
    """systemd counts how often it began a service anew since somebody started it."""
    if now.get("NRestarts", "0") != "0" or now.get("ActiveState") != "active":
        raise UpdateError(f"{unit} failed while it was on trial: {_last_words(unit, now)}")


def _at_rest() -> bool:
    """Whether the bolt rests; a guard that does not answer is stopped by systemd, which puts it right."""
    try:
        return look(GUARD_LINE).resting
    except HardwareError:
        return True


def run_apart(unit: str, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    """Run a command of this version as a unit of its own, which goes on when the terminal is closed.

    What is returned ends with the unit, and says itself why it could not begin.
    """
    program = str(Path(sys.prefix).resolve() / "bin" / "latchlens")
    options = ["--quiet", "--collect", "--wait", "--unit", unit, "--property", f"OnFailure={RETURN}"]
    command = ["systemd-run", *options, program, *arguments]
    try:
        return subprocess.Popen(command, stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        raise UpdateError("there is no systemd here: Latchlens was not installed as a service") from None
