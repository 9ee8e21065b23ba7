"""The journal learns each line's level, so that errors can be kept and the rest forgotten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LOG = """
import logging, sys
from device.supervisor import log_with_levels
logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(message)s")
log_with_levels()
logging.info("all is well")
try:
    raise RuntimeError("the bolt\\nis stuck")
except RuntimeError:
    logging.exception("it failed")
"""


def said(path: Path, journal: bool) -> list[str]:
    with path.open("w") as file:
        found = os.fstat(file.fileno())
        stream = f"{found.st_dev}:{found.st_ino if journal else 1}"
        environment = {**os.environ, "JOURNAL_STREAM": stream}
        subprocess.run([sys.executable, "-c", LOG], stderr=file, env=environment, check=True)
    return path.read_text().splitlines()


def test_every_line_of_an_error_is_one_to_the_journal(tmp_path: Path) -> None:
    first, *rest = said(tmp_path / "log", journal=True)
    assert first == "<6>all is well"
    assert rest[0] == "<3>it failed"
    assert rest[-1] == "<3>is stuck"
    assert all(line.startswith("<3>") for line in rest)


def test_a_person_sees_no_levels(tmp_path: Path) -> None:
    assert said(tmp_path / "log", journal=False)[0] == "all is well"
