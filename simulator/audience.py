"""Who looks at scenes: on which screen, and how fast."""

from __future__ import annotations

import os
import time
from contextlib import suppress

from rich.console import Console

from device.messages import Decision, Frame, Observation
from simulator.board import Screen, Spectator
from simulator.performance import Audience
from simulator.play import Watch
from simulator.scene import Scene
from simulator.watching import factor
from simulator.world import World

FOLLOWED = "3"
"""How many times as fast as life one can still follow a scene."""
LONGEST_S = 1.0
"""Of real time, that one waits for a frame: where nothing happens the next one comes at once."""


def find_screen() -> Screen | None:
    """A window where there is a display, else the terminal, and None where nobody looks."""
    console = Console()
    if not console.is_terminal:
        return None
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        with suppress(ImportError, RuntimeError):
            from simulator.window import open_window  # noqa: PLC0415 - some Pythons come without tkinter

            return open_window()
    from simulator.terminal import Terminal  # noqa: PLC0415

    return Terminal(console)


def audience(screen: Screen | None, speed: str | None, seeing: str) -> Audience | None:
    """Whoever looks at a scene; None if nobody does and nothing is to be slowed down.

    Args:
        speed: how many times as fast as life, "max", or None: so that one can follow it on a screen.
        seeing: how it is seen, in words.

    Raises:
        ConfigError: `speed` is neither "max" nor a positive number.
    """
    wanted = speed or (FOLLOWED if screen else "max")
    times = None if wanted == "max" else factor(wanted)
    if screen is None and times is None:
        return None

    def take_seats(scene: Scene, world: World) -> Watch:
        spectator = None if screen is None else Spectator(scene, world, seeing, screen)
        pace = None if times is None else Pace(times)

        def watch(frame: Frame, observation: Observation, decision: Decision) -> None:
            if spectator is not None:
                spectator.watch(frame, observation, decision)
            if pace is not None:
                pace.wait(world.time)

        return watch

    return take_seats


class Pace:
    """Lets a scene pass `times` as fast as life, and passes over what was left out of it."""

    def __init__(self, times: float, since: float = 0.0) -> None:
        """`since` is the second of the scene that is now."""
        self._times = times
        self._ahead = since / times - time.monotonic()
        """How far the scene, at its pace, is ahead of the clock."""

    def wait(self, now: float) -> None:
        """Wait until the second `now` of the scene is due."""
        left = now / self._times - time.monotonic() - self._ahead
        if left > LONGEST_S:
            self._ahead += left - LONGEST_S
            left = LONGEST_S
        time.sleep(max(left, 0.0))
