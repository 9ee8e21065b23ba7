"""The longer checks under tests/hardware: their scripts parse, and their own arithmetic is right."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import pytest

from device.messages import Box, Mode
from device.tell.settings import StoredSettings
from tests.conftest import ROOT
from tests.hardware.aarch64.compare import compare, overlap
from tests.hardware.picamera import pictures
from tests.hardware.powercut import workload
from tests.hardware.powercut.replay import ENTRY, FLUSH, FORCED, MAGIC, SUPER, Disk, Record
from tests.hardware.powercut.verify import faults, promised
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


def recorded(path: Path, entries: list[tuple[int, int, bytes]]) -> Record:
    """A record as QEMU writes it, of entries as (first sector, flags, content)."""
    with path.open("wb") as file:
        file.write(SUPER.pack(MAGIC, 1, len(entries), 512).ljust(512, b"\0"))
        for sector, flags, content in entries:
            file.write(ENTRY.pack(sector, len(content) // 512, flags, 0).ljust(512, b"\0") + content)
    return Record(path)


def sectors(letter: str, count: int = 1) -> bytes:
    return letter.encode() * (512 * count)


def test_what_was_flushed_survives_every_power_cut(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r", [(0, 0, sectors("a")), (0, FLUSH, b""), (0, 0, sectors("b"))])
    for seed in range(20):
        assert Disk(record, bytes(1024)).cut(1, random.Random(seed)) == sectors("a") + bytes(512)
    left = {bytes(Disk(record, bytes(512)).cut(2, random.Random(seed))) for seed in range(20)}
    assert left == {sectors("a"), sectors("b")}


def test_what_was_not_flushed_may_be_torn_or_out_of_order(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r", [(0, 0, sectors("a", 2)), (2, 0, sectors("b"))])
    left = {bytes(Disk(record, bytes(1536)).cut(1, random.Random(seed))) for seed in range(100)}
    assert bytes(1024) + sectors("b") in left
    assert sectors("a") + bytes(1024) in left
    assert len(left) == 6


def test_a_forced_write_is_on_the_disk_at_once(tmp_path: Path) -> None:
    record = recorded(tmp_path / "r", [(0, FORCED, sectors("a"))])
    for seed in range(20):
        assert Disk(record, bytes(512)).cut(0, random.Random(seed)) == sectors("a")


def test_the_marks_past_the_file_system_are_read_back(tmp_path: Path) -> None:
    mark = json.dumps({"kind": "mode", "value": "locked", "done": True}).encode().ljust(512)
    record = recorded(tmp_path / "r", [(0, 0, sectors("a")), (9, 0, mark)])
    assert record.marks(area=9 * 512) == [(1, {"kind": "mode", "value": "locked", "done": True})]


def kept(folder: Path, count: int) -> list[dict[str, Any]]:
    """Let the workload keep so many things in a folder; what it marked."""
    disk, blocks = folder / "disk", workload.SLOTS
    disk.write_bytes(bytes(workload.BLOCK * blocks))
    workload.main(folder / "door", disk, 0, count, careless=False)
    read = disk.read_bytes()
    marks = [
        json.loads(read[at : at + workload.BLOCK])
        for at in range(0, 2 * count * workload.BLOCK, workload.BLOCK)
    ]
    return sorted(marks, key=lambda mark: mark["number"])


def test_a_disk_that_kept_everything_has_no_fault_and_one_that_lost_something_has(tmp_path: Path) -> None:
    marks = kept(tmp_path, 12)
    assert list(faults(tmp_path / "door", promised(marks))) == []
    more = [
        *marks,
        {"kind": "visit", "value": "99", "done": True},
        {"kind": "mode", "value": "x", "done": True},
    ]
    more += [{"kind": kind, "value": "9", "done": True} for kind in ("model", "update")]
    assert [fault.split(":")[0] for fault in faults(tmp_path / "door", promised(more))] == [
        *("update", "visits", "settings", "model")
    ]


def test_what_was_begun_may_be_there_or_not(tmp_path: Path) -> None:
    marks = kept(tmp_path, 12)
    begun = [{"kind": kind, "value": "9", "done": False} for kind in ("visit", "mode", "model", "update")]
    assert list(faults(tmp_path / "door", promised([*marks, *begun]))) == []


def test_a_door_that_is_open_for_all_after_a_power_cut_is_a_fault(tmp_path: Path) -> None:
    marks = kept(tmp_path, 6)
    with closing(StoredSettings(tmp_path / "door" / "state")) as settings:
        settings.set_mode(Mode.UNLOCKED)
    assert any("open for all" in fault for fault in faults(tmp_path / "door", promised(marks)))
