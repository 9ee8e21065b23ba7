"""What a sweep leaves: a table to read, its rows as CSV and JSON, and the figure."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from simulator.sweep import Floor, Point, Share, broken, curve, floors
from simulator.sweep_figure import figure
from simulator.trials import Counted

COLUMNS = (
    *("scene", "seed", "rate", "light", "chip", "threshold", "passed", "missed", "unsafe"),
    *("clean", "locked_out", "prey", "let_in"),
)


class Rows:
    """One line of CSV for each trial, written as soon as it is played."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", newline="", encoding="utf-8")
        self._rows = csv.writer(self._file)
        self._rows.writerow(COLUMNS)

    def add(self, each: Counted) -> None:
        """Write one trial."""
        trial = each.trial
        conditions = [each.name, trial.seed, trial.rate, trial.light, trial.chip, each.needed]
        missed = [each.passed, "; ".join(each.missed), "; ".join(each.unsafe)]
        self._rows.writerow([*conditions, *missed, each.clean, each.locked_out, each.prey, each.let_in])
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def write(folder: Path, counted: Sequence[Counted]) -> str:
    """Write table, JSON and figure of all trials so far into `folder`; the table."""
    table = text(counted)
    (folder / "sweep.txt").write_text(table + "\n", encoding="utf-8")
    (folder / "sweep.json").write_text(json.dumps(document(counted), indent=1) + "\n", encoding="utf-8")
    (folder / "sweep.svg").write_text(figure(curve(counted)), encoding="utf-8")
    return table


def text(counted: Sequence[Counted]) -> str:
    """The table: floors and safety as the scenes are written, then what each threshold came to."""
    lines = ["scene                      fps  passed     floor    not met with some seed"]
    lines += [_floor_line(each) for each in floors(counted)]
    lines += ["", "  fps  light       chip        threshold  false lockouts              prey let in"]
    lines += [_point_line(each) for each in curve(counted)]
    wrong = broken(counted)
    lines += ["", f"safety: broken in {len(wrong)} of {len(counted)} plays"]
    lines += [f"  {each.name} {each.trial}: {', '.join(each.unsafe)}" for each in wrong[:20]]
    return "\n".join(lines)


def _floor_line(each: Floor) -> str:
    passed = f"{each.passed} of {each.seeds}"
    verdict = "UNSAFE" if each.unsafe else "ok" if each.met else "TOO FEW"
    told = ", ".join(each.missed)
    return f"{each.name:<26} {each.rate:>3g}  {passed:<9}  {each.needed:>2} {verdict:<7} {told}".rstrip()


def _point_line(each: Point) -> str:
    conditions = f"{each.rate:>5g}  {each.light:<10}  {each.chip:<10}  {each.threshold:>9g}"
    return f"{conditions}  {each.false_lockouts!s:<26}  {each.prey_let_in}"


def document(counted: Sequence[Counted]) -> dict[str, object]:
    """The same for programs."""
    return {
        "plays": len(counted),
        "unsafe": [asdict(each) for each in broken(counted)],
        "floors": [{**asdict(each), "met": each.met} for each in floors(counted)],
        "thresholds": [
            {
                "rate": each.rate,
                "light": each.light,
                "chip": each.chip,
                "threshold": each.threshold,
                "false_lockouts": _share(each.false_lockouts),
                "prey_let_in": _share(each.prey_let_in),
            }
            for each in curve(counted)
        ],
    }


def _share(share: Share) -> dict[str, float]:
    return {"k": share.k, "n": share.n, "at_least": round(share.low, 5), "at_most": round(share.high, 5)}
