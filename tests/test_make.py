"""What `make` says on a machine where Latchlens cannot be installed, and when it installs anew."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with just what decides whether and how to install."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "--no-print-directory", "-C", str(clone), *arguments]
    without_make = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(command, env=without_make, capture_output=True, text=True, check=False)


def stand_in(clone: Path, script: str) -> str:
    """A program that takes Python's place."""
    path = clone / "stand-in"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"PYTHON={path}"


def refusal(clone: Path, *arguments: str) -> str:
    """The one line that is said, besides make's own, while nothing is made."""
    refused = make(clone, *arguments)
    assert refused.returncode != 0
    assert not (clone / ".venv").exists()
    (line,) = [each for each in refused.stderr.splitlines() if not each.startswith("make: ")]
    return line


@pytest.mark.parametrize("target", ["run", "test"])
def test_too_old_a_python_is_named_with_the_fix(clone: Path, target: str) -> None:
    old = stand_in(clone, 'test "$1" = --version && echo Python 3.10.13; exit 1')
    line = refusal(clone, target, old)
    assert line.startswith("Python 3.10.13 is too old")
    assert line.endswith(f"make PYTHON=python3.11 {target}")


def test_a_missing_venv_module_is_named_with_the_fix(clone: Path) -> None:
    (clone / "ensurepip.py").write_text("raise ImportError\n")
    bare = stand_in(clone, f'PYTHONPATH="{clone}" exec "{sys.executable}" "$@"')
    assert refusal(clone, "run", bare).endswith("sudo apt install python3-venv")


def test_a_missing_python_is_named_with_the_fix(clone: Path) -> None:
    line = refusal(clone, "run", f"PYTHON={clone}/python9")
    assert line.startswith(f"There is no {clone}/python9")


def test_it_installs_anew_when_the_project_changes_and_only_then(clone: Path) -> None:
    stamp = clone / ".venv" / ".installed"
    stamp.parent.mkdir()
    stamp.touch()
    os.utime(clone / "pyproject.toml", (1e9, 1e9))
    assert make(clone, "--question", ".venv/.installed").returncode == 0
    os.utime(clone / "pyproject.toml")
    os.utime(stamp, (1e9, 1e9))
    assert make(clone, "--question", ".venv/.installed").returncode == 1
