"""A scene in a window: the picture with its boxes, beside it meters, bolt, reason and what happens."""

from __future__ import annotations

import tkinter
from tkinter import font

import cv2
import numpy as np

from device.messages import MeterReading, Outcome, Pixels
from simulator.board import Board

WIDTH_PX, HEIGHT_PX = 640, 480
PANEL_PX, MARGIN_PX, TITLE_PX = 480, 18, 44
PAPER, INK, FAINT, RULE = "#16181d", "#f2f2ee", "#8b9099", "#343943"
GREEN, RED, AMBER, CYAN = "#4cc26b", "#e5564f", "#e8b339", "#62b7d9"
OUTCOMES = {
    Outcome.UNLOCK: GREEN,
    Outcome.UNDECIDED: AMBER,
    Outcome.KEEP_LOCKED: "#5b616c",
    Outcome.LOCK_OUT: RED,
}
Face = tuple[str, int, str]
TOLD = {"world": FAINT, "bolt": CYAN, "info": INK, "warning": AMBER, "critical": RED}
BOX = (107, 194, 76)
"""Blue, green, red."""


class Window:
    """Implements board.Screen with the standard library's tkinter; one who closes it goes on unseen."""

    def __init__(self) -> None:
        """Open the window.

        Raises:
            tkinter.TclError: there is no display.
        """
        self._root: tkinter.Tk | None = tkinter.Tk()
        self._root.title("Latchlens")
        self._root.configure(background=PAPER)
        self._root.resizable(False, False)
        self._root.protocol("WM_DELETE_WINDOW", self.close)
        size = WIDTH_PX + PANEL_PX, HEIGHT_PX + TITLE_PX
        self._canvas = tkinter.Canvas(
            self._root, width=size[0], height=size[1], background=PAPER, highlightthickness=0
        )
        self._canvas.pack()
        family = font.nametofont("TkDefaultFont").actual("family")
        self._small: Face = (family, -13, "normal")
        self._bold: Face = (family, -15, "bold")
        self._large: Face = (family, -18, "bold")
        self._photo: tkinter.PhotoImage | None = None

    def show(self, board: Board) -> None:
        if self._root is None:
            return
        self._canvas.delete("all")
        self._heading(board)
        self._picture(board)
        self._panel(board)
        self._root.update()

    def close(self) -> None:
        if self._root is not None:
            self._root.destroy()
            self._root = None

    def _text(self, x: int, y: int, text: str, colour: str, face: Face, wrap: int = 0) -> int:
        """Write at the left top corner x, y; returns the y below it."""
        item = self._canvas.create_text(x, y, text=text, fill=colour, font=face, anchor="nw", width=wrap)
        return int(self._canvas.bbox(item)[3])

    def _heading(self, board: Board) -> None:
        self._text(MARGIN_PX, 11, board.title, INK, self._large)
        text = f"{board.time:.1f} s of {board.seconds:g}    {board.seeing}"
        right = WIDTH_PX + PANEL_PX - MARGIN_PX
        if len(board.title) + len(text) > 110:
            text = f"{board.time:.1f} s of {board.seconds:g}"
        self._canvas.create_text(right, 14, text=text, fill=FAINT, font=self._small, anchor="ne")

    def _picture(self, board: Board) -> None:
        image = with_boxes(board)
        header = f"P6 {WIDTH_PX} {HEIGHT_PX} 255 ".encode()
        data = header + cv2.cvtColor(image, cv2.COLOR_BGR2RGB).tobytes()
        self._photo = tkinter.PhotoImage(master=self._root, data=data, format="ppm")
        self._canvas.create_image(0, TITLE_PX, image=self._photo, anchor="nw")

    def _panel(self, board: Board) -> None:
        left, y = WIDTH_PX + MARGIN_PX, TITLE_PX + 4
        blind = board.blind is not None
        for place, name, value, colour in (
            (0, "bolt", board.bolt.lower(), GREEN if board.bolt == "UNLOCKED" else INK),
            (150, "flap", board.door, GREEN if board.door == "open" else INK),
            (300, "camera", f"blind: {board.blind}" if blind else "sees", RED if blind else INK),
        ):
            self._text(left + place, y, name, FAINT, self._small)
            self._text(left + place, y + 18, value, colour, self._large)
        y += 56
        self._canvas.create_rectangle(
            left, y, left + 8, y + 58, fill=OUTCOMES[board.outcome], outline=OUTCOMES[board.outcome]
        )
        self._text(left + 20, y, str(board.outcome), INK, self._large)
        self._text(left + 20, y + 24, board.reason, INK, self._small, PANEL_PX - 60)
        y += 78
        for meter in board.meters:
            self._meter(left, y, meter)
            y += 30
        for who, seconds in board.lockouts.items():
            y = self._text(left, y + 4, f"{who} is locked out for {seconds:.0f} s more", RED, self._bold)
        self._canvas.create_line(left, y + 8, left + PANEL_PX - 2 * MARGIN_PX, y + 8, fill=RULE)
        self._told(board, left, y + 16)

    def _told(self, board: Board, left: int, y: int) -> None:
        for time, kind, what in board.told:
            if y > TITLE_PX + HEIGHT_PX - 22:
                return
            self._text(left, y, f"{time:6.1f}", FAINT, self._small)
            y = self._text(left + 56, y, what, TOLD[kind], self._small, PANEL_PX - 56 - 2 * MARGIN_PX) + 3

    def _meter(self, left: int, y: int, meter: MeterReading) -> None:
        """From refuted on the left over nothing in the middle to proven on the right."""
        start, end = left + 120, left + PANEL_PX - 2 * MARGIN_PX - 56
        middle, reach = (start + end) / 2, (end - start) / 2 - 14
        span = meter.needed if meter.value >= 0 else -meter.refuted
        tip = middle + max(min(meter.value / span, 1.12), -1.12) * reach
        self._text(left, y, meter.name, INK, self._small)
        self._canvas.create_rectangle(start, y + 4, end, y + 14, fill="#23272f", outline="")
        colour = GREEN if meter.value >= 0 else RED
        self._canvas.create_rectangle(
            min(middle, tip), y + 4, max(middle, tip), y + 14, fill=colour, outline=""
        )
        for x, reached in ((middle + reach, True), (middle - reach, False)):
            mark = INK if meter.proven is reached else FAINT
            self._canvas.create_line(x, y, x, y + 18, fill=mark, width=3)
        self._text(round(end) + 12, y, f"{meter.value:+.1f}", FAINT, self._small)


def open_window() -> Window:
    """A window on the display.

    Raises:
        RuntimeError: the display cannot be used.
    """
    try:
        return Window()
    except tkinter.TclError as error:
        raise RuntimeError(str(error)) from None


def with_boxes(board: Board) -> Pixels:
    """The picture as large as the window has it, with a box and a label around everyone who is seen."""
    image = cv2.resize(board.picture, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
    for box, label, score in board.seen:
        left, top, right, bottom = box.pixels(HEIGHT_PX, WIDTH_PX)
        cv2.rectangle(image, (left, top), (right - 1, bottom - 1), BOX, 2, cv2.LINE_AA)
        text = f"{label} {score:.0%}"
        (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
        base = max(top, tall + 10)
        cv2.rectangle(image, (left, base - tall - 10), (left + wide + 10, base), BOX, cv2.FILLED)
        where = left + 5, base - 5
        cv2.putText(image, text, where, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 1, cv2.LINE_AA)
    return np.asarray(image, np.uint8)
