"""One line for each check with what it measured; a check that fails does not hide the others."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


class Report:
    """Counts what has failed, for the exit status."""

    def __init__(self) -> None:
        self.checks = 0
        self.faults: list[str] = []

    @contextmanager
    def check(self, name: str) -> Iterator[list[str]]:
        """Within it a check is made: what it measured goes into the list, what it raises is its fault."""
        measured: list[str] = []
        self.checks += 1
        try:
            yield measured
        except Exception as error:  # whatever it is, the next check is made
            self.faults.append(name)
            where = "" if isinstance(error, AssertionError) and error.args else f"\n{traceback.format_exc()}"
            _print("FAULT", name, [*measured, str(error) or type(error).__name__], where)
        else:
            _print("ok   ", name, measured)

    def end(self) -> int:
        """The last line, and the exit status."""
        said = f"{len(self.faults)} of them at fault: {', '.join(self.faults)}" if self.faults else "all well"
        print(f"{self.checks} checks, {said}", flush=True)
        return 1 if self.faults or not self.checks else 0


def _print(mark: str, name: str, measured: list[str], more: str = "") -> None:
    print(f"{mark} {name}{': ' if measured else ''}{'; '.join(measured)}{more}", flush=True)
    sys.stderr.flush()
