"""The installer's words and plans; `make install-test` shows that it installs."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("dpkg"), reason="the installer is for Debian and its kin")

INSTALLER = ROOT / "firmware-config" / "install.sh"
SCRIPTS = [
    path
    for folder in ("firmware-config", "systemd", ".ci", "tests")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file()
    and path.read_bytes().split(b"\n")[0] in (b"#!/bin/sh", b"#!/usr/bin/env bash", b"#!/bin/bash")
]


def install(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", INSTALLER, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="there is no shellcheck here")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_script_pleases_shellcheck(script: Path) -> None:
    command = ["shellcheck", "-x", str(script)]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--wheels", "x"], "there is no option --wheels; see --help"),
        (["--wheel"], "--wheel needs a value; see --help"),
        (["--purge"], "--purge goes with --uninstall; see --help"),
    ],
)
def test_what_makes_no_sense_is_named_and_nothing_is_done(arguments: list[str], said: str) -> None:
    refused = install(*arguments)
    assert (refused.returncode, refused.stderr.strip(), refused.stdout) == (2, f"install.sh: {said}", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--project", "cat-flop"], "there is no shipped project cat-flop"),
        (["--project", "no.toml"], "no.toml: there is no such project file"),
        (["--trust", "no.pub"], "no.pub: there is no such key"),
    ],
)
def test_what_is_missing_is_named(arguments: list[str], said: str) -> None:
    refused = install("--dry-run", *arguments)
    assert refused.returncode == 1
    assert said in refused.stderr


def test_a_dry_run_says_the_steps_in_their_order(tmp_path: Path) -> None:
    wheel = tmp_path / "latchlens-9.9-py3-none-any.whl"
    wheel.touch()
    planned = install("--dry-run", "--no-apt", "--no-start", "--wheel", wheel)
    assert planned.returncode == 0, planned.stderr
    steps = [line for line in planned.stdout.splitlines() if not line.startswith("  ")]
    assert steps[-4:-1] == [
        "building the version; this takes minutes",
        "copying system files",
        "switching to VERSION",
    ]
    assert f"/opt/latchlens {wheel}" in planned.stdout
    assert planned.stdout.index("mv -T /opt/latchlens/.new-current") > planned.stdout.index("install -m 640")


def test_an_uninstall_keeps_what_the_owner_made_unless_told_otherwise() -> None:
    kept, purged = (
        install("--uninstall", "--dry-run").stdout,
        install("--uninstall", "--purge", "--dry-run").stdout,
    )
    assert "rm -rf /opt/latchlens\n" in kept
    assert "rm -rf /etc/latchlens " not in kept
    assert "rm -rf /etc/latchlens " in purged


def test_the_installed_command_is_the_services_user_s_and_names_the_installed_door() -> None:
    text = (ROOT / "firmware-config" / "bin" / "latchlens").read_text()
    assert "--reuid latchlens" in text
    for unit in ("latchlens", "latchlens-self-test"):
        assert "--project /etc/latchlens/project.toml" in (ROOT / "systemd" / f"{unit}.service").read_text()
    assert "LATCHLENS_PROJECT:=/etc/latchlens/project.toml" in text


def test_the_boot_configuration_holds_the_flagship_s_outputs_low_and_its_contacts_high() -> None:
    project = tomllib.loads((ROOT / "firmware-config" / "projects" / "cat-flap.toml").read_text())
    lines = (ROOT / "firmware-config" / "boot" / "latchlens.txt").read_text().splitlines()
    pins = {
        setting: set(map(int, numbers.split(",")))
        for line in lines
        if (found := re.fullmatch(r"gpio=([\d,]+)=(\S+)", line))
        for numbers, setting in [found.groups()]
    }
    outputs = {project["bolt"]["pin"], *(each["pin"] for each in project.get("output", []))}
    assert outputs <= pins["op,dl"]
    assert {each["pin"] for each in project["input"]} <= pins["ip,pu"]
    assert all(9 <= pin <= 27 for pin in pins["op,dl"]), "GPIO 0 to 8 are pulled up at reset"
