"""`latchlens settings`: what the owner has set the door to, also while the device runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import DEFAULT_PROJECT, JsonOption, ProjectOption, StateOption

if TYPE_CHECKING:
    from device.messages import Mode


def command(
    mode: Annotated[
        str | None, typer.Option(help='Set it: "normal", "locked", "unlocked", "in-only" or "out-only".')
    ] = None,
    enforce: Annotated[
        bool | None,
        typer.Option(
            "--enforce/--no-enforce",
            help="Whether the bolt obeys; until then it stays as [door] unenforced says.",
        ),
    ] = None,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the mode and whether the bolt obeys, or set them; a device that runs follows at once."""
    import json  # noqa: PLC0415

    from device.commands.options import chosen_folder  # noqa: PLC0415
    from device.tell.narrative import standing  # noqa: PLC0415
    from device.tell.records import Records  # noqa: PLC0415
    from device.tell.settings import ever_enforced, recovered  # noqa: PLC0415
    from device.tell.wire import document  # noqa: PLC0415

    wanted = None if mode is None else _mode(mode)
    folder = chosen_folder(project, state)
    if wanted is not None or enforce is not None:
        _set(folder, wanted, enforce)
    with Records(folder) as records:
        settings = recovered(records.settings(), ever_enforced(folder))
    print(json.dumps(document(settings)) if as_json else standing(settings))


def _mode(name: str) -> Mode:
    from device.errors import ConfigError, hint  # noqa: PLC0415
    from device.messages import Mode  # noqa: PLC0415

    modes = {mode.value: mode for mode in Mode}
    if name not in modes:
        raise ConfigError(f"--mode {name} does not exist; {hint(name, modes)}")
    return modes[name]


def _set(folder: Path, mode: Mode | None, enforce: bool | None) -> None:
    """Set what is given; the store comes first, for settings are read from one."""
    from contextlib import closing  # noqa: PLC0415

    from device.building.folder import make_folder  # noqa: PLC0415
    from device.clock import SystemClock  # noqa: PLC0415
    from device.tell.settings import StoredSettings  # noqa: PLC0415
    from device.tell.store import Store  # noqa: PLC0415

    wall = SystemClock().wall()
    Store(make_folder(folder), wall).close()
    with closing(StoredSettings(folder)) as settings:
        if mode is not None:
            settings.set_mode(mode, wall)
        if enforce is not None:
            settings.set_enforce(enforce, wall)
