"""Hands the newest frame from a capture thread to the loop: one slot, never a backlog."""

from __future__ import annotations

from dataclasses import replace
from threading import Condition

from device.messages import Frame


class Newest:
    """One slot with the frame that came last; frames that nobody took are counted, not kept."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._frame: Frame | None = None
        self._error: BaseException | None = None
        self._put = 0
        self._taken = 0
        self._closed = False

    def put(self, frame: Frame) -> None:
        """Called by the capture thread: `frame` takes the place of one that was not taken."""
        with self._changed:
            self._put += 1
            self._frame = replace(frame, number=self._put - 1)
            self._changed.notify_all()

    def fail(self, error: BaseException) -> None:
        """Called by the capture thread as its last act: whoever takes next gets `error` raised."""
        with self._changed:
            self._error = error
            self._changed.notify_all()

    def take(self, timeout: float) -> Frame | None:
        """The newest frame not taken before; None if none comes within `timeout` seconds or at the end.

        Raises:
            BaseException: what ended the capture thread, each time once the last frame is taken.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._frame or self._error or self._closed, timeout)
            frame, self._frame = self._frame, None
            if frame is None:
                if self._error is not None:
                    raise self._error
                return None
            dropped = frame.number - self._taken
            self._taken = frame.number + 1
            return replace(frame, dropped=dropped)

    def close(self) -> None:
        """Wake whoever waits; nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
