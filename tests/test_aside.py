"""Long work in an interpreter of its own: what it says, how it fails, how it is ended."""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Timer

import pytest

from device.aside import NICENESS, Aside, EndedEarlyError, aside
from device.errors import DatasetError


def add(one: int, other: int, done: Callable[[float], None]) -> tuple[int, int, int]:
    done(0.5)
    return one + other, os.getpid(), os.nice(0)


def refuse(done: Callable[[float], None]) -> None:
    del done
    raise DatasetError("there is nothing; label something")


def die(done: Callable[[float], None]) -> None:
    del done
    os._exit(9)


def never_end(done: Callable[[float], None]) -> None:
    done(0.1)
    while True:
        pass


def test_work_is_done_in_an_interpreter_of_its_own_at_the_lowest_priority():
    heard: list[float] = []
    found, process, niceness = aside(add, 2, 3, done=heard.append)
    assert (found, heard) == (5, [0.5])
    assert process != os.getpid()
    assert niceness == NICENESS


def test_what_it_raises_is_raised_here():
    with pytest.raises(DatasetError, match="label something"):
        aside(refuse)


def test_an_interpreter_that_dies_is_told():
    with pytest.raises(EndedEarlyError, match="half way"):
        aside(die)


def test_work_can_be_ended():
    work = Aside(never_end)
    with pytest.raises(EndedEarlyError):
        work.result(lambda _: Timer(0.01, work.stop).start())
