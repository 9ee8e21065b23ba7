"""What `latchlens train` and `latchlens evaluate` have in common: options, a progress bar, and the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import project_path

if TYPE_CHECKING:
    from device.config import Project
    from device.training import Lesson

TaskArgument = Annotated[str, typer.Argument(help='What is learnt, as "prey" or "who".')]
AlphaOption = Annotated[
    float, typer.Option(min=0.001, max=0.5, help="The most of bad attempts that may get in.")
]
DeltaOption = Annotated[
    float, typer.Option(min=0.001, max=0.5, help="The probability that the promise may be broken.")
]
PatienceOption = Annotated[
    float,
    typer.Option(min=0.001, max=0.5, help="How many clean visits may be kept out while nothing is promised."),
]
ByOption = Annotated[str, typer.Option("--by", help="Only by visit.")]

ALPHA, DELTA, PATIENCE = 0.10, 0.05, 0.015


def chosen(project: str, state: Path | None) -> tuple[Project, Path]:
    """The project and the state directory that the options mean."""
    from device.building.folder import state_folder  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415

    found = read_project(project_path(project))
    return found, state_folder(found, state)


@contextmanager
def bar(what: str) -> Iterator[Callable[[float], None]]:
    """Shows on a terminal how far it has come, 0..1."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        shown = progress.add_task(what, total=1.0)
        yield lambda share: progress.update(shown, completed=share)


def tell(lesson: Lesson) -> None:
    """Print the table of visits first, then promises, labels and advice."""
    from device.learn.summary import advice, event_table, label_table, promise_lines  # noqa: PLC0415

    evaluation = lesson.evaluation
    how = "by heads taught without them" if lesson.split.approximate else "newer than all that taught it"
    print(f"taught with {evaluation.training} pictures, judged by {evaluation.testing}, {how}")
    for remark in evaluation.remarks:
        print(remark)
    for what, figure in event_table(evaluation):
        print(f"  {what:38} {figure}")
    for line in promise_lines(evaluation, lesson.promises):
        print(f"  {line}")
    print(f"  {'label':14} precision  recall  F1     assumed threshold  pictures")
    for label, precision, recall, f1, threshold, count in label_table(evaluation):
        print(f"  {label:14} {precision:9}  {recall:6}  {f1:5}  {threshold:17}  {count}")
    for line in advice(evaluation, lesson.promises):
        print(f"to improve: {line}")
