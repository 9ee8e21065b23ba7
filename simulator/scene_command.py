"""`latchlens simulate --scene`: plays scenes and prints how what they expect was met."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from device.errors import ConfigError, hint
from simulator.scene import find_scene, read_scene, shipped_scenes
from simulator.stage import Result, play_scene
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


def play_scenes(names: Sequence[str], showing: Showing) -> bool:
    """Play the scenes in order and print how each went; true if every expectation was met.

    Raises:
        ConfigError: a scene does not exist or has a mistake; found before any is played.
        PictureError: seen by the real models, without scikit-image.
    """
    paths = shipped_scenes() if list(names) == [ALL] else [find_scene(name) for name in names]
    scenes = [read_scene(path) for path in paths]
    passed = True
    with TemporaryDirectory(prefix="latchlens-") as kept:
        vision = _vision(showing, Path(kept))
        if vision.saying and not showing.as_json:
            print(vision.saying)
        for scene in scenes:
            began = time.perf_counter()
            with TemporaryDirectory(prefix="latchlens-") as folder:
                result = play_scene(scene, Path(folder), showing.seed, showing.rate, vision)
            seconds = time.perf_counter() - began
            passed = passed and result.passed
            print(_as_json(result, seconds) if showing.as_json else _in_words(result, seconds), flush=True)
    return passed


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
