"""The last resort for a camera that stays away: a new process, once an hour at most, which frees its driver.

How long ago the last one was is kept on the disk. The monotonic clock begins anew when the computer does, so
what was kept before counts for no longer than the computer has been up; what cannot be kept is not done.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from device.errors import StalledCameraError, StoreError
from device.interfaces import Clock
from device.messages import Decision, Door, Frame, Observation
from device.tell.atomic import write_whole

log = logging.getLogger(__name__)

NAME = "camera-restart.json"
AWAY_S = 180.0
"""By then the camera has been opened again half a dozen times."""
HOUR_S = 3600.0
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Revival:
    """Implements interfaces.Publisher: sees when frames came last."""

    def __init__(self, folder: Path, clock: Clock, boot_id: Path = BOOT_ID) -> None:
        """`folder` is the state directory."""
        self._path = folder / NAME
        self._clock = clock
        self._boot = _read(boot_id)
        self._came = clock.now()
        self._busy = False
        self._refused = False

    def publish(self, frame: Frame | None, observation: Observation, decision: Decision) -> None:
        if frame is not None:
            self._came = self._clock.now()
        self._busy = decision.lease is not None or observation.inputs.door is Door.OPEN

    def check(self) -> None:
        """Ask for a new process if it is time, and nobody is on the way through the flap.

        Raises:
            StalledCameraError: the process is to end; its supervisor starts another.
        """
        now = self._clock.now()
        if now - self._came < AWAY_S or self._busy or self._refused or not self._hour_is_over(now):
            return
        try:
            write_whole(self._path, json.dumps({"boot": self._boot, "time": now}).encode())
        except StoreError as error:
            self._refused = True
            log.error("no new process is begun for the camera, for that could not be noted: %s", error)
            return
        raise StalledCameraError(
            f"no picture has come for {now - self._came:.0f} s, however often the camera was opened again: "
            "a new process is begun for it, as once an hour at most"
        )

    def _hour_is_over(self, now: float) -> bool:
        """Since the last one, as far as that is known; a computer that has just begun may have had one."""
        try:
            kept = json.loads(self._path.read_bytes())
            same, time = kept["boot"] == self._boot != "", float(kept["time"])
        except FileNotFoundError:
            return True
        except (OSError, ValueError, KeyError, TypeError):
            same, time = False, 0.0
        return now - time >= HOUR_S if same else now >= HOUR_S


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
