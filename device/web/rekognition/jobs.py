"""Jobs that take a while: kept on the disk, done one after another, each in an interpreter of its own.

A job that the end of the device cuts short is begun anew at the next start. The loop is not disturbed: the
interpreter has the lowest priority and ends with its job, and so does the memory that it took.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal

from device.aside import Aside, Done
from device.errors import LatchlensError
from device.tell.atomic import write_whole
from device.web.rekognition.faults import LIMIT, RequestError

log = logging.getLogger(__name__)

Json = dict[str, Any]
Status = Literal["IN_PROGRESS", "SUCCEEDED", "FAILED"]

MOST_WAITING = 16
"""Jobs that wait or are being done; whoever comes besides is refused."""
MOST_TRIES = 3
"""A job that was cut short so often would be so for ever, as when memory does not suffice."""
CLOSING_S = 5.0


@dataclass(frozen=True, slots=True)
class Job:
    """One job as it stands."""

    id: str
    number: int
    """The order in which they were asked for; a clock may be set back."""
    kind: str
    asked: Mapping[str, Any]
    """What it is about, as JSON."""
    begun: float
    """When it was asked for, in UTC seconds."""
    token: str = ""
    """By which its caller knows that it was asked for already."""
    status: Status = "IN_PROGRESS"
    message: str = ""
    ended: float | None = None
    tries: int = 0

    @property
    def open(self) -> bool:
        return self.status == "IN_PROGRESS"


Work = Callable[[Any, Job, Path, Done], str]
"""Does a job, given what it was set up with, and writes what comes of it to a file. It returns what was wrong
with the job, empty if nothing was, or raises LatchlensError."""


class Jobs:
    """All jobs of one device; for any thread. Nothing is started before there is something to do."""

    def __init__(
        self,
        folder: Path,
        work: Work,
        setting: object,
        wall: Callable[[], float | None],
        ended: Callable[[Job], None] = lambda _: None,
    ) -> None:
        """`work` and `setting` travel to another interpreter; `ended` is called in the jobs' own thread."""
        self._folder, self._work, self._setting = folder, work, setting
        self._wall, self._ended = wall, ended
        self._changed = threading.Condition()
        self._closing = False
        self._aside: Aside[str] | None = None
        self._thread: threading.Thread | None = None
        self._jobs = {job.id: job for job in _read(folder)}
        self._begin_if_needed()

    def begin(self, kind: str, asked: Mapping[str, Any], token: str = "") -> Job:
        """Have a job done as soon as those before it are.

        Raises:
            RequestError: too many wait already.
            StoreError: it cannot be kept.
        """
        with self._changed:
            if sum(job.open for job in self._jobs.values()) >= MOST_WAITING:
                raise RequestError(LIMIT, f"{MOST_WAITING} jobs wait already; ask again when one has ended")
            number = 1 + max((job.number for job in self._jobs.values()), default=0)
            job = Job(token_hex(32), number, kind, asked, self._wall() or 0.0, token)
            self._keep(job)
            self._changed.notify_all()
        self._begin_if_needed()
        return job

    def find(self, id: str) -> Job | None:  # noqa: A002
        with self._changed:
            return self._jobs.get(id)

    def all(self) -> list[Job]:
        """In the order in which they were asked for."""
        with self._changed:
            return sorted(self._jobs.values(), key=lambda job: job.number)

    def result(self, job: Job) -> Json:
        """What came of a job that succeeded."""
        found: Json = json.loads(self._place(job).read_text(encoding="utf-8"))
        return found

    def forget(self, job: Job) -> None:
        """Take a job that has ended off the disk."""
        with self._changed:
            self._jobs.pop(job.id, None)
        for path in (self._file(job), self._place(job)):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """End the job at hand; it is begun anew when the device starts again."""
        with self._changed:
            self._closing = True
            if self._aside is not None:
                self._aside.stop()
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(CLOSING_S)

    def _begin_if_needed(self) -> None:
        with self._changed:
            if self._thread is None and any(job.open for job in self._jobs.values()):
                self._thread = threading.Thread(target=self._run, name="rekognition jobs", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            fault = self._done_aside(job)
            if self._closing:
                return
            try:
                self._end(job, fault)
            except LatchlensError as error:
                log.error("%s", error)

    def _next(self) -> Job | None:
        """The job that was asked for first of those that are open; waits for one; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or any(job.open for job in self._jobs.values()))
            if self._closing:
                return None
            waiting = [job for job in self._jobs.values() if job.open]
            job = min(waiting, key=lambda each: each.number)
            job = replace(job, tries=job.tries + 1)
            try:
                self._keep(job)
            except LatchlensError as error:
                log.error("%s", error)
            return job

    def _done_aside(self, job: Job) -> str:
        """Do a job in another interpreter; what went wrong, empty if nothing did."""
        if job.tries > MOST_TRIES:
            return f"given up after {MOST_TRIES} tries that were cut short"
        with self._changed:
            if self._closing:
                return ""
            self._aside = Aside(self._work, self._setting, job, self._place(job))
        try:
            return self._aside.result()
        except LatchlensError as error:
            return str(error) or type(error).__name__
        finally:
            with self._changed:
                self._aside = None

    def _end(self, job: Job, fault: str) -> None:
        status: Status = "FAILED" if fault else "SUCCEEDED"
        job = replace(job, status=status, message=fault, ended=self._wall())
        with self._changed:
            self._keep(job)
        self._ended(job)

    def _keep(self, job: Job) -> None:
        self._jobs[job.id] = job
        write_whole(self._file(job), json.dumps(asdict(job)).encode())

    def _file(self, job: Job) -> Path:
        return self._folder / f"{job.id}.json"

    def _place(self, job: Job) -> Path:
        return self._folder / f"{job.id}.result"


def _read(folder: Path) -> Iterator[Job]:
    """The jobs on the disk; one that is damaged is passed over."""
    for path in sorted(folder.glob("*.json")):
        try:
            yield Job(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            log.error("%s is damaged (%s); the job is given up", path, error)
