"""A scene as a person looks at it: on a terminal, in a window, and without any change to what is decided."""

from __future__ import annotations

import io
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from device.messages import Box, MeterReading, Outcome
from simulator.board import Board, Spectator
from simulator.performance import play_scene
from simulator.scene import find_scene, read_scene
from simulator.terminal import bar, drawn

SHORT = """
title = "A short evening"
seconds = 9

[[visitor]]
name = "mimi"
arrives = 1.0
"""
UPPER = np.s_[:240]


def board(**changes: object) -> Board:
    picture = np.zeros((480, 640, 3), np.uint8)
    picture[UPPER] = (0, 0, 240)
    given = {"title": "An evening", "seconds": 60, "seeing": "oracle, seed 0", "picture": picture}
    shown = Board(**given)  # type: ignore[arg-type]
    for name, value in changes.items():
        setattr(shown, name, value)
    return shown


def on_terminal(shown: Board, width: int = 140, height: int = 40) -> str:
    console = Console(file=io.StringIO(), width=width, height=height, color_system=None)
    with console.capture() as captured:
        console.print(drawn(shown, width, height))
    return captured.get()


def meter(value: float, proven: bool | None = None) -> MeterReading:
    return MeterReading("mouth empty", value, 4.0, -4.0, 5, proven)


def test_a_terminal_shows_bolt_flap_reason_meters_lockouts_and_what_happened():
    text = on_terminal(
        board(
            time=12.3,
            bolt="UNLOCKED",
            door="open",
            outcome=Outcome.UNDECIDED,
            reason="waiting: mouth not seen",
            meters=(meter(2.7),),
            lockouts={"mimi": 27.6},
            seen=((Box(0.4, 0.4, 0.2, 0.3), "cat", 0.67),),
        )
    )
    for part in ("12.3 s of 60", "An evening", "UNLOCKED", "open", "undecided", "waiting: mouth not seen"):
        assert part in text
    for part in ("mouth empty", "+2.7", "mimi is locked out for 28 s more", "cat 67%", "▀"):
        assert part in text


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_nothing_is_wider_than_the_terminal(width):
    lines = on_terminal(board(reason="a long reason " * 9, meters=(meter(1.0),)), width, 30).splitlines()
    assert max(map(len, lines)) <= width
    (shown,) = [line for line in lines if "mouth empty" in line]
    assert shown.count("┃") == 2, "both thresholds are to be seen"


def test_a_blind_camera_is_told_in_place_of_what_it_sees():
    assert "BLIND: frozen" in on_terminal(board(blind="frozen"))


def test_a_meter_grows_from_the_middle_to_the_side_that_it_speaks_for():
    for value, empty, full in ((3.9, slice(2, 13), slice(13, 23)), (-3.9, slice(13, 24), slice(3, 13))):
        cells = bar(meter(value)).plain
        assert set(cells[empty]) == {"─"}
        assert set(cells[full]) == {"█"}
    assert "█" not in bar(meter(0.0)).plain


def test_looking_at_a_scene_changes_nothing_that_is_decided(tmp_path):
    path = tmp_path / "short.toml"
    path.write_text(SHORT, encoding="utf-8")
    shown: list[tuple[float, str, int]] = []

    class Notes:
        def show(self, board: Board) -> None:
            shown.append((board.time, board.bolt, len(board.meters)))

        def close(self) -> None:
            """Nothing to give back."""

    def audience(scene, world):
        return Spectator(scene, world, "oracle", Notes()).watch

    results = []
    for number, given in enumerate((None, audience)):
        folder = tmp_path / str(number)
        folder.mkdir()
        results.append(play_scene(read_scene(path), folder, audience=given))
    unseen, seen = results
    assert unseen.decisions == seen.decisions
    assert "UNLOCKED" in {bolt for _, bolt, _ in shown}
    assert max(meters for *_, meters in shown) == 4, "who, mimi, luna, mouth"


def test_what_only_repeats_itself_is_counted_and_does_not_push_out_the_rest(tmp_path):
    path = tmp_path / "short.toml"
    path.write_text(SHORT.replace('"mimi"', '"the tom"'), encoding="utf-8")
    told: list[str] = []

    class Notes:
        def show(self, board: Board) -> None:
            told[:] = [what for _, _, what in board.told]

        def close(self) -> None:
            """Nothing to give back."""

    play_scene(
        read_scene(path),
        tmp_path,
        audience=lambda scene, world: Spectator(scene, world, "oracle", Notes()).watch,
    )
    assert told[-1] == "the tom pushes ×3"
    assert "the tom arrives" in told


