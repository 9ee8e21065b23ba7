"""`latchlens config`: look at a project file, compare it, bring it up to date, go back to an earlier one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import DEFAULT_PROJECT, JsonOption, ProjectOption, StateOption, project_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from device.editing.differences import Difference

app = typer.Typer(help="Look at a project file, compare it, bring it up to date, go back to an earlier one.")

LAST_GOOD = "last-good"
DEFAULTS = "defaults"


@app.command()
def show(
    project: ProjectOption = DEFAULT_PROJECT,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what the file leaves out, by its default.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print what the file says, in the newest version of its format."""
    from device.editing.differences import complete  # noqa: PLC0415
    from device.editing.files import read, up_to_date  # noqa: PLC0415
    from device.migrations import migrated  # noqa: PLC0415
    from device.toml import read_toml  # noqa: PLC0415

    text = read(project_path(project))
    tables = (complete if everything else migrated)(read_toml(text))
    if as_json:
        print(json.dumps(tables, default=str))
    elif everything:
        import tomlkit  # noqa: PLC0415

        print(tomlkit.dumps({key: each for key, each in _without_none(tables).items() if each != []}), end="")
    else:
        print(up_to_date(text), end="")


@app.command()
def check(
    project: ProjectOption = DEFAULT_PROJECT,
    as_json: JsonOption = False,
) -> None:
    """Say everything that is wrong with the file, a line each; nothing is built. Status 1 for a fault."""
    from device.editing.files import read  # noqa: PLC0415
    from device.editing.mistakes import mistakes_in  # noqa: PLC0415

    path = project_path(project)
    found = mistakes_in(read(path))
    for each in found:
        said = {"section": each.section, "key": each.key, "what": each.what}
        print(json.dumps(said) if as_json else each.what)
    if not found and not as_json:
        print(f"{path}: nothing is wrong with it; `latchlens check` also tries the hardware")
    raise typer.Exit(1 if found else 0)


@app.command()
def diff(
    against: Annotated[
        str, typer.Argument(help=f'"{LAST_GOOD}", "{DEFAULTS}", "previous", or another project file.')
    ] = LAST_GOOD,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the file means otherwise than the one it last ran with, by section and key.

    Secrets are hidden. Exit status 1 if anything differs.
    """
    from device.editing.differences import differences, from_defaults  # noqa: PLC0415
    from device.editing.files import read  # noqa: PLC0415

    path = project_path(project)
    text = read(path)
    found = from_defaults(text) if against == DEFAULTS else differences(_other(against, path, state), text)
    _tell(found, as_json)
    raise typer.Exit(1 if found else 0)


@app.command()
def migrate(
    project: ProjectOption = DEFAULT_PROJECT,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the new text, write nothing.")] = False,
) -> None:
    """Write the file in the newest version of its format, with its comments; the old one stays beside it."""
    from device.commands.options import is_own_file  # noqa: PLC0415
    from device.editing.files import read, up_to_date, write_up_to_date  # noqa: PLC0415
    from device.errors import ConfigError  # noqa: PLC0415

    path = project_path(project)
    if dry_run:
        print(up_to_date(read(path)), end="")
        return
    if not is_own_file(project):
        raise ConfigError(f"{project} is a shipped project; name a file of your own with --project")
    kept = write_up_to_date(path)
    print(f"{path}: is up to date, and was {kept}" if kept else f"{path}: was up to date already")


@app.command()
def restore(
    which: Annotated[str, typer.Argument(help=f'"{LAST_GOOD}", "previous", or another project file.')],
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Put an earlier text into the file, if it is sound; what was there before stays as `previous`."""
    from device.commands.options import is_own_file  # noqa: PLC0415
    from device.config import parse_project  # noqa: PLC0415
    from device.editing.files import read, save  # noqa: PLC0415
    from device.errors import ConfigError  # noqa: PLC0415

    if not is_own_file(project):
        raise ConfigError(f"{project} is a shipped project; name a file of your own with --project")
    path = project_path(project)
    text = _other(which, path, state)
    parse_project(text)
    print(f"{path}: is as it was; what was there before is {save(path, read(path), text)}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the whole file, for editors."""
    from device.editing.schema import project_schema  # noqa: PLC0415

    print(json.dumps(project_schema(), indent=2, allow_nan=False))


def _other(name: str, path: Path, state: Path | None) -> str:
    """The text that a file is compared with, or goes back to."""
    from device.building.folder import default_folder  # noqa: PLC0415
    from device.editing.files import previous, read  # noqa: PLC0415
    from device.errors import ConfigError  # noqa: PLC0415
    from device.tell import last_good  # noqa: PLC0415

    if name == "previous":
        return read(previous(path))
    if name != LAST_GOOD:
        return read(project_path(name))
    folder = state or default_folder()
    kept = last_good.recall(folder, path)
    if kept is None:
        fix = f'compare it with "{DEFAULTS}" or another file, or name its --state'
        raise ConfigError(f"{folder}: no device ever ran with {path}; {fix}")
    return kept


def _tell(found: Sequence[Difference], as_json: bool) -> None:
    for each in found:
        where = f"{each.section} {each.key}".strip()
        if as_json:
            said = {"section": each.section, "key": each.key, "before": each.before, "after": each.after}
            print(json.dumps(said, default=str))
        else:
            print(f"{where}: {_shown(each.before)} -> {_shown(each.after)}")


def _shown(value: object) -> str:
    return "nothing" if value is None else json.dumps(value, default=str, ensure_ascii=False)


def _without_none(tables: object) -> dict[str, object]:
    """TOML has no word for nothing."""
    assert isinstance(tables, dict)
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in tables.items()
        if value is not None
    }
