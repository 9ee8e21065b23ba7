"""Builds a version from a wheel: an environment of its own, whole under its name or not there at all.

The installer runs this file straight out of the wheel, before anything is installed: it needs nothing but
Python's own library.
"""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from device.errors import UpdateError
from device.updating.places import DRAFT, Places, sync_folder

SHIPPED = "device/_shipped"
EXTRAS = "chip"
"""What an installed device has besides, for a chip reader may be connected any day."""
LAUNCHER = """\
#!/bin/sh
# The real path: a version that runs stays what it is when the link `current` moves on.
here=$(dirname "$(readlink -f "$0")")
exec "$here/python" -P -c 'import sys; from {module} import {function}; sys.exit({function}())' "$@"
"""
TAIL = 15
"""So many last lines of a program that failed are shown."""


@dataclass(frozen=True, slots=True)
class Supplies:
    """Where the packages that a wheel needs come from."""

    wheelhouse: Path | None = None
    """A folder of wheels; where it is given, nothing is downloaded."""
    constraints: Path | None = None
    requirements: Path | None = None
    """What to install besides, each with the sums of the files that will do; then no other file is taken."""
    system_packages: bool = False
    """Whether packages of the system, such as apt's picamera2, are seen."""


def version_name(wheel: Path) -> str:
    """The name of what a wheel becomes: its version, and the beginning of its sum.

    Raises:
        UpdateError: it is no wheel of Latchlens.
    """
    named = re.fullmatch(r"latchlens-([0-9][A-Za-z0-9.+!]*)-py3-none-any\.whl", wheel.name)
    if named is None or not wheel.is_file():
        raise UpdateError(f"{wheel}: is no wheel of Latchlens; `make wheel` builds one")
    return f"{named[1]}-{hashlib.sha256(wheel.read_bytes()).hexdigest()[:8]}"


def build(places: Places, wheel: Path, supplies: Supplies) -> str:
    """Build the version of a wheel and return its name; one that is there and starts is left alone.

    Raises:
        UpdateError: a package is missing, or what was built does not start.
    """
    name = version_name(wheel)
    folder, draft = places.version(name), places.version(DRAFT + name)
    if folder.is_dir() and _starts(folder):
        return name
    places.versions.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(draft, ignore_errors=True)
    try:
        _furnish(draft, wheel, supplies)
        if not _starts(draft):
            raise UpdateError(f"{wheel.name}: what was built of it does not start; it is not installed")
        os.sync()
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    sync_folder(places.versions)
    return name


def _furnish(folder: Path, wheel: Path, supplies: Supplies) -> None:
    seeing = ["--system-site-packages"] if supplies.system_packages else []
    _run([sys.executable, "-m", "venv", *seeing, str(folder)])
    python = str(folder / "bin" / "python")
    scratch = folder / "scratch"  # /tmp may be memory, and small
    scratch.mkdir()
    pip = [python, "-m", "pip", "install", "--quiet", "--no-cache-dir", "--only-binary", ":all:"]
    if supplies.wheelhouse is not None:
        pip += ["--no-index", "--find-links", str(supplies.wheelhouse)]
    if supplies.constraints is not None:
        pip += ["--constraint", str(supplies.constraints)]
    if supplies.requirements is not None:
        _run([*pip, "--require-hashes", "--requirement", str(supplies.requirements)], scratch)
        pip += ["--no-index"]
    _run([*pip, f"{wheel}[{EXTRAS}]"], scratch)
    shutil.rmtree(scratch)
    _make_launchers(folder, wheel)
    (folder / "shipped").symlink_to(_packages(folder).relative_to(folder) / SHIPPED)


def _make_launchers(folder: Path, wheel: Path) -> None:
    """Pip's own scripts name the draft's path, and go; ours find their version beside them."""
    for script in (folder / "bin").iterdir():
        if not script.name.startswith("python"):
            script.unlink()
    for name, module, function in _commands(wheel):
        launcher = folder / "bin" / name
        launcher.write_text(LAUNCHER.format(module=module, function=function), encoding="ascii")
        launcher.chmod(0o755)


def _commands(wheel: Path) -> Iterator[tuple[str, str, str]]:
    """The commands of a wheel: name, module, function."""
    with zipfile.ZipFile(wheel) as archive:
        (entries,) = [each for each in archive.namelist() if each.endswith(".dist-info/entry_points.txt")]
        parser = configparser.ConfigParser()
        parser.read_string(archive.read(entries).decode())
    for name, target in parser["console_scripts"].items():
        module, _, function = target.partition(":")
        yield name, module, function


def _packages(folder: Path) -> Path:
    (found,) = folder.glob("lib/python3.*/site-packages")
    return found


def _starts(folder: Path) -> bool:
    command = [str(folder / "bin" / "latchlens"), "--version"]
    try:
        return subprocess.run(command, capture_output=True, timeout=300, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _run(command: Sequence[str], scratch: Path | None = None) -> None:
    room = os.environ | ({"TMPDIR": str(scratch)} if scratch else {})
    done = subprocess.run(command, env=room, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-TAIL:])
        raise UpdateError(f"{' '.join(command[1:4])} failed:\n{said}")


def main(arguments: Sequence[str]) -> int:
    """`python -m device.updating.building HOME WHEEL [--KEY VALUE ...]`: what the installer calls."""
    import argparse  # noqa: PLC0415 - the device itself never comes here

    parser = argparse.ArgumentParser(prog="building")
    parser.add_argument("home", type=Path)
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--wheelhouse", type=Path)
    parser.add_argument("--constraints", type=Path)
    parser.add_argument("--system-packages", action="store_true")
    asked = parser.parse_args(arguments)
    supplies = Supplies(asked.wheelhouse, asked.constraints, None, asked.system_packages)
    try:
        print(build(Places(asked.home), asked.wheel, supplies))
    except (UpdateError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
