"""Runs the real command line within the test's process, and says what a clear error looks like."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from device.cli import main

STORY = ("", "device", "latchlens.story")
"""The loggers that commands set up."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command left: its exit status and what it wrote."""

    status: int
    out: str
    err: str

    def refused(self, *parts: str, status: int = 1) -> None:
        """Assert one clear line that holds all `parts` (file or key, and the fix) and no traceback."""
        assert self.status == status, self
        assert "Traceback" not in self.err + self.out, self.err
        lines = [line for line in self.err.splitlines() if line.startswith("latchlens: ")]
        assert len(lines) == 1, self.err
        for part in parts:
            assert part in lines[0], lines[0]

    def went_well(self) -> Answer:
        assert self.status == 0, self
        assert "latchlens: " not in self.err, self.err
        return self

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Standard output of a command with --json: an object a line, and nothing else."""
        return [json.loads(line) for line in self.out.splitlines()]


Latchlens = Callable[..., Answer]
"""Runs `latchlens` with the arguments given."""


def runner(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Latchlens:
    """Runs `latchlens` in this process; standard output and error are taken from the file descriptors."""

    def run(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["latchlens", *map(str, arguments)])
        capfd.readouterr()
        with _logging_as_it_was(), pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return Answer(int(ended.value.code or 0), out, err)

    return run


@contextmanager
def _logging_as_it_was() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in STORY]
    before = [(logger, logger.level, list(logger.handlers)) for logger in loggers]
    try:
        yield
    finally:
        for logger, level, handlers in before:
            logger.setLevel(level)
            logger.handlers[:] = handlers
