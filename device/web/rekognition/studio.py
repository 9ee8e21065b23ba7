"""What the operations work with: models and gallery of their own, so that the loop's are never waited for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from device.config import Project
from device.galleries import Room
from device.portraits import Portraitist
from device.web.rekognition.pictures import Pictures


class Studio:
    """Loads models when they are first needed; for one thread."""

    def __init__(self, project: Project, state: Path, wall: Callable[[], float | None]) -> None:
        """`wall` gives UTC seconds, None while the clock is not set."""
        self._project, self.state, self.wall = project, state, wall
        self.pictures = Pictures(project.section("web").rekognition_pictures)

    @cached_property
    def room(self) -> Room:
        """The gallery; raises ModelError if there is no calibration for the backbone."""
        return Room.of(self._project, self.state)

    @cached_property
    def look(self) -> Portraitist:
        """The models; raises ModelError if one is missing or damaged."""
        return self.room.portraitist()
