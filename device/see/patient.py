"""A camera that may be absent when the device starts: it is looked for until it is there."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from threading import Condition, Event, Thread

from device.errors import HardwareError
from device.interfaces import Camera
from device.messages import Frame
from device.see.live import BACK_OFF_S

log = logging.getLogger(__name__)

FIRST_S = 20.0
"""How long the start of the device waits for its camera."""


def open_patiently(
    name: str,
    build: Callable[[], Camera],
    first_s: float | None = None,
    back_off: Sequence[float] = BACK_OFF_S,
) -> Camera:
    """The camera that `build` gives; if it is absent, or its driver hangs, one that goes on looking for it.

    Raises:
        LatchlensError: `build` does, and it is no HardwareError: waiting would not help.
    """
    patient = PatientCamera(name, build, back_off)
    return patient.found(FIRST_S if first_s is None else first_s) or patient


class PatientCamera:
    """Implements interfaces.Camera before there is one; without frames the blind check says "gone"."""

    def __init__(self, name: str, build: Callable[[], Camera], back_off: Sequence[float]) -> None:
        self._name = name
        self._build = build
        self._back_off = back_off
        self._changed = Condition()
        self._stop = Event()
        self._camera: Camera | None = None
        self._error: Exception | None = None
        self._trouble = ""
        Thread(target=self._look, name=f"camera {name}", daemon=True).start()

    @property
    def trouble(self) -> str:
        """Why no frames come, empty while they do."""
        if self._camera is None:
            return self._trouble or "its driver has not answered since the start"
        return str(getattr(self._camera, "trouble", ""))

    def found(self, timeout: float) -> Camera | None:
        """The camera, as soon as it is there or known to be absent; None if it is not there."""
        with self._changed:
            self._changed.wait_for(lambda: self._camera or self._error or self._trouble, timeout)
            return self._now()

    def next(self, timeout: float) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._camera or self._error, timeout)
            camera = self._now()
        return None if camera is None else camera.next(timeout)

    def close(self) -> None:
        """A driver that hangs is left to the end of the process."""
        self._stop.set()
        with self._changed:
            if self._camera is not None:
                self._camera.close()

    def _now(self) -> Camera | None:
        if self._error is not None:
            raise self._error
        return self._camera

    def _look(self) -> None:
        tries = 0
        while not self._stop.is_set() and not self._try():
            wait_s = self._back_off[min(tries, len(self._back_off) - 1)]
            log.warning("%s; looking for it again in %g s", self._trouble, wait_s)
            self._stop.wait(wait_s)
            tries += 1

    def _try(self) -> bool:
        """Whether it need not be looked for any more."""
        camera: Camera | None = None
        error: Exception | None = None
        trouble = ""
        try:
            camera = self._build()
        except HardwareError as absent:
            trouble = str(absent)
        except Exception as other:  # raised where frames are asked for
            error = other
        with self._changed:
            if camera is not None and self._stop.is_set():
                camera.close()
            self._camera, self._error, self._trouble = camera, error, trouble
            self._changed.notify_all()
        return not trouble
