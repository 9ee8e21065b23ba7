"""Runs a live source in a thread of its own, newest frame only, and opens it again when it stops."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Event, Thread
from typing import Protocol

from device.errors import HardwareError
from device.messages import Frame
from device.see.newest import Newest

log = logging.getLogger(__name__)

BACK_OFF_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""How long to wait before opening a stopped source again, from the first try to the last and later ones."""


class Source(Protocol):
    """An open camera, used by one thread."""

    def read(self) -> Frame | None:
        """Wait for the next frame; None if the camera has stopped. `number` and `dropped` are set later."""
        ...

    def close(self) -> None: ...


class LiveCamera:
    """Implements interfaces.Camera over a source that may stop and come back.

    While the source is away no frames come, which the blind check reports as "gone".
    """

    def __init__(
        self,
        name: str,
        open_source: Callable[[], Source],
        first: Source | None = None,
        back_off: Sequence[float] | None = None,
    ) -> None:
        """`open_source` raises HardwareError while the camera is absent; `first` is one already open."""
        self._name = name
        self._open = open_source
        self._back_off = back_off or BACK_OFF_S
        self._newest = Newest()
        self._stop = Event()
        self._thread = Thread(target=self._capture, args=(first,), name=f"camera {name}", daemon=True)
        self._thread.start()

    def next(self, timeout: float) -> Frame | None:
        return self._newest.take(timeout)

    def close(self) -> None:
        """End the thread; it closes the source itself. A source that hangs is left to the process's end."""
        self._stop.set()
        self._newest.close()
        self._thread.join(timeout=2.0)

    def _capture(self, source: Source | None) -> None:
        """The thread: whatever it cannot recover from is raised where frames are asked for."""
        tries = 0
        try:
            while source is not None or not self._stop.is_set():
                source = source or self._try_to_open()
                if source is not None and self._read_until_it_stops(source):
                    tries = 0
                source = None
                if not self._stop.is_set():
                    wait_s = self._back_off[min(tries, len(self._back_off) - 1)]
                    log.warning("camera %s has stopped; opening it again in %g s", self._name, wait_s)
                    self._stop.wait(wait_s)
                    tries += 1
        except Exception as error:
            log.exception("camera %s has failed", self._name)
            self._newest.fail(error)

    def _try_to_open(self) -> Source | None:
        try:
            return self._open()
        except HardwareError as error:
            log.warning("%s", error)
            return None

    def _read_until_it_stops(self, source: Source) -> bool:
        """Whether any frame came."""
        any_frame = False
        try:
            while not self._stop.is_set() and (frame := source.read()) is not None:
                self._newest.put(frame)
                any_frame = True
        finally:
            source.close()
        return any_frame
