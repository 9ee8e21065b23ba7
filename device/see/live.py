"""Runs a live source in a thread of its own, newest frame only, and opens it again when it stops."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Protocol

from device.errors import HardwareError
from device.messages import Frame
from device.see.newest import Newest

log = logging.getLogger(__name__)

BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""How long to wait before opening a stopped source again, from the first try to the last and later ones."""
HANGS_S = 30.0
"""A driver that has not come back for so long hangs: each of ours gives up by itself before that."""
LEFT_BEHIND = 3
"""So many threads that hang are left behind at a time; what does not help thrice helps no more."""


class Source(Protocol):
    """An open camera, used by one thread."""

    def read(self) -> Frame | None:
        """Wait for the next frame; None if the camera has stopped. `number` and `dropped` are set later."""
        ...

    def close(self) -> None: ...


class LiveCamera:
    """Implements interfaces.Camera over a source that may stop and come back.

    While the source is away no frames come, which the blind check reports as "gone". A driver that hangs,
    be it in opening, reading or closing, is left to the end of the process, and another is begun.
    """

    def __init__(
        self,
        name: str,
        open_source: Callable[[], Source],
        first: Source | None = None,
        back_off: Sequence[float] | None = None,
        hangs_s: float = HANGS_S,
    ) -> None:
        """`open_source` raises HardwareError while the camera is absent; `first` is one already open."""
        self._name = name
        self._open = open_source
        self._back_off = back_off or BACK_OFF_S
        self._hangs_s = hangs_s
        self._newest = Newest()
        self._left: list[Capture] = []
        self._capture = Capture(name, open_source, self._newest, self._back_off)
        self._capture.start(first)

    @property
    def trouble(self) -> str:
        """Why no frames come, empty while they do."""
        return self._capture.trouble

    def next(self, timeout: float) -> Frame | None:
        frame = self._newest.take(timeout)
        if frame is None and self._capture.hangs(self._hangs_s):
            self._left = [each for each in self._left if each.alive]
            if len(self._left) < LEFT_BEHIND:
                self._leave_behind()
        return frame

    def close(self) -> None:
        """End the thread; it closes the source itself. A source that hangs is left to the process's end."""
        self._newest.close()
        for capture in (*self._left, self._capture):
            capture.stop.set()
        self._capture.join()

    def _leave_behind(self) -> None:
        hanging = self._capture
        log.error("camera %s: its driver hangs in %s; it is left behind", self._name, hanging.doing)
        hanging.stop.set()
        self._left.append(hanging)
        self._capture = Capture(self._name, self._open, self._newest, self._back_off, hanging.tries + 1)
        self._capture.start(None)


class Capture:
    """One thread that reads a source, closes it when it stops, and opens it again."""

    def __init__(
        self,
        name: str,
        open_source: Callable[[], Source],
        newest: Newest,
        back_off: Sequence[float],
        tries: int = 0,
    ) -> None:
        self.stop = Event()
        self.tries = tries
        """How often in a row it brought no frame."""
        self.trouble = ""
        self.doing = ""
        """What the driver was last asked to do."""
        self._asked: float | None = None
        """When it was asked; None if it has answered."""
        self._name = name
        self._open = open_source
        self._newest = newest
        self._back_off = back_off
        self._thread: Thread | None = None

    def start(self, source: Source | None) -> None:
        """Begin with `source`, or with opening one."""
        name = f"camera {self._name}"
        self._thread = Thread(target=self._run, args=(source,), name=name, daemon=True)
        self._thread.start()

    def join(self) -> None:
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    @property
    def alive(self) -> bool:
        """Whether its thread has yet to end."""
        return self._thread is not None and self._thread.is_alive()

    def hangs(self, limit_s: float) -> bool:
        """Whether the driver has not come back for `limit_s` seconds."""
        asked = self._asked
        return asked is not None and time.monotonic() - asked > limit_s

    def _run(self, source: Source | None) -> None:
        """The thread: whatever it cannot recover from is raised where frames are asked for."""
        try:
            while source is not None or not self.stop.is_set():
                source = source or self._try_to_open()
                if source is not None:
                    self._read_until_it_stops(source)
                source = None
                if not self.stop.is_set():
                    wait_s = self._back_off[min(self.tries, len(self._back_off) - 1)]
                    log.warning("camera %s has stopped; opening it again in %g s", self._name, wait_s)
                    self.stop.wait(wait_s)
                    self.tries += 1
        except Exception as error:
            log.exception("camera %s has failed", self._name)
            if not self.stop.is_set():
                self._newest.fail(error)

    def _try_to_open(self) -> Source | None:
        self._ask("opening")
        try:
            return self._open()
        except HardwareError as error:
            log.warning("%s", error)
            self.trouble = str(error)
            return None
        finally:
            self._asked = None

    def _read_until_it_stops(self, source: Source) -> None:
        try:
            while not self.stop.is_set() and (frame := self._read(source)) is not None:
                if not self.stop.is_set():  # one that was left behind has a successor by now
                    self._newest.put(frame)
                    self.tries, self.trouble = 0, ""
        finally:
            self.trouble = self.trouble or "it has stopped"
            self._ask("closing")
            source.close()
            self._asked = None

    def _read(self, source: Source) -> Frame | None:
        self._ask("reading")
        try:
            return source.read()
        finally:
            self._asked = None

    def _ask(self, what: str) -> None:
        self.doing, self._asked = what, time.monotonic()
