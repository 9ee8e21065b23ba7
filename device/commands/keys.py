"""`latchlens keys`: access keys for programs that use the AWS SDK."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import (
    DEFAULT_PROJECT,
    JsonOption,
    ProjectOption,
    ScopeOption,
    StateOption,
    chosen_folder,
)

if TYPE_CHECKING:
    from device.web.keys import AccessKeys

app = typer.Typer(help="Make, list and revoke access keys for programs that use the AWS SDK.")

NameArgument = Annotated[str, typer.Argument(help="A name for the program, such as notebook.")]


def _keys(project: str, state: Path | None) -> AccessKeys:
    from device.building.folder import make_folder  # noqa: PLC0415
    from device.web.keys import AccessKeys  # noqa: PLC0415

    return AccessKeys(make_folder(chosen_folder(project, state)))


@app.command()
def create(
    name: NameArgument,
    scope: ScopeOption = "read",
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a new key as lines for ~/.aws/credentials; its secret is shown this once only."""
    import json  # noqa: PLC0415

    from device.clock import SystemClock  # noqa: PLC0415
    from device.web.caller import Scope  # noqa: PLC0415

    made = _keys(project, state).create(name, Scope.named(scope), SystemClock().wall())
    lines = {"aws_access_key_id": made.id, "aws_secret_access_key": made.secret}
    if as_json:
        print(json.dumps(lines))
    else:
        print(f"[{name}]", *(f"{key} = {value}" for key, value in lines.items()), sep="\n")


@app.command("list")
def list_keys(
    project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """The keys by their names and ids, never their secrets."""
    import json  # noqa: PLC0415

    for key in _keys(project, state).all():
        if as_json:
            said = {"name": key.name, "scope": key.scope, "id": key.id, "created": key.created or None}
            print(json.dumps(said))
        else:
            print(f"{key.name:24} {key.scope:6} {key.id} {key.created}")


@app.command()
def revoke(name: NameArgument, project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None) -> None:
    """Refuse a key from now on; a device that runs follows at once."""
    _keys(project, state).revoke(name)
    print(f"{name} is refused from now on")
