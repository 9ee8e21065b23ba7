"""`latchlens-guard`: the guard as a process of its own, with as little as it needs.

It reads a project's wiring and nothing else of it, has no network, and keeps one file: the project that it
last ran with, for the day on which the file is spoilt.
"""

from __future__ import annotations

import argparse
import logging
import os
import pwd
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from device import supervisor
from device.act import guardd, pins
from device.act.local import PERIOD_S, LocalGuard
from device.building.guard import build_guard
from device.clock import SystemClock
from device.errors import ConfigError, LatchlensError
from device.interfaces import Clock
from device.migrations import migrated, version_of
from device.tell import last_good
from device.toml import read_toml
from device.wiring import Wiring, read_wiring

SOCKET = "LATCHLENS_GUARD"
"""The variable that tells loop and guard where they meet, unless they are told by an option."""

log = logging.getLogger(__name__)

Factories = Callable[[Wiring], pins.Factory]


def main() -> None:
    """Exit status: 0 well, 1 a fault of the hardware, 2 of the project file or the command line."""
    chosen = _options().parse_args()
    logging.basicConfig(
        level=logging.DEBUG if chosen.verbose else logging.INFO, stream=sys.stderr, format="%(message)s"
    )
    supervisor.log_with_levels()
    try:
        if chosen.rest:
            come_to_rest(chosen.project, real_pins)
        else:
            run(chosen.project, place(chosen.socket), users(chosen.user), real_pins)
    except (LatchlensError, OSError) as error:
        print(f"latchlens-guard: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigError) else 1)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="latchlens-guard", description="Own the pins; guard the bolt.")
    parser.add_argument("--project", type=Path, required=True, help="the project file")
    parser.add_argument("--socket", type=Path, help=f"where to listen; by default ${SOCKET}")
    parser.add_argument("--user", action="append", default=[], help="who may ask besides root and oneself")
    parser.add_argument("--rest", action="store_true", help="bring the bolt to rest and end")
    parser.add_argument("--verbose", action="store_true", help="log every move of the bolt")
    return parser


def place(chosen: Path | None) -> Path:
    """Where the socket is.

    Raises:
        ConfigError: nobody said.
    """
    if chosen is None and SOCKET not in os.environ:
        raise ConfigError(f"where shall the guard listen? use --socket PATH, or set {SOCKET}")
    return chosen or Path(os.environ[SOCKET])


def users(names: list[str]) -> frozenset[int]:
    """The ids of those who may ask: root, this process's own user, and `names`.

    Raises:
        ConfigError: a user does not exist.
    """
    found = {0, os.getuid()}
    for name in names:
        try:
            found.add(pwd.getpwnam(name).pw_uid)
        except KeyError:
            raise ConfigError(
                f"--user {name}: there is no such user; add it, or leave the option out"
            ) from None
    return frozenset(found)


def real_pins(wiring: Wiring) -> pins.Factory:
    """The pins that the project asks for."""
    return pins.factory(wiring.pins.kind)


@dataclass(frozen=True, slots=True)
class Built:
    """A guard with its pins."""

    guard: LocalGuard
    wiring: Wiring
    pins: pins.Factory
    fault: str = ""
    """What is wrong with the project file, if this is an earlier one's wiring."""


def run(project: Path, socket: Path, allowed: frozenset[int], factory: Factories) -> None:
    """Guard until a signal; the bolt rests first, and whatever ends it.

    When the loop has gone and the project file tells of other pins than before, those are guarded then.

    Raises:
        ConfigError: the project file cannot be used, nor is there one from before.
        HardwareError: a pin is missing, or another guard is at work.
    """
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    while not stopping.is_set():
        _guard_for_now(project, socket, allowed, factory, stopping)


def _guard_for_now(
    project: Path, socket: Path, allowed: frozenset[int], factory: Factories, stopping: Event
) -> None:
    """Guard the pins that the project file names now, until a signal or until it names others."""
    clock = SystemClock()
    built = build(project, factory)
    with closing_at_rest(built, clock):
        built.guard.step(clock.now())
        about = guardd.About(secrets.token_hex(4), clock.now(), built.wiring.digest, built.fault)
        beat, is_changed = Pulse(clock).beat, Changes(project, built)
        with guardd.listen_at(socket) as listener:
            log.info("guarding the bolt (%s) at %s", built.wiring.bolt.kind, socket)
            guardd.serve(
                built.guard,
                listener,
                allowed,
                clock,
                about,
                lambda held: beat() and not stopping.is_set() and not is_changed(held),
            )
        socket.unlink(missing_ok=True)


@contextmanager
def closing_at_rest(built: Built, clock: Clock) -> Iterator[None]:
    """Whatever ends the block, the bolt comes to rest and every pin is given back."""
    try:
        yield
    finally:
        built.guard.rest(lambda: _later(clock))
        built.pins.close()


class Changes:
    """Notices other pins in the project file whenever a loop has gone: then nobody needs the old ones.

    Also that a file which was spoilt can be read again, though it tells of the same pins.
    """

    def __init__(self, project: Path, built: Built) -> None:
        self._project = project
        self._built = built
        self._held = False

    def __call__(self, held: bool) -> bool:
        """Whether to begin anew; call it once a turn with whether somebody holds the bolt."""
        has_gone, self._held = self._held and not held, held
        if not has_gone:
            return False
        try:
            found = _wiring_of(_text_of(self._project)).digest
        except ConfigError as error:
            log.warning("%s: %s", self._project, error)
            return False
        if found != self._built.wiring.digest:
            log.info("the project file tells of other pins")
            return True
        return bool(self._built.fault)


class Pulse:
    """Tells the supervisor that the guard goes on: ready at the first turn, then as often as it wants."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._every_s = (supervisor.watched_s() or 4.0) / 4
        self._told: float | None = None

    def beat(self) -> bool:
        """Call it once a turn; always true."""
        now = self._clock.now()
        if self._told is None:
            supervisor.tell("READY=1", "WATCHDOG=1")
            self._told = now
        elif now - self._told >= self._every_s:
            supervisor.tell("WATCHDOG=1")
            self._told = now
        return True


def build(project: Path, factory: Factories) -> Built:
    """The guard that a project file describes, or the one that it described when a guard last ran with it.

    Raises:
        ConfigError: the file cannot be used, and none from before was kept.
        HardwareError: a pin or port is missing.
    """
    try:
        text = _text_of(project)
        built = _built(text, factory)
    except ConfigError as error:
        before = _built_before(project, factory)
        if before is None:
            raise ConfigError(f"{project}: {error}") from None
        log.critical("%s: %s; the guard goes on with the wiring that it last ran with", project, error)
        return replace(before, fault=f"{project}: {error}")
    if folder := _folder():
        last_good.remember(folder, project, text, version_of(read_toml(text)))
    return built


def _built_before(project: Path, factory: Factories) -> Built | None:
    """The guard as it last ran; after going back to an older release, as one of its own kind last ran."""
    for text in last_good.recall_all(folder, project) if (folder := _folder()) else ():
        with suppress(ConfigError):
            return _built(text, factory)
    return None


def _folder() -> Path | None:
    """The guard's own, if it has any."""
    return Path(os.environ["STATE_DIRECTORY"]) if "STATE_DIRECTORY" in os.environ else None


def _text_of(project: Path) -> str:
    try:
        return project.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"cannot be read: {reason}") from None


def _wiring_of(text: str) -> Wiring:
    return read_wiring(migrated(read_toml(text)))


def _built(text: str, factory: Factories) -> Built:
    wiring = _wiring_of(text)
    made = factory(wiring)
    try:
        return Built(build_guard(wiring, made), wiring, made)
    except BaseException:
        made.close()
        raise


def come_to_rest(project: Path, factory: Factories) -> None:
    """Bring the bolt to rest that a killed guard has left as it was, and give the pins back.

    That is the bolt with which it last ran: the project file may tell of other pins by now.
    """
    if (os.environ.get("SERVICE_RESULT"), os.environ.get("EXIT_CODE")) == ("success", "exited"):
        return  # systemd says that the guard ended by itself, at rest; to it, a hangup is a success, too
    built = _built_before(project, factory) or build(project, factory)
    with closing_at_rest(built, SystemClock()):
        log.info("bringing the bolt to rest")


def _later(clock: Clock) -> float:
    time.sleep(PERIOD_S)
    return clock.now()


if __name__ == "__main__":
    main()
