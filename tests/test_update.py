"""Real wheels, real processes: a newer version takes over, and every kind of broken one is sent back.

Instead of systemd a test starts the processes; what systemd does of this is shown by `make vm-test`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from device import migrations
from device.errors import UpdateError
from device.tell.store import Store
from device.toml import read_toml
from device.updating import making, procedure
from device.updating.building import Supplies, build, version_name
from device.updating.change import Change
from device.updating.history import Stage, read_account
from device.updating.places import CURRENT, FALLBACK, PREVIOUS, Places
from device.updating.release import target
from device.updating.systemd import OwnersCopy
from tests.conftest import ROOT
from tests.recordings import PROJECT, Recordings
from tests.signing import Maker
from tests.test_wheel import linked_packages

READY_S = 100.0
NEWER = "99.0"


@dataclass
class Processes:
    """Implements machine.Machine with processes of the version that is `current`."""

    places: Places
    state: Path
    environment: dict[str, str]
    loop: subprocess.Popen[bytes] | None = None
    ready_s: float = READY_S
    log: list[str] = field(default_factory=list)

    def command(self, *arguments: str) -> list[str]:
        options = ["--project", str(self.state / "project.toml"), "--state", str(self.state)]
        return [str(self.places.home / CURRENT / "bin" / "latchlens"), *arguments, *options]

    def wait_for_rest(self) -> None: ...

    def stop(self) -> None:
        if self.loop is not None:
            self.loop.terminate() if self.ready_s == READY_S else self.loop.kill()
            self.loop.wait()
        self.loop = None

    def start(self) -> None:
        self.log.append(f"start {self.places.named(CURRENT)}")
        said = self.state / "said"
        with said.open("wb") as file:
            self.loop = subprocess.Popen(
                self.command("run"), env=self.environment, stderr=file, cwd=self.state
            )
        until = time.monotonic() + self.ready_s
        while "watching the door" not in said.read_text():
            if self.loop.poll() is not None:
                raise UpdateError(f"ended: {said.read_text().splitlines()[-1]}")
            if time.monotonic() > until:
                raise UpdateError("it hangs")
            time.sleep(0.05)

    def prove(self) -> None:
        self.log.append(f"prove {self.places.named(CURRENT)}")
        done = subprocess.run(
            self.command("self-test"), env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            lines = (done.stdout + done.stderr).splitlines()
            raise UpdateError("; ".join(line for line in lines if line.startswith("FAULT")) or lines[-1])

    def watch(self, seconds: float) -> None:
        assert self.loop is not None
        try:
            self.loop.wait(seconds)
        except subprocess.TimeoutExpired:
            return
        raise UpdateError(f"latchlens ended on trial: {(self.state / 'said').read_text().splitlines()[-1]}")


@dataclass(frozen=True, slots=True)
class Built:
    """Two versions, built from this tree by the real builder; the second has only another number."""

    home: Path
    environment: dict[str, str]
    older: Path
    newer: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("built")
    packages = folder / "packages"
    packages.mkdir()
    linked_packages(packages)
    found = f"{folder / 'nothing'}:{packages}"  # cv2 wants no link in the first place
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": found}
    older, newer = _wheel(folder, "0.1.0"), _wheel(folder, NEWER)
    with pytest.MonkeyPatch.context() as patched:
        # What the wheels need is linked and not downloaded again; this is how pip is told.
        for key, value in {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PYTHONPATH": found}.items():
            patched.setenv(key, value)
        places = Places(folder / "opt")
        places.point(CURRENT, build(places, older, Supplies()))
        yield Built(places.home, environment, older, newer)


def _wheel(folder: Path, version: str) -> Path:
    tree = folder / version
    names = ("device", "simulator", "models", "systemd", "firmware-config", "LICENSE", "README.md")
    for name in names:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree / name)
    text = (ROOT / "pyproject.toml").read_text().replace('version = "0.1.0"', f'version = "{version}"', 1)
    (tree / "pyproject.toml").write_text(text)
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=tree, check=True, capture_output=True)
    return folder / f"latchlens-{version}-py3-none-any.whl"


@pytest.fixture
def change(
    built: Built, tmp_path: Path, recordings: Recordings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Change]:
    """A device on which the older version runs, with a store from then."""
    home, state = tmp_path / "opt", tmp_path / "state"
    shutil.copytree(built.home, home, symlinks=True, copy_function=os.link)
    state.mkdir()
    endless = tmp_path / "pictures"  # a recording that outlasts the test
    endless.mkdir()
    pictures = sorted(recordings.pictures.iterdir())
    for number in range(3000):
        (endless / f"{number:05}.jpg").symlink_to(pictures[number % len(pictures)])
    (state / "project.toml").write_text(PROJECT.format(path=endless))
    with closing(Store(state)):
        pass
    places = Places(home)
    machine = Processes(places, state, built.environment)
    machine.start()
    monkeypatch.setenv("PYTHONPATH", built.environment["PYTHONPATH"])
    keeper = OwnersCopy(state, state / "project.toml", places, user=None)
    try:
        yield Change(places, machine, keeper, lambda: "", trial_s=0.5)
    finally:
        machine.stop()


def processes(change: Change) -> Processes:
    assert isinstance(change.machine, Processes)
    return change.machine


def test_a_signed_release_takes_over_and_the_older_version_can_be_had_back(
    built: Built, change: Change, tmp_path: Path
) -> None:
    (tmp_path / "keys").mkdir()
    maker = Maker()
    maker.public(tmp_path / "keys" / "maker.pub")
    keys = tmp_path / "keys"
    release = making.make(tmp_path, built.newer, {target(): []}, [target()], maker.sign)
    older, newer = version_name(built.older), version_name(built.newer)

    assert procedure.install(release, change, keys) == newer
    assert [change.places.named(link) for link in (CURRENT, PREVIOUS, FALLBACK)] == [newer, older, None]
    running = processes(change).loop
    assert running is not None and running.poll() is None
    program = processes(change).command()[0]
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == f"latchlens {NEWER}"

    old = making.make(tmp_path, built.older, {target(): []}, [target()], maker.sign)
    with pytest.raises(UpdateError, match=r"is older than 99\.0, which runs"):
        procedure.install(old, change, keys)
    account = read_account(change.places.home)
    assert account and account.stage is Stage.REFUSED
    assert procedure.roll_back(change) == older
    assert [change.places.named(link) for link in (CURRENT, PREVIOUS)] == [older, newer]


def test_settings_are_written_in_the_newer_form_and_given_back_to_a_version_that_reads_only_the_older(
    change: Change,
) -> None:
    project = processes(change).state / "project.toml"
    newer, text = change.places.named(CURRENT), project.read_text()
    assert newer is not None and migrations.version_of(read_toml(text)) == 1
    older = _broken(change.places, newer, "device/migrations.py", "NEWEST = max(STEPS)", "NEWEST = 1")
    change.to(older)
    assert project.read_text() == text
    change.to(newer)
    assert migrations.version_of(read_toml(project.read_text())) == migrations.NEWEST
    assert migrations.of_form(project, 1).read_text() == text
    assert procedure.roll_back(change) == older
    assert project.read_text() == text


BROKEN = {
    "raises at its start": (
        "device/app.py",
        "    refuse_hasty_recording(project)\n",
        "    raise RuntimeError\n",
    ),
    "hangs at its start": (
        "device/app.py",
        "    refuse_hasty_recording(project)\n",
        "    import time; time.sleep(999)\n",
    ),
    "crashes on trial": (
        "device/app.py",
        "            _turn(loop, device.memory, revival, stopping)\n",
        "            raise RuntimeError\n",
    ),
    "fails its self-test": ("device/self_test.py", "ALIKE = 0.98", "ALIKE = 1.98"),
    "cannot be imported": ("device/errors.py", "from __future__", "from __past__"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_version_comes_back_by_itself(change: Change, fault: str) -> None:
    older = change.places.named(CURRENT)
    assert older is not None
    broken = _broken(change.places, older, *BROKEN[fault])
    if fault.startswith("hangs"):
        processes(change).ready_s = 5.0
    with pytest.raises(UpdateError, match=f"{older} runs again"):
        _with_patience(change, broken)
    assert [change.places.named(link) for link in (CURRENT, FALLBACK)] == [older, None]
    running = processes(change).loop
    assert running is not None and running.poll() is None, "the older version runs"
    assert processes(change).log[-1] == f"start {older}"
    assert (f"start {broken}" in processes(change).log) == ("start" in fault or "trial" in fault)


def _with_patience(change: Change, version: str) -> None:
    """On trial a version has time to crash, however busy this machine is."""
    Change(change.places, change.machine, change.keeper, change.now, trial_s=60.0).to(version)


def _broken(places: Places, older: str, file: str, sound: str, faulty: str) -> str:
    """The older version with a fault, as one that is installed beside it."""
    name = "98.0-0badc0de"
    shutil.copytree(places.version(older), places.version(name), symlinks=True, copy_function=os.link)
    (module,) = places.version(name).glob(f"lib/python3.*/site-packages/{file}")
    text = module.read_text()
    assert sound in text
    module.unlink()  # the other version has the same file
    module.write_text(text.replace(sound, faulty, 1))
    return name
