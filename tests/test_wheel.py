"""The wheel works where nothing is installed but itself and what it says it needs."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path

import cv2
import pytest
import skimage.data
from packaging.requirements import Requirement

from tests.conftest import ROOT


@dataclass(frozen=True, slots=True)
class Installation:
    """An environment that holds the wheel, and an empty folder to work in."""

    environment: Path
    folder: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment away from the checkout, knowing nothing of this process."""
        return subprocess.run(
            [self.environment / "bin" / program, *arguments],
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("latchlens-*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel in an environment of its own.

    Its dependencies are not downloaded again: of this environment just those are linked that the wheel
    asks for, directly or through another, so that one it forgot to name is missing there.
    """
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, symlinks=True)
    linked_packages(next(environment.glob("lib/python*/site-packages")))
    python = str(environment / "bin" / "python")
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    subprocess.run([*pip, "check"], check=True, capture_output=True)
    return Installation(environment, tmp_path_factory.mktemp("elsewhere"))


def linked_packages(packages: Path) -> None:
    """Link everything that Latchlens needs, and nothing else, into a folder of packages."""
    for needed in _needed_by("latchlens"):
        _link(needed, packages)


def _needed_by(name: str) -> Iterator[Distribution]:
    """Every distribution that `name` cannot do without, each once."""
    waiting, seen = [name], {name}
    while waiting:
        for line in distribution(waiting.pop()).requires or []:
            requirement = Requirement(line)
            wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if wanted and requirement.name not in seen:
                seen.add(requirement.name)
                waiting.append(requirement.name)
                yield distribution(requirement.name)


def _link(needed: Distribution, packages: Path) -> None:
    for name in {file.parts[0] for file in needed.files or []} - {"..", "__pycache__"}:
        if not (packages / name).exists():
            (packages / name).symlink_to(needed.locate_file(name))


def test_the_wheel_carries_models_projects_and_migrations_but_not_how_models_are_made(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for kind in ("models/*/*/card.toml", "models/NOTICE", "projects/cat-flap.toml", "projects/demo.toml"):
        assert any(Path(name).match(f"device/_shipped/{kind}") for name in names), kind
    assert "device/tell/migrations/0001_visits.sql" in names
    assert {"device/web/pages/now.html", "device/web/static/now.js"} <= set(names)
    assert not [name for name in names if name.startswith(("device/_shipped/models/build", "tests", "docs"))]


def test_every_shipped_model_is_in_the_wheel(wheel: Path) -> None:
    cards = {card.relative_to(ROOT).as_posix() for card in ROOT.glob("models/[!.]*/[!.]*/card.toml")}
    names = zipfile.ZipFile(wheel).namelist()
    assert cards == {name.removeprefix("device/_shipped/") for name in names if name.endswith("/card.toml")}


def test_the_installed_wheel_does_not_lean_on_the_checkout(installed: Installation) -> None:
    found = installed.run(
        "python", "-c", "import device, simulator; print(device.__file__, simulator.__file__)"
    )
    assert all(Path(each).is_relative_to(installed.environment) for each in found.stdout.split())
    assert len(found.stdout.split()) == 2


def test_the_installed_wheel_verifies_its_models(installed: Installation) -> None:
    verified = installed.run("latchlens", "models", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert verified.stdout.count("ok ") == len(list(ROOT.glob("models/[!.]*/[!.]*/card.toml")))


def test_the_installed_wheel_finds_a_shipped_project_by_its_name(installed: Installation) -> None:
    checked = installed.run("latchlens", "check", "--project", "demo", "--state", "state")
    told = {line.split()[1]: line for line in checked.stdout.splitlines()}
    assert told["project"].startswith("ok"), checked.stdout + checked.stderr
    assert told["models"].startswith("ok"), checked.stdout + checked.stderr


def test_the_installed_wheel_sees_a_cat_in_a_picture_of_one(installed: Installation) -> None:
    cv2.imwrite(str(installed.folder / "cat.png"), skimage.data.chelsea()[:, :, ::-1])
    analysed = installed.run("latchlens", "analyze", "cat.png", "--json")
    assert analysed.returncode == 0, analysed.stderr
    answer = json.loads(analysed.stdout)
    assert "Cat" in [label["Name"] for label in answer["Labels"]]


def test_simulate_without_its_extra_says_what_to_install(installed: Installation) -> None:
    simulated = installed.run("latchlens", "simulate")
    assert simulated.returncode in (1, 2)
    assert "[sim]" in simulated.stderr
    assert "Traceback" not in simulated.stderr
