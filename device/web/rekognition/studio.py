"""What the operations work with: models and gallery of their own, so that the loop's are never waited for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from device.config import Project
from device.galleries import Room
from device.portraits import Portraitist
from device.see import blazeface
from device.see.blazeface import FaceDetector
from device.web.rekognition.jobs import Jobs
from device.web.rekognition.pictures import Pictures
from device.web.rekognition.projects import Projects

FOLDER = "rekognition"
"""Where in the state directory jobs and projects lie."""


class Studio:
    """Loads models when they are first needed; for one thread."""

    def __init__(
        self,
        project: Project,
        state: Path,
        wall: Callable[[], float | None],
        jobs: Jobs | None = None,
    ) -> None:
        """`wall` gives UTC seconds, None while the clock is not set; without `jobs` none can be begun."""
        self.project, self.state, self.wall = project, state, wall
        self.pictures = Pictures(project.section("web").rekognition_pictures)
        self.projects = Projects(state / FOLDER / "projects")
        self._jobs = jobs

    @property
    def jobs(self) -> Jobs:
        """Where what takes a while is done."""
        assert self._jobs is not None
        return self._jobs

    def close(self) -> None:
        """End the job at hand; it is begun anew when the device starts again."""
        if self._jobs is not None:
            self._jobs.close()

    @cached_property
    def room(self) -> Room:
        """The gallery; raises ModelError if there is no calibration for the backbone."""
        return Room.of(self.project, self.state)

    @cached_property
    def look(self) -> Portraitist:
        """The models; raises ModelError if one is missing or damaged."""
        return self.room.portraitist()

    @cached_property
    def faces(self) -> FaceDetector:
        """What finds faces of people; raises ModelError if its model is missing or damaged."""
        return blazeface.build(self.state)
