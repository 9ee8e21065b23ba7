"""`latchlens simulate --scene`: plays scenes and prints how what they expect was met."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from device.errors import ConfigError, hint
from simulator.audience import audience, find_screen
from simulator.performance import Result, play_scene
from simulator.scene import Scene, find_scene, shipped_scenes
from simulator.vision import ORACLE, Vision

ALL = "all"
VISIONS = ("oracle", "real")


@dataclass(frozen=True, slots=True)
class Showing:
    """How scenes are to be played."""

    seed: int = 0
    rate: float = 10.0
    vision: str = "oracle"
    as_json: bool = False
    sprites: Path | None = None
    """A folder of the owner's own cut-outs, for the real models."""
    headless: bool = False
    speed: str | None = None
    """How many times as fast as life, or "max"; None: as fast as one can follow, and unseen "max"."""


def named_scenes(names: Sequence[str]) -> list[Path]:
    """The files of scenes given by path or name; "all" stands for each that is shipped.

    Raises:
        ConfigError: a scene does not exist.
    """
    return shipped_scenes() if list(names) == [ALL] else [find_scene(name) for name in names]


def play_scenes(scenes: Sequence[Scene], showing: Showing) -> bool:
    """Play the scenes in order and print how each went; true if every expectation was met.

    Raises:
        ConfigError: there is no such way of seeing.
        PictureError: seen by the real models, without scikit-image.
    """
    tell = _as_json if showing.as_json else _in_words
    with ExitStack() as parts:
        vision = _vision(showing, Path(parts.enter_context(TemporaryDirectory(prefix="latchlens-"))))
        screen = None if showing.headless or showing.as_json else find_screen()
        seats = audience(screen, showing.speed, f"{vision.name}, seed {showing.seed}")
        # What is printed while a terminal shows the picture would be lost under it.
        say = _Sayings(at_once=screen is None)
        parts.callback(say.rest)
        if screen is not None:
            parts.callback(screen.close)
        if vision.saying and not showing.as_json:
            say(vision.saying)
        passed = True
        for scene in scenes:
            began = time.perf_counter()
            with TemporaryDirectory(prefix="latchlens-") as folder:
                result = play_scene(scene, Path(folder), showing.seed, showing.rate, vision, audience=seats)
            passed = passed and result.passed
            say(tell(result, time.perf_counter() - began))
    return passed


class _Sayings:
    """Prints at once, or when the screen is free again."""

    def __init__(self, *, at_once: bool) -> None:
        self._at_once = at_once
        self._kept: list[str] = []

    def __call__(self, line: str) -> None:
        if self._at_once:
            print(line, flush=True)
        else:
            self._kept.append(line)

    def rest(self) -> None:
        """Print what was kept back."""
        for line in self._kept:
            print(line)


def _vision(showing: Showing, folder: Path) -> Vision:
    """The way of seeing; what it learns is kept in `folder`."""
    if showing.vision == "oracle":
        if showing.sprites is not None:
            raise ConfigError(
                "--sprites is of no use to the oracle, which sees no pictures: add --vision real"
            )
        return ORACLE
    if showing.vision != "real":
        raise ConfigError(f"--vision {showing.vision}; {hint(showing.vision, VISIONS)}")
    from simulator.real import RealVision  # noqa: PLC0415 - brings the models' interpreter

    return RealVision(folder, showing.sprites)


def _as_json(result: Result, seconds: float) -> str:
    expectations = [
        {
            "that": outcome.expectation.that,
            "who": outcome.expectation.who,
            "kind": outcome.expectation.kind,
            "met": outcome.met,
            "measured": outcome.measured,
        }
        for outcome in result.outcomes
    ]
    return json.dumps(
        {
            "scene": result.scene.name,
            "title": result.scene.title,
            "passed": result.passed,
            "expectations": expectations,
            "visits": [str(visit.kind) for visit in result.record.visits],
            "vision": result.vision,
            "seed": result.seed,
            "rate": result.rate,
            "simulated_seconds": result.scene.seconds,
            "wall_seconds": round(seconds, 3),
            "decisions": result.decisions,
        }
    )


def _in_words(result: Result, seconds: float) -> str:
    lines = [f"{'ok  ' if result.passed else 'FAIL'} {result.scene.name}: {result.scene.title}"]
    lines += [f"     {result.scene.seconds:g} s in {seconds:.1f} s, {result.vision}, seed {result.seed}"]
    for outcome in result.outcomes:
        asked = outcome.expectation
        words = " ".join(part for part in (asked.who, asked.that, asked.kind) if part)
        lines.append(f"     {'met   ' if outcome.met else 'MISSED'} {words}: {outcome.measured}")
    return "\n".join(lines)
