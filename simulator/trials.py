"""One scene played once under changed conditions, and what a sweep counts of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.expectations import SAFETY
from simulator.light import LightChange
from simulator.performance import play_scene
from simulator.record import Record
from simulator.scene import Scene, read_scene
from simulator.visitors import NO_CHIP, Visitor

AS_WRITTEN = "as written"
LIGHTS = (AS_WRITTEN, "day", "dusk", "infrared")
CHIPS = (AS_WRITTEN, "none")


@dataclass(frozen=True, slots=True)
class Trial:
    """A scene with the conditions under which it is to be played."""

    scene: str
    """Path of its file."""
    seed: int
    rate: float = 10.0
    light: str = AS_WRITTEN
    chip: str = AS_WRITTEN
    threshold: float | None = None
    """Of the mouth's meter, for proof and refutation alike; None: as the scene's project says."""

    @property
    def as_written(self) -> bool:
        """Whether the scene's floor holds: nothing but seed and frame rate was chosen."""
        return (self.light, self.chip, self.threshold) == (AS_WRITTEN, AS_WRITTEN, None)


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of a trial."""

    trial: Trial
    name: str
    needed: float
    """The mouth's threshold that was in force."""
    floor: int
    passed: bool
    missed: tuple[str, ...]
    """The expectations that were not met."""
    unsafe: tuple[str, ...]
    """Those of them that are about safety."""
    clean: int
    """Visits of the household's animals with an empty mouth."""
    locked_out: int
    """So many of them ended in a lockout."""
    prey: int
    """Visits of the household's animals with prey."""
    let_in: int
    """So many of them came in with it."""


def run(trial: Trial) -> Counted:
    """Play a trial in a state directory of its own, which is deleted."""
    scene = changed(_scene(trial.scene), trial)
    with TemporaryDirectory(prefix="latchlens-sweep-") as folder:
        result = play_scene(scene, Path(folder) / "state", trial.seed, trial.rate)
    missed = [each for each in result.outcomes if not each.met]
    clean, locked_out = count_lockouts(scene, result.record)
    prey, let_in = count_prey(scene, result.record)
    return Counted(
        trial=trial,
        name=scene.name,
        needed=scene.project.policy.evidence.prey.prove,
        floor=scene.floor,
        passed=result.passed,
        missed=tuple(each.expectation.that for each in missed),
        unsafe=tuple(each.expectation.that for each in missed if each.expectation.that in SAFETY),
        clean=clean,
        locked_out=locked_out,
        prey=prey,
        let_in=let_in,
    )


@cache
def _scene(path: str) -> Scene:
    return read_scene(Path(path))


def changed(scene: Scene, trial: Trial) -> Scene:
    """The scene in the light, with the chips and with the threshold of a trial."""
    if trial.light != AS_WRITTEN:
        light = () if trial.light == "day" else (LightChange(trial.light),)  # type: ignore[arg-type]
        scene = replace(scene, lights=light)
    if trial.chip == "none":
        scene = replace(scene, visitors=tuple(replace(each, chip=NO_CHIP) for each in scene.visitors))
    if trial.threshold is not None:
        policy = scene.project.policy
        prey = replace(policy.evidence.prey, prove=trial.threshold, refute=trial.threshold)
        policy = replace(policy, evidence=replace(policy.evidence, prey=prey))
        scene = replace(scene, project=replace(scene.project, policy=policy))
    return scene


def _stays(scene: Scene) -> list[tuple[Visitor, float]]:
    """The visits of the household's animals from outside, each with when the same animal comes next."""
    own = {animal.name for animal in scene.project.policy.animals}
    coming = sorted(scene.visitors, key=lambda each: each.arrives)
    stays = []
    for number, visitor in enumerate(coming):
        again = (each.arrives for each in coming[number + 1 :] if each.name == visitor.name)
        if visitor.name in own and visitor.starts == "outside":
            stays.append((visitor, next(again, math.inf)))
    return stays


def _brings_prey(visitor: Visitor) -> bool:
    return visitor.carries or visitor.grabs is not None


def count_prey(scene: Scene, record: Record) -> tuple[int, int]:
    """Visits with prey, and those in which it was carried through the flap."""
    stays = [(each, end) for each, end in _stays(scene) if _brings_prey(each)]
    entered = [each for each in record.happenings if each.what == "enters" and each.carrying]
    came = [
        any(each.who == visitor.name and visitor.arrives <= each.time < end for each in entered)
        for visitor, end in stays
    ]
    return len(stays), sum(came)


def count_lockouts(scene: Scene, record: Record) -> tuple[int, int]:
    """Visits with an empty mouth, and those with a lockout while none with prey was about."""
    lockouts = [each.time for each in record.events if each.kind == "lockout"]
    spans = {visitor: (visitor.arrives, _left(record, visitor, end)) for visitor, end in _stays(scene)}
    laden = [span for visitor, span in spans.items() if _brings_prey(visitor)]
    blamed = [time for time in lockouts if not any(begins <= time <= ends for begins, ends in laden)]
    clean = [span for visitor, span in spans.items() if not _brings_prey(visitor)]
    return len(clean), sum(any(begins <= time <= ends for time in blamed) for begins, ends in clean)


def _left(record: Record, visitor: Visitor, end: float) -> float:
    """When a visitor was gone, in or away."""
    whose = (each for each in record.happenings if each.who == visitor.name and each.time >= visitor.arrives)
    return min(next((each.time for each in whose if each.what in ("inside", "leaves")), end), end)
