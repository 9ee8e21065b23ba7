"""Long work that somebody asked for over the web: one piece at a time, aside, told while it goes on.

It belongs to the device and not to the page that asked: a page that is loaded again finds it as it stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Lock, Thread
from typing import Any, Literal, TypeVar

from device.aside import Aside
from device.errors import LatchlensError
from device.interfaces import Clock
from device.web.problems import Problem

log = logging.getLogger(__name__)

T = TypeVar("T")
Kind = Literal["train", "rehearse", "import", "heads", "gallery"]
"""The last two are short: whoever asked waits for them."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One piece of work as it stands."""

    number: int
    """Counts from 1 since the start of the device."""
    kind: Kind
    about: str
    """The task that is learnt, or what is imported."""
    by: str
    """Who asked."""
    state: Literal["running", "done", "failed", "stopped"] = "running"
    progress: float = 0.0
    """0..1."""
    began: float | None = None
    """UTC seconds, null while the clock is not set."""
    ended: float | None = None
    told: dict[str, Any] = field(default_factory=dict)
    """What came of it."""
    fault: str = ""
    """What went wrong, with the fix."""


class Errands:
    """Runs them; any thread may ask."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._latest: Errand | None = None
        self._work: Aside[Any] | None = None

    @property
    def latest(self) -> Errand | None:
        """The one that runs, or the last one that ran; None since the start there was none."""
        return self._latest

    def claim(self, kind: Kind, about: str, by: str) -> Errand:
        """Begin an errand whose work comes later; whoever claims must `begin` or `fail` it.

        Raises:
            Problem: another one is under way.
        """
        with self._lock:
            before = self._latest
            if before is not None and before.state == "running":
                raise Problem(409, f"{_said(before)} is under way; wait until it is done, or stop it")
            number = 1 if before is None else before.number + 1
            self._latest = made = Errand(number, kind, about, by, began=self._clock.wall())
        return made

    def begin(
        self,
        errand: Errand,
        told: Callable[[T], dict[str, Any]],
        work: Callable[..., T],
        *given: object,
        after: Callable[[], None] = lambda: None,
    ) -> None:
        """Do `work(*given, done)` in the background; `told` makes its result into JSON, `after` cleans up."""
        log.info("%s asked over the web: %s", errand.by, _said(errand))
        Thread(target=self._run, args=(errand, told, work, given, after), name="errand", daemon=True).start()

    def wait_for(self, kind: Kind, about: str, by: str, work: Callable[..., T], *given: object) -> T:
        """The result of short work; raises what it raises, and Problem if another one is under way."""
        errand = self.claim(kind, about, by)
        try:
            found = self._aside(errand, work, *given)
        except BaseException as error:
            self.fail(errand, str(error))
            raise
        self._set(errand, state="done", progress=1.0, ended=self._clock.wall())
        return found

    def fail(self, errand: Errand, fault: str) -> None:
        """It came to nothing."""
        self._set(errand, state="failed", fault=fault, ended=self._clock.wall())

    def stop(self, by: str) -> Errand | None:
        """End the one that runs, if one does; the errand as it then stands."""
        with self._lock:
            latest, work = self._latest, self._work
            if latest is not None and latest.state == "running" and work is not None:
                log.info("%s stopped over the web: %s", by, _said(latest))
                self._latest = replace(latest, state="stopped", ended=self._clock.wall())
                work.stop()
        return self._latest

    def close(self) -> None:
        """End whatever runs."""
        self.stop("the device")

    def _run(
        self,
        errand: Errand,
        told: Callable[[T], dict[str, Any]],
        work: Callable[..., T],
        given: tuple[object, ...],
        after: Callable[[], None],
    ) -> None:
        try:
            found = self._aside(errand, work, *given)
            self._set(errand, state="done", progress=1.0, told=told(found), ended=self._clock.wall())
        except LatchlensError as error:
            log.warning("%s: %s", _said(errand), error)
            self.fail(errand, str(error))
        except Exception:  # the top of a thread: the door does not depend on it
            log.exception("%s has failed", _said(errand))
            self.fail(errand, "Latchlens made a mistake; the log of the device says which")
        finally:
            after()

    def _aside(self, errand: Errand, work: Callable[..., T], *given: object) -> T:
        aside = Aside(work, *given)
        with self._lock:
            self._work = aside
            stopped = self._latest is None or self._latest.state != "running"
        if stopped:
            aside.stop()
        try:
            return aside.result(lambda share: self._set(errand, progress=round(share, 3)))
        finally:
            with self._lock:
                self._work = None

    def _set(self, errand: Errand, **changes: Any) -> None:
        """Change it as it stands; one that was stopped, or gave way, stays as it is."""
        with self._lock:
            latest = self._latest
            if latest is not None and latest.number == errand.number and latest.state == "running":
                self._latest = replace(latest, **changes)


def _said(errand: Errand) -> str:
    return f"{errand.kind} {errand.about}".strip()
