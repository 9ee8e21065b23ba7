"""A simulation with its page: the day at the door again and again, and somebody who looks and acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from device.act.local import LocalGuard
from device.building.memory import Memory
from device.config import Project
from device.interfaces import Camera, Clock, EndOfVideo
from device.messages import Frame
from device.see.privacy import without_persons
from device.tell.requests import Requests
from device.tell.settings import StoredSettings, ever_enforced
from device.web.appliance import Appliance
from device.web.latest import Latest
from device.web.reading import Reading

PAUSE_S = 0.1
"""Between the last frame of one day and the first of the next."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """What the loop hears of those at the page, and the slot that they look at."""

    settings: StoredSettings
    requests: Requests
    latest: Latest
    address: str | None
    """Of the page; None if it cannot be served."""


@contextmanager
def attended(
    project: Project, state: Path, memory: Memory, guard: LocalGuard, clock: Clock, hashes: dict[str, str]
) -> Iterator[Attendance]:
    """The page of a simulated door, until the block ends; the bolt obeys unless its owner ever said no."""
    from device.web.server import serve  # noqa: PLC0415 - its libraries are not needed otherwise

    settings, requests, latest = StoredSettings(state), Requests(), Latest()
    if not ever_enforced(state):
        settings.set_enforce(True)
    page = serve(
        Appliance(
            folder=state,
            project=project,
            path=None,
            latest=latest,
            reading=Reading(state),
            owner=settings,
            requests=requests,
            guard=guard,
            health=memory.health,
            clock=clock,
            redact=without_persons,
            models=hashes,
        )
    )
    try:
        yield Attendance(settings, requests, latest, page.address if page else None)
    finally:
        if page is not None:
            page.stop()
        settings.close()


class Repeated:
    """Implements interfaces.Camera over one that ends: then it begins anew, and time goes on."""

    def __init__(self, begin: Callable[[], Camera]) -> None:
        self._begin = begin
        self._camera = begin()
        self._since = self._last = 0.0
        self._number = 0

    def next(self, timeout: float) -> Frame | None:
        """The next frame; EndOfVideo only if there is none at all."""
        try:
            frame = self._camera.next(timeout)
        except EndOfVideo:
            if self._number == 0:
                raise
            self._camera.close()
            self._camera, self._since = self._begin(), self._last + PAUSE_S
            frame = self._camera.next(timeout)
        if frame is None:
            return None
        self._number += 1
        self._last = self._since + frame.time
        return replace(frame, time=self._last, number=self._number)

    def close(self) -> None:
        self._camera.close()
