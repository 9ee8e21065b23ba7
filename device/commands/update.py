"""`latchlens update`: another version, and the one from before if that fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import JsonOption

if TYPE_CHECKING:
    from device.updating.change import Change
    from device.updating.history import Account

KEYS = Path("/etc/latchlens-release-keys")
"""Only root may write there: it says whose releases root installs."""
UNIT = "latchlens-update-now"
PATIENCE_S = 60.0
"""The updater looks at what was staged at once, unless it is not installed."""


def command(
    file: Annotated[Path | None, typer.Argument(help="A release, *.latchlens.", show_default=False)] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to the version from before.")] = False,
    status: Annotated[
        bool, typer.Option("--status", help="What runs, and what became of the last update.")
    ] = False,
    allow_downgrade: Annotated[bool, typer.Option(help="Take an older release, too.")] = False,
    as_json: JsonOption = False,
    here: Annotated[bool, typer.Option("--here", hidden=True, help="In this process.")] = False,
    staged: Annotated[bool, typer.Option("--staged", hidden=True, help="What was staged.")] = False,
    going_back: Annotated[bool, typer.Option("--return", hidden=True, help="End one cut short.")] = False,
) -> None:
    """Install a signed release beside the version that runs and switch to it while the bolt rests.

    It tests itself, then runs ten minutes on trial. If it fails, the version from before runs again.
    """
    chosen = [file is not None, rollback, status, staged, going_back]
    if sum(chosen) != 1:
        raise typer.BadParameter("name one release, or give one of --rollback and --status")
    if status:
        _show(as_json)
    elif going_back:
        _return()
    elif staged:
        _take_staged()
    elif here:
        _change_here(file, allow_downgrade)
    else:
        _ask(file, allow_downgrade)


def _show(as_json: bool) -> None:
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from device.updating.history import current_account  # noqa: PLC0415
    from device.updating.places import CURRENT, PREVIOUS, Places  # noqa: PLC0415

    places = Places()
    account = current_account(places)
    current, previous = places.named(CURRENT), places.named(PREVIOUS)
    if as_json:
        told = asdict(account) if account else None
        print(json.dumps({"current": current, "previous": previous, "last_update": told}))
        return
    print(f"runs:    {current or 'nothing is installed; see docs/install.md'}")
    print(f"before:  {previous or 'none'}")
    print(f"update:  {account.words() if account else 'none yet'}")


def _change() -> Change:
    from device.clock import SystemClock  # noqa: PLC0415
    from device.updating.change import Change  # noqa: PLC0415
    from device.updating.history import instant  # noqa: PLC0415
    from device.updating.places import Places  # noqa: PLC0415
    from device.updating.systemd import OwnersCopy, Systemd  # noqa: PLC0415

    clock = SystemClock()
    return Change(Places(), Systemd(), OwnersCopy(), lambda: instant(clock.wall()))


def _change_here(file: Path | None, downgrade: bool) -> None:
    from device.updating import procedure  # noqa: PLC0415
    from device.updating.change import alone  # noqa: PLC0415

    change = _change()
    with alone(change.places):
        if file is None:
            procedure.roll_back(change)
        else:
            procedure.install(file, change, KEYS, downgrade)


def _take_staged() -> None:
    from device.updating.places import HOME  # noqa: PLC0415
    from device.updating.staging import take  # noqa: PLC0415
    from device.updating.systemd import STATE  # noqa: PLC0415

    taken = take(STATE, HOME)
    try:
        _change_here(taken, downgrade=False)
    finally:
        taken.unlink(missing_ok=True)


def _return() -> None:
    from dataclasses import replace  # noqa: PLC0415

    from device.updating.change import alone  # noqa: PLC0415
    from device.updating.systemd import Systemd  # noqa: PLC0415

    change = replace(_change(), machine=Systemd(waits=False))
    with alone(change.places):
        if change.go_back():
            change.places.sweep()


def _ask(file: Path | None, downgrade: bool) -> None:
    """Let systemd do it, which outlives this terminal, and tell how it goes."""
    import os  # noqa: PLC0415
    import time  # noqa: PLC0415

    from device.updating.history import read_account  # noqa: PLC0415
    from device.updating.places import HOME  # noqa: PLC0415
    from device.updating.staging import stage  # noqa: PLC0415
    from device.updating.systemd import STATE, run_apart  # noqa: PLC0415

    before = read_account(HOME)
    if os.geteuid() == 0:
        wanted = ["--rollback"] if file is None else [str(file.absolute())]
        apart = run_apart(UNIT, ["update", "--here", *wanted, *(["--allow-downgrade"] if downgrade else [])])
        _follow(before, lambda _: apart.poll() is None)
    elif file is None or downgrade:
        raise typer.BadParameter("this needs root: sudo latchlens update …")
    else:
        print(f"{stage(file, STATE)} waits for the updater")
        begun_by = time.monotonic() + PATIENCE_S
        _follow(
            before, lambda told: told.under_way if told and told != before else time.monotonic() < begun_by
        )


def _follow(before: Account | None, goes_on: Callable[[Account | None], bool]) -> None:
    """Print how the update goes; raises UpdateError unless it ends well."""
    import time  # noqa: PLC0415

    from device.errors import UpdateError  # noqa: PLC0415
    from device.updating.history import Stage, read_account  # noqa: PLC0415
    from device.updating.places import HOME  # noqa: PLC0415

    told, last = before, False
    while not last:
        last = not goes_on(told)  # once more after the end, for what was said last
        account = read_account(HOME)
        if account != told and account:
            print(account.words(), flush=True)
        told = account
        time.sleep(0 if last else 1)
    if told == before:
        raise UpdateError(
            "the update did not begin; `journalctl -u latchlens-update -u latchlens-update-now`"
        )
    if told and told.stage is not Stage.DONE:
        raise UpdateError("the update failed; the door goes on as before")
