"""What a version must show right after an update, before it is trusted with the door: the self-test.

Everything that `latchlens check` looks at, on a copy of the database, so that the tables are only changed for
good once the version has proven itself; the golden picture; and a bolt that moves under the guard's rules.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from device.building.folder import state_folder
from device.building.guard import reach_guard
from device.checks import Check, Result, results, run_checks
from device.clock import SystemClock
from device.config import Project, read_project
from device.errors import HardwareError, LatchlensError, StoreError
from device.interfaces import Bolt, Clock
from device.messages import BoltState, Door, Lease, Mode, Settings
from device.see import embedding
from device.self_test import refuse_changed
from device.tell import database
from device.tell.records import Records
from device.tell.settings import ever_enforced, recovered

TRIAL = ".latchlens-self-test-"
LEASE_S = 1.0
MOVE_S = 10.0
"""So long a bolt may take to get from one end to the other and back."""
LOOK_S = 0.02
MOVING = (BoltState.UNLOCKING, BoltState.LOCKING)


def run_self_test(path: Path, state: Path | None, guarded: Path | None = None) -> Iterator[Result]:
    """Test one part after the other, in the words of `latchlens check`.

    `guarded` is where a guard that is a process of its own listens; None: the guard is part of this one.
    """
    try:
        chosen = state_folder(read_project(path), state)
        place = TemporaryDirectory(prefix=TRIAL, dir=chosen if chosen.is_dir() else None)
    except (LatchlensError, OSError) as error:
        yield Result("project", str(error), fault=True)
        return
    with place as folder:
        try:
            _copy(chosen, Path(folder))
        except (StoreError, OSError, sqlite3.Error) as error:
            yield Result("store", str(error), fault=True)
            return
        yield from run_checks(path, Path(folder), guarded)
        project = read_project(path)
        tests: dict[str, Check] = {"golden": _golden, "bolt": partial(_bolt, guarded)}
        yield from results(tests, project, chosen)


def _copy(state: Path, to: Path) -> None:
    """What the checks open to write, as a copy; what they only read, as links."""
    if (state / database.NAME).is_file():
        copy = to / database.NAME
        with closing(database.open_beside(state)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    for each in state.iterdir() if state.is_dir() else ():
        if not each.name.startswith((Path(database.NAME).stem, TRIAL)):
            (to / each.name).symlink_to(each.absolute())


def _golden(project: Project, state: Path) -> str:
    settings = project.section("embedding")
    embedder = embedding.build(settings, state)
    refuse_changed(embedder.model.card.folder, embedder)
    return "the golden picture gives the embedding that it should"


def _bolt(guarded: Path | None, project: Project, state: Path) -> str:
    """The bolt opens and comes back, unless the owner has locked the door or somebody is in it."""
    if _owners_word(state).mode is Mode.LOCKED:
        return "not moved: the owner has locked the door"
    clock = SystemClock()
    guard = reach_guard(project, clock, guarded)
    try:
        guard.start(clock)
        return move(guard, clock, a_moment)
    finally:
        guard.stop()


def _owners_word(state: Path) -> Settings:
    if not (state / database.NAME).is_file():
        return Settings()
    with Records(state) as records:
        return recovered(records.settings(), ever_enforced(state))


def a_moment() -> None:
    time.sleep(LOOK_S)


def move(guard: Bolt, clock: Clock, pause: Callable[[], None]) -> str:
    """Open the bolt by a lease and let it come back; returns what is to be said of it.

    Raises:
        HardwareError: it does not get there.
    """
    until = clock.now() + MOVE_S
    while not (seen := guard.inputs()).answers or seen.bolt in MOVING:
        if clock.now() > until:
            raise HardwareError(f"the bolt does not come to rest: {seen.refusal or seen.bolt.value}")
        pause()
    if seen.door is Door.OPEN:
        return "not moved: the flap is open"
    rest = seen.bolt
    _wait(guard, clock, pause, BoltState.UNLOCKED, held=True)
    _wait(guard, clock, pause, rest, held=False)
    return f"it opened and is {rest.value} again"


def _wait(guard: Bolt, clock: Clock, pause: Callable[[], None], for_: BoltState, held: bool) -> None:
    until = clock.now() + MOVE_S
    while True:
        guard.hold(Lease(clock.now(), LEASE_S, "self-test") if held else None)
        seen = guard.inputs()
        if seen.bolt is for_:
            return
        if clock.now() > until:
            why = f": {seen.refusal}" if seen.refusal else ""
            raise HardwareError(
                f"the bolt is {seen.bolt.value} and not {for_.value}{why}; look at its wiring"
            )
        pause()
