"""The command line: help, wrong requests, and what goes to which stream."""

import os
import signal
import subprocess
import sys

import pytest

from tests.command_line import Latchlens
from tests.conftest import ROOT
from tests.recordings import Recordings

COMMANDS = (
    ["run"],
    ["settings"],
    ["simulate"],
    ["check"],
    ["analyze"],
    ["teach"],
    ["replay"],
    ["bench"],
    ["visits", "list"],
    ["visits", "show"],
    ["visits", "export"],
    ["models", "list"],
    ["models", "verify"],
)


def test_without_a_command_the_help_lists_them(latchlens: Latchlens):
    out = latchlens().went_well().out
    for command, *_ in COMMANDS:
        assert command in out


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_explains_itself(latchlens: Latchlens, command: list[str]):
    assert "Usage: latchlens" in latchlens(*command, "--help").went_well().out


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["rnu"], ["rnu", "`latchlens --help`"]),
        (["visits"], ["Missing command", "`latchlens visits --help`"]),
        (["visits", "lits"], ["lits", "`latchlens visits --help`"]),
        (["run", "--porject", "x"], ["--porject", "`latchlens run --help`"]),
        (["run", "--project"], ["--project", "--help`"]),
        (["analyze"], ["Missing argument", "`latchlens analyze --help`"]),
        (["analyze", "x", "--min-confidence", "200"], ["--min-confidence", "100"]),
        (["analyze", "x", "--every", "often"], ["--every"]),
        (["settings", "--mode", "loked"], ["--mode loked", "did you mean locked?"]),
        (["teach", "mimi", "x"], ["--others"]),
        (["teach", "mimi", "x", "--others", "y", "--every", "0"], ["--every", "1"]),
        (["simulate", "--rate", "0"], ["--rate", "0.1"]),
        (["simulate", "--start", "3"], ["--start", "--video"]),
        (["simulate", "--speed", "fast"], ["--speed fast", "max"]),
        (["simulate", "--seed", "-1"], ["--seed", "0"]),
        (["visits", "list", "--limit", "0"], ["--limit", "1"]),
        (["visits", "list", "--outcome", "unlok"], ["--outcome unlok", "did you mean unlock?"]),
        (["bench", "--frames", "1"], ["--frames", "50"]),
        (["run", "--project", "cat-flop"], ["'cat-flop'", "cat-flap"]),
    ],
    ids=" ".join,
)
def test_a_request_that_makes_no_sense_is_one_line_with_the_fix(latchlens, arguments, parts):
    latchlens(*arguments).refused(*parts, status=2)


def test_the_version_is_told(latchlens: Latchlens):
    assert latchlens("--version").went_well().out.startswith("latchlens ")


def test_a_reader_that_leaves_early_is_no_fault():
    process = subprocess.Popen(
        [sys.executable, "-m", "device", "config", "schema"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    told = process.stderr.read()
    process.wait(30)
    assert told == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")  # noqa: PTH110
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_standard_output_is_one_line(unbuffered: str):
    with open("/dev/full", "w") as full:  # noqa: PTH123
        ended = subprocess.run(
            [sys.executable, "-m", "device", "models", "list"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        )
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == ["latchlens: standard output: No space left on device"]


def test_ctrl_c_ends_a_command_without_a_word(recordings: Recordings):
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "device", "analyze", *[str(recordings.pictures)] * 50],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err
