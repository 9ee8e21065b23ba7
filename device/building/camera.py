"""Builds the camera of a device that watches a door."""

from __future__ import annotations

from device.config import Project
from device.errors import ConfigError
from device.interfaces import Camera, Clock
from device.see import video
from device.see.patient import open_patiently
from device.see.stream import is_address


def build_camera(project: Project, clock: Clock) -> Camera:
    """The camera of the project, or one that goes on looking for it."""
    return open_patiently(project.camera.kind, lambda: project.camera.build(clock))


def refuse_hasty_recording(project: Project) -> None:
    """A recording that plays faster than life would have every frame stale at once.

    Raises:
        ConfigError: the camera is such a recording.
    """
    recorded = project.camera.settings
    is_file = isinstance(recorded, video.Settings) and not is_address(recorded.path)
    if is_file and recorded.speed != "real-time":
        raise ConfigError(
            '[camera] speed must be "real-time" for `latchlens run`, or every frame is stale at once'
        )
