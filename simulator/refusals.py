"""When visits were refused in a scene, and when the first picture of each lay on the disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2

from device.messages import Decision, Outcome, Visit
from device.tell.snapshots import pictures_of

REFUSED = (Outcome.KEEP_LOCKED, Outcome.LOCK_OUT)


@dataclass(slots=True)
class Refusals:
    """Follows the visits of a scene, through all lives of the device's process."""

    times: dict[str, float] = field(default_factory=dict)
    """The second of the scene at which a visit was refused first, by its id."""
    pictured: dict[str, float] = field(default_factory=dict)
    """The second at which a picture of a visit could be read first."""

    def look(self, folder: Path, time: float, decision: Decision) -> None:
        """Look for pictures below `folder` of the visits that were told of at `time`."""
        for visit in decision.visits:
            if visit.outcome in REFUSED:
                self.times.setdefault(visit.id, time)
            if visit.id not in self.pictured and _has_picture(folder, visit):
                self.pictured[visit.id] = time


def _has_picture(folder: Path, visit: Visit) -> bool:
    return any(cv2.imread(str(path)) is not None for path in pictures_of(folder, visit)[:1])
