"""The longer checks under tests/hardware: their scripts parse, and their own arithmetic is right."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import cv2
import pytest

from device.messages import Box
from tests.conftest import ROOT
from tests.hardware.aarch64.compare import compare, overlap
from tests.hardware.picamera import pictures
from tests.hardware.report import Report

HARDWARE = ROOT / "tests" / "hardware"
SCRIPTS = sorted(HARDWARE.rglob("*.sh"))
PROGRAMS = sorted(HARDWARE.rglob("*.py"))


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="there is no shellcheck here")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(HARDWARE)))
def test_every_longer_check_pleases_shellcheck(script: Path) -> None:
    checked = subprocess.run(
        ["shellcheck", "-x", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: str(path.relative_to(HARDWARE)))
def test_every_program_that_runs_on_another_system_is_python(program: Path) -> None:
    compile(program.read_text(encoding="utf-8"), program, "exec")


def test_a_failed_check_hides_no_other_and_ends_with_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report()
    with report.check("the first") as measured:
        measured.append("1 s")
        raise AssertionError("too slow")
    with report.check("the second") as measured:
        measured.append("2 s")
    assert report.end() == 1
    assert capsys.readouterr().out.splitlines() == [
        "FAULT the first: 1 s; too slow",
        "ok    the second: 2 s",
        "2 checks, 1 of them at fault: the first",
    ]


def test_no_check_at_all_is_a_fault() -> None:
    assert Report().end() == 1


@pytest.mark.parametrize("number", range(pictures.COUNT))
def test_a_picture_of_the_virtual_camera_is_known_by_its_small_stream(number: int) -> None:
    wide = cv2.resize(pictures.picture(number), (384, 180), interpolation=cv2.INTER_AREA)
    assert pictures.recognised(wide[:, :320], pictures.SHOWN) == (number, pytest.approx(0, abs=1))


def test_a_small_stream_with_its_padding_is_known_as_wrong() -> None:
    wide = cv2.resize(pictures.picture(3), (384, 180), interpolation=cv2.INTER_AREA)
    assert pictures.recognised(wide, pictures.SHOWN)[1] > 10


def test_boxes_overlap_by_what_they_share() -> None:
    box = Box(0.0, 0.0, 0.5, 0.5)
    assert overlap(box, box) == 1.0
    assert overlap(box, Box(0.25, 0.0, 0.5, 0.5)) == pytest.approx(1 / 3)
    assert overlap(box, Box(0.6, 0.6, 0.2, 0.2)) == 0.0


def test_another_answer_about_the_picture_is_told() -> None:
    def answer(confidence: float, left: float, turned: float) -> dict[str, object]:
        instance = {"BoundingBox": {"Left": left, "Top": 0.0, "Width": 0.5, "Height": 0.5}}
        return {
            "modules": 3,
            "python": "3.13",
            "machine": "aarch64",
            "versions": {},
            "labels": [{"Name": "Cat", "Confidence": confidence, "Instances": [instance]}],
            "golden": [1.0, 0.0],
            "picture": [turned, (1 - turned**2) ** 0.5],
        }

    report = Report()
    compare(report, "there", answer(99, 0.1, 1.0), answer(98, 0.1, 0.999))
    assert report.faults == []
    compare(report, "there", answer(99, 0.1, 1.0), answer(90, 0.3, 0.9))
    assert len(report.faults) == 3
