"""`latchlens simulate --scene`: scenes seen by the oracle, and how what they expect was met."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.scene import find_scene, read_scene, shipped_scenes
from simulator.stage import Result, play_scene

ALL = "all"


def play_scenes(names: Sequence[str], seed: int, rate: float, as_json: bool) -> bool:
    """Play the scenes in order and print how each went; true if every expectation was met.

    Raises:
        ConfigError: a scene does not exist or has a mistake; found before any is played.
    """
    paths = shipped_scenes() if list(names) == [ALL] else [find_scene(name) for name in names]
    scenes = [read_scene(path) for path in paths]
    passed = True
    for scene in scenes:
        began = time.perf_counter()
        with TemporaryDirectory(prefix="latchlens-") as folder:
            result = play_scene(scene, Path(folder), seed, rate)
        seconds = time.perf_counter() - began
        passed = passed and result.passed
        print(_as_json(result, seconds) if as_json else _in_words(result, seconds))
    return passed


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
            "vision": "oracle",
            "seed": result.seed,
            "rate": result.rate,
            "simulated_seconds": result.scene.seconds,
            "wall_seconds": round(seconds, 3),
            "decisions": result.decisions,
        }
    )


def _in_words(result: Result, seconds: float) -> str:
    lines = [f"{'ok  ' if result.passed else 'FAIL'} {result.scene.name}: {result.scene.title}"]
    lines += [f"     {result.scene.seconds:g} s in {seconds:.1f} s, oracle, seed {result.seed}"]
    for outcome in result.outcomes:
        asked = outcome.expectation
        words = " ".join(part for part in (asked.who, asked.that, asked.kind) if part)
        lines.append(f"     {'met   ' if outcome.met else 'MISSED'} {words}: {outcome.measured}")
    return "\n".join(lines)
