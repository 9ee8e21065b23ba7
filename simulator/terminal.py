"""A scene on a terminal: the picture in half blocks, beside it meters, bolt, reason and what happens."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import lru_cache

import cv2
import numpy as np
from rich.color import Color
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.measure import Measurement
from rich.padding import Padding
from rich.panel import Panel
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from device.messages import Box, MeterReading, Outcome, Pixels
from simulator.board import Board

PANEL = 52
"""Columns of what stands beside the picture."""
LEAST, MOST = 36, 96
"""Columns of the picture."""
NARROW = 76
"""Columns below which there is no room for the picture."""
INTERVAL_S = 0.1
"""Least time between two drawings."""
BAR = 26
"""Columns of a meter, where there is room."""
VALUE = 14
"""Columns of a meter's value, and of what lies between and around it."""
OUTCOMES = {
    Outcome.UNLOCK: "bold white on dark_green",
    Outcome.UNDECIDED: "bold black on yellow3",
    Outcome.KEEP_LOCKED: "bold white on grey30",
    Outcome.LOCK_OUT: "bold white on dark_red",
}
BOLTS = {"LOCKED": "bold", "UNLOCKED": "bold green", "JAMMED": "bold red"}
TOLD = {"world": "grey62", "bolt": "cyan", "info": "white", "warning": "yellow", "critical": "bold red"}
BOX = (80, 230, 90)
"""Colour of a box; blue, green, red."""


class Terminal:
    """Implements board.Screen on a console that a person looks at."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, screen=True, auto_refresh=False)
        self._live.start()
        self._shown = 0.0

    def show(self, board: Board) -> None:
        """Draw the board, but no oftener than a terminal can follow."""
        now = time.monotonic()
        if now - self._shown >= INTERVAL_S:
            self._shown = now
            self._live.update(drawn(board, self._console.width, self._console.height), refresh=True)

    def close(self) -> None:
        self._live.stop()


def drawn(board: Board, width: int, height: int) -> RenderableType:
    """The board as large as it fits into `width` columns and `height` rows."""
    if width < NARROW:
        return Group(_heading(board), _beside(board, width))
    columns = min(max(width - PANEL - 2, LEAST), MOST, max((height - 4) * 8 // 3, LEAST))
    sides = Table.grid(padding=(0, 1))
    sides.add_column(width=columns)
    beside = min(PANEL, max(width - columns - 3, 30))
    sides.add_column(width=beside)
    sides.add_row(HalfBlocks(_boxed(board, columns)), _beside(board, beside))
    return Group(_heading(board), sides)


def _heading(board: Board) -> Text:
    text = Text(no_wrap=True, overflow="ellipsis")
    text.append(f" {board.time:6.1f} s of {board.seconds:g}  ", "bold black on white")
    text.append(f"  {board.title}  ", "bold")
    text.append(board.seeing, "grey62")
    return text


def _beside(board: Board, width: int) -> RenderableType:
    state = Table.grid(padding=(0, 2))
    state.add_row("bolt", Text(board.bolt, BOLTS.get(board.bolt, "bold yellow")))
    state.add_row("flap", Text(board.door, "bold green" if board.door == "open" else "bold"))
    state.add_row("camera", _camera(board))
    outcome = Text(f" {board.outcome} ", OUTCOMES[board.outcome])
    meters = Table.grid(padding=(0, 1))
    room = width - VALUE - max((len(meter.name) for meter in board.meters), default=0)
    length = max(min(BAR, room // 2 * 2), 8)
    for meter in board.meters:
        value = Text(f"{meter.value:+5.1f}", "grey62")
        meters.add_row(Text(meter.name, no_wrap=True), bar(meter, length), value)
    lockouts = [
        Text(f"{who} is locked out for {left:.0f} s more", "bold red") for who, left in board.lockouts.items()
    ]
    parts: list[RenderableType] = [
        Padding(state, (0, 0, 1, 0)),
        outcome,
        Text(board.reason, "italic"),
        Text(),
    ]
    parts += [meters, Text(), *lockouts, *_told(board)]
    return Panel(Group(*parts), border_style="grey42")


def _camera(board: Board) -> Text:
    if board.blind is not None:
        return Text(f"BLIND: {board.blind}", "bold red")
    seen = ", ".join(f"{label} {score:.0%}" for _, label, score in board.seen)
    return Text(seen or "sees nobody", "bold green" if seen else "grey62")


def _told(board: Board) -> Iterable[Text]:
    for when, kind, what in board.told:
        yield Text.assemble((f"{when:6.1f}  ", "grey42"), (what, TOLD[kind]))


def bar(meter: MeterReading, length: int = BAR) -> Text:
    """A meter of `length` characters: refuted on the left, nothing in the middle, proven on the right."""
    span = meter.needed if meter.value >= 0 else -meter.refuted
    half = length // 2
    filled = min(round(abs(meter.value) / max(span, 1e-9) * (half - 2)), half - 1)
    cells = [("─", "grey30")] * length
    for step in range(filled):
        place = half + step if meter.value >= 0 else half - 1 - step
        cells[place] = ("█", "green" if meter.value >= 0 else "red")
    cells[length - 2] = ("┃", "bold green" if meter.proven is True else "grey62")
    cells[1] = ("┃", "bold red" if meter.proven is False else "grey62")
    return Text.assemble(*cells)


def _boxed(board: Board, columns: int) -> Pixels:
    """The picture, two pixels a character, with a thin box around everyone who is seen."""
    height, width = board.picture.shape[:2]
    size = columns, columns * height // width // 2 * 2
    small = cv2.resize(board.picture, size, interpolation=cv2.INTER_AREA)
    for box, _, _ in board.seen:
        _outline(small, box, size)
    # Fewer shades: the same styles come again from frame to frame, and making one is what takes time.
    return np.asarray(small, np.uint8) & np.uint8(0xF0)


def _outline(image: cv2.typing.MatLike, box: Box, size: tuple[int, int]) -> None:
    left, top, right, bottom = box.pixels(size[1], size[0])
    cv2.rectangle(image, (left, top), (right - 1, bottom - 1), BOX, 1)


class HalfBlocks:
    """A rich renderable: a picture of which each character shows two pixels, one above the other."""

    def __init__(self, image: Pixels) -> None:
        self._image = image

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(self._image.shape[1], self._image.shape[1])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for upper, lower in zip(self._image[::2].tolist(), self._image[1::2].tolist(), strict=True):
            for above, below in zip(upper, lower, strict=True):
                yield Segment("▀", _style(*above, *below))
            yield Segment.line()


@lru_cache(maxsize=1 << 15)
def _style(blue: int, green: int, red: int, blue_below: int, green_below: int, red_below: int) -> Style:
    colours = (Color.from_rgb(red, green, blue), Color.from_rgb(red_below, green_below, blue_below))
    return Style(color=colours[0], bgcolor=colours[1])
