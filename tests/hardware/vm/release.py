"""Makes a release that passes its self-test and dies while it is on trial, signed by a key of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from device.updating import making
from tests.conftest import ROOT
from tests.signing import Maker

VERSION = "99.0"
TARGET = "cp313-x86_64"
DIES = "    import threading\n    threading.Timer(60.0, lambda: os._exit(3)).start()\n"
RUNS = "    if run(chosen, "


def broken_wheel(folder: Path) -> Path:
    """This checkout with another version, whose `latchlens run` ends by itself after a minute."""
    copy = folder / "source"
    for name in ("device", "simulator", "models", "firmware-config", "systemd"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, copy / name)
    project = copy / "pyproject.toml"
    lines = project.read_text(encoding="utf-8").splitlines()
    changed = [f'version = "{VERSION}"' if line.startswith("version = ") else line for line in lines]
    project.write_text("\n".join(changed), encoding="utf-8")
    run = copy / "device" / "commands" / "run.py"
    text = run.read_text(encoding="utf-8")
    if RUNS not in text:
        raise RuntimeError(f"{run} has changed: no line in it begins with {RUNS!r}")
    run.write_text(text.replace(RUNS, DIES + RUNS), encoding="utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=copy, check=True, capture_output=True)
    return next(folder.glob(f"latchlens-{VERSION}-*.whl"))


def main(folder: Path, wheelhouse: Path, to: Path) -> None:
    maker = Maker()
    maker.public(to / "maker.pub")
    needs = {TARGET: sorted(wheelhouse.glob("*.whl"))}
    release = making.make(folder, broken_wheel(folder), needs, [TARGET], maker.sign)
    release.rename(to / "broken.latchlens")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
