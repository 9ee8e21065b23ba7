"""Does long work in an interpreter of its own, at the lowest priority: the loop keeps its rate.

What the work loads, such as models and pictures, goes with that interpreter when it is done.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

from device.errors import LatchlensError

NICENESS = 19
"""The lowest priority there is: such work takes only the time that the loop leaves."""
THREADS = "OPENBLAS_NUM_THREADS"

T = TypeVar("T")
Done = Callable[[float], None]
"""Hears how far work has come, 0..1."""


class EndedEarlyError(LatchlensError):
    """The interpreter went away before its work was done."""


class Aside(Generic[T]):
    """One piece of work that has begun."""

    def __init__(self, work: Callable[..., T], *given: object) -> None:
        """Begin `work(*given, done)`; it, what is given and what it returns must be picklable.

        One thread: for matrices this small a second one would mostly wait, and take a core meanwhile.
        """
        spawn = get_context("spawn")
        self._listening, speaking = spawn.Pipe(duplex=False)
        self._process = spawn.Process(target=_do, args=(speaking, work, given), daemon=True)
        with _one_thread():
            self._process.start()
        speaking.close()

    def result(self, done: Done = lambda _: None) -> T:
        """Wait for what the work returns; `done` hears how far it has come.

        Raises:
            LatchlensError: what the work raised.
            EndedEarlyError: it was stopped, or its interpreter died.
        """
        try:
            while (said := self._listening.recv())[0] == "done":
                done(said[1])
        except (EOFError, OSError):
            raise EndedEarlyError("it was ended half way, as when memory runs out; try again") from None
        finally:
            self.stop()
            self._process.join()
        kind, value = said
        if kind == "error":
            raise value
        found: T = value
        return found

    def stop(self) -> None:
        """End the work, done or not; any thread may."""
        self._process.terminate()


def aside(work: Callable[..., T], *given: object, done: Done = lambda _: None) -> T:
    """What `work(*given, done)` returns, from an interpreter of its own. Errors as in `Aside.result`."""
    return Aside(work, *given).result(done)


@contextmanager
def _one_thread() -> Iterator[None]:
    """An interpreter that is started meanwhile computes with one thread."""
    before = os.environ.get(THREADS)
    os.environ[THREADS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[THREADS]
        else:
            os.environ[THREADS] = before


def _do(speaking: Connection, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
    """Work, and send how far it has come, then what came of it or what is wrong."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)

    def done(share: float) -> None:
        speaking.send(("done", share))

    try:
        speaking.send(("result", work(*given, done)))
    except LatchlensError as error:
        speaking.send(("error", error))
