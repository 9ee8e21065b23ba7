"""`latchlens simulate --sweep`: plays scenes under many conditions and says what holds in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from device.building.folder import make_folder
from simulator.scene import read_scene
from simulator.sweep import broken, cores, floors, play, trials
from simulator.sweep_report import Rows, write
from simulator.trials import Counted


def sweep(scenes: Sequence[Path], seeds: int, over: Sequence[str], folder: Path) -> bool:
    """Sweep, write what came of it into `folder` and print the table; true if every floor and promise holds.

    Raises:
        ConfigError: a scene or a condition has a mistake; found before any is played.
        StoreError: the folder cannot be made.
    """
    for path in scenes:
        read_scene(path)
    chosen = trials([str(path) for path in scenes], seeds, over)
    make_folder(folder)
    counted: list[Counted] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with closing(Rows(folder / "plays.csv")) as rows, Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("scenes", total=len(chosen))

        def done(each: Counted) -> None:
            counted.append(each)
            rows.add(each)
            unsafe = len(broken(counted))
            bar.update(task, advance=1, description=f"scenes, {unsafe} unsafe" if unsafe else "scenes")

        whole = play(chosen, cores(), done)
    counted.sort(key=lambda each: (each.name, each.trial.rate, each.trial.seed))
    print(write(folder, counted))
    print(f"{'' if whole else 'interrupted; so far: '}{len(counted)} of {len(chosen)} plays in {folder}")
    return whole and not broken(counted) and all(each.met for each in floors(counted))
