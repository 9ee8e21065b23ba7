"""The services: systemd finds nothing wrong with them, and they may do little."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from simulator import supervision
from tests.conftest import ROOT

UNITS = sorted((ROOT / "systemd").glob("*.service"))
EXPOSURE = {"latchlens": 2.0, "latchlens-guard": 1.5}
"""At most so much, of systemd's ten, for those that run all the time."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is absent: apt install systemd"
)


def of(name: str) -> dict[str, str]:
    """The keys of a unit; of one that stands more than once, the last."""
    text = (ROOT / "systemd" / f"{name}.service").read_text()
    return dict(re.findall(r"^([A-Za-z]+)=(.*)$", text, re.MULTILINE))


@needs_systemd
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path):
    for unit in (*UNITS, *UNITS[0].parent.glob("*.path")):  # the programs are not installed here
        text = re.sub(r"/opt/latchlens/\S+", "/bin/true", unit.read_text())
        (tmp_path / unit.name).write_text(text)
    command = [
        "systemd-analyze",
        "verify",
        "--recursive-errors=yes",
        "--man=no",
        *map(str, sorted(tmp_path.iterdir())),
    ]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in (found.stdout + found.stderr).splitlines() if "latchlens" in line]
    assert ours == []


@needs_systemd
@pytest.mark.parametrize("name", EXPOSURE)
def test_a_service_is_exposed_no_more_than_it_must_be(name: str):
    threshold = f"--threshold={EXPOSURE[name] * 10:.0f}"
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", threshold]
    found = subprocess.run(
        [*command, str(ROOT / "systemd" / f"{name}.service")], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout.splitlines()[-1]


@pytest.mark.parametrize("name", EXPOSURE)
def test_no_service_ever_restarts_the_computer_or_gives_the_door_up(name: str):
    keys = of(name)
    assert (keys["Restart"], keys["StartLimitIntervalSec"], keys["StartLimitAction"]) == (
        "always",
        "0",
        "none",
    )
    assert not {"FailureAction", "SuccessAction", "RebootArgument"} & keys.keys()
    assert float(keys["RestartSec"]) >= 1, "a service that cannot start must not take the processor"


@pytest.mark.parametrize("name", EXPOSURE)
def test_no_service_waits_for_the_network(name: str):
    waited_for = [
        value for key, value in of(name).items() if key in ("After", "Wants", "Requires", "BindsTo")
    ]
    assert "network" not in " ".join(waited_for)


def test_the_scenes_play_the_times_of_the_service():
    keys = of("latchlens")
    assert float(keys["RestartSec"]) == supervision.RESTART_S
    assert float(keys["WatchdogSec"]) == supervision.WATCHDOG_S


def test_only_the_guard_may_touch_pins_and_only_the_loop_the_camera():
    loop, guard = ((ROOT / "systemd" / f"{name}.service").read_text() for name in EXPOSURE)
    assert "gpio" not in re.sub(r"(?m)^#.*$", "", loop)
    assert not {"video4linux", "AF_INET"} & set(re.findall(r"\w+", guard))


def test_the_guard_sees_nothing_of_what_the_loop_keeps():
    """They share a group, so that the loop may knock at the guard's socket."""
    loop, guard = (of(name) for name in EXPOSURE)
    assert (loop["StateDirectory"], guard["Group"]) == ("latchlens", loop["Group"])
    assert guard["InaccessiblePaths"] == f"-/var/lib/{loop['StateDirectory']}"