def test_the_meters_that_are_shown_are_the_device_s_own(tmp_path):
    path = find_scene("s1")
    last: dict[str, float] = {}

    class Notes:
        def show(self, board: Board) -> None:
            last.update({each.name: each.value for each in board.meters} if board.bolt == "LOCKED" else {})

        def close(self) -> None:
            """Nothing to give back."""

    told = play_scene(
        read_scene(path),
        tmp_path,
        audience=lambda scene, world: Spectator(scene, world, "oracle", Notes()).watch,
    ).record.visits
    assert set(last) == {each.name for each in told[0].evidence}


def test_on_a_terminal_the_command_shows_the_scene_and_then_tells_how_it_went(tmp_path):
    path = tmp_path / "short.toml"
    path.write_text(SHORT, encoding="utf-8")
    hidden = {"DISPLAY", "WAYLAND_DISPLAY"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment |= {"TERM": "xterm-256color", "COLUMNS": "140", "LINES": "40"}
    arguments = [
        sys.executable,
        "-m",
        "device",
        "simulate",
        "--scene",
        str(path),
        "--speed",
        "max",
        "--rate",
        "3",
    ]
    above, below = pty.openpty()
    with subprocess.Popen(arguments, stdout=below, stderr=below, env=environment) as process:
        os.close(below)
        written = _everything(above)
    text = written.decode(errors="replace")
    assert process.returncode == 0
    assert "▀" in text
    assert "\x1b[?1049h" in text, "the picture has a screen of its own"
    after = text.rpartition("\x1b[?1049l")[2]
    assert "A short evening" in re.sub(r"\x1b\[[^a-zA-Z]*[a-zA-Z]", "", after)


def _everything(descriptor: int) -> bytes:
    parts = []
    while True:
        try:
            part = os.read(descriptor, 1 << 16)
        except OSError:  # what Linux says when the other end is closed
            break
        if not part:
            break
        parts.append(part)
    os.close(descriptor)
    return b"".join(parts)


def test_a_window_shows_the_picture_on_a_real_display(tmp_path, monkeypatch):
    pytest.importorskip("tkinter", reason="this Python has no tkinter")
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed: apt-get install xvfb")
    from simulator.window import HEIGHT_PX, TITLE_PX, WIDTH_PX, open_window

    read_end, write_end = os.pipe()
    size = ("-screen", "0", "1200x600x24", "-fbdir", str(tmp_path))
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), *size], pass_fds=[write_end], stderr=subprocess.DEVNULL
    ) as server:
        try:
            os.close(write_end)
            monkeypatch.setenv("DISPLAY", f":{os.read(read_end, 16).decode().strip()}")
            window = open_window()
            for _ in range(3):
                window.show(board(bolt="LOCKED", meters=(meter(2.0),), reason="because"))
            pixels = _screen(tmp_path / "Xvfb_screen0")
            window.close()
            window.show(board())  # whoever closes the window lets the scene go on
        finally:
            os.close(read_end)
            server.terminate()
    picture = pixels[TITLE_PX : TITLE_PX + HEIGHT_PX, :WIDTH_PX]
    assert picture[UPPER][..., 2].min() > 200
    assert picture[240:].max() == 0
    panel = pixels[TITLE_PX : TITLE_PX + HEIGHT_PX, WIDTH_PX:1100]
    assert panel.max() > 200, "and something is written beside it"


def _screen(path: Path) -> np.ndarray:
    """The pixels of Xvfb's memory, which is a file in the format of xwd."""
    data = path.read_bytes()
    header = np.frombuffer(data, ">u4", 25)
    start = int(header[0]) + 12 * int(header[19])
    height, stride = int(header[5]), int(header[12])
    rows = np.frombuffer(data, np.uint8, height * stride, start).reshape(height, stride // 4, 4)
    return rows[..., :3]


def test_without_a_screen_or_with_headless_only_the_result_is_told(latchlens, tmp_path):
    path = tmp_path / "short.toml"
    path.write_text(SHORT, encoding="utf-8")
    for extra in ((), ("--headless",)):
        answer = latchlens("simulate", "--scene", path, *extra).went_well()
        assert "▀" not in answer.out
        assert "A short evening" in answer.out


def test_a_speed_that_is_none_is_refused(latchlens):
    latchlens("simulate", "--scene", "s1", "--speed", "fast").refused("--speed fast", "max", status=2)
