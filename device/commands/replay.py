"""`latchlens replay`: decide a recorded journal again and print what comes out otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import CHECKED_LATER, JsonOption

if TYPE_CHECKING:
    from device.messages import Decision


def command(
    journal: Annotated[
        Path,
        typer.Argument(help="A .jsonl file of the journal, or a folder of them.", readable=CHECKED_LATER),
    ],
    project: Annotated[
        str | None,
        typer.Option("--project", "-p", help="Decide by this project instead of the recorded one."),
    ] = None,
    as_json: JsonOption = False,
    wording: Annotated[
        bool, typer.Option("--wording", help="Also print differences of wording only.")
    ] = False,
) -> None:
    """Decide JOURNAL again; exit status 1 if any decision differs."""
    from device.commands.options import project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415
    from device.replay import open_replay  # noqa: PLC0415

    text = read_project(project_path(project)).text if project else None
    passes = found = 0
    replay = None
    for path in _files(journal):
        replay = open_replay(path, text, replay)
        for difference in replay.differences():
            if difference.matters or wording:
                found += 1
                _print(difference.time, difference.recorded, difference.decided, as_json)
        passes += replay.passes
    if as_json:
        import json  # noqa: PLC0415

        print(json.dumps({"passes": passes, "differences": found}))
    else:
        print(f"{passes} passes decided again, {found or 'no'} difference{'' if found == 1 else 's'}")
    raise typer.Exit(1 if found else 0)


def _files(journal: Path) -> list[Path]:
    from device.errors import StoreError  # noqa: PLC0415

    if not journal.is_dir():
        return [journal]
    files = sorted(journal.glob("*.jsonl"))
    if not files:
        raise StoreError(f"{journal}: holds no journal; it lies in journal/ of the state directory")
    return files


def _print(time: float, recorded: Decision, decided: Decision, as_json: bool) -> None:
    if as_json:
        import json  # noqa: PLC0415

        from device.tell.wire import document  # noqa: PLC0415

        print(json.dumps({"time": time, "recorded": document(recorded), "decided": document(decided)}))
        return
    for sign, decision in (("-", recorded), ("+", decided)):
        held = "open" if decision.lease else "would open" if decision.would else "shut"
        told = ", ".join(
            f"{visit.id} {visit.phase} {visit.kind or visit.outcome}" for visit in decision.visits
        )
        print(f"{sign} {time:9.3f} s  {held:10}  {decision.rule}: {decision.reason}  {told}")
