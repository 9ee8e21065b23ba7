"""`latchlens tokens`: credentials for programs that use the API."""

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
    from device.web.tokens import Tokens

app = typer.Typer(help="Make, list and revoke tokens for programs that use the API.")

NameArgument = Annotated[str, typer.Argument(help="A name for the program, such as dashboard.")]


def _tokens(project: str, state: Path | None) -> Tokens:
    from device.building.folder import make_folder  # noqa: PLC0415
    from device.web.tokens import Tokens  # noqa: PLC0415

    return Tokens(make_folder(chosen_folder(project, state)))


@app.command()
def create(
    name: NameArgument,
    scope: ScopeOption = "read",
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Print a new token; it is shown this once only."""
    from device.clock import SystemClock  # noqa: PLC0415
    from device.web.caller import Scope  # noqa: PLC0415

    print(_tokens(project, state).create(name, Scope.named(scope), SystemClock().wall()))


@app.command("list")
def list_tokens(
    project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """The tokens by their names, never themselves."""
    import json  # noqa: PLC0415

    for token in _tokens(project, state).all():
        if as_json:
            print(json.dumps({"name": token.name, "scope": token.scope, "created": token.created or None}))
        else:
            print(f"{token.name:24} {token.scope:6} {token.created}")


@app.command()
def revoke(name: NameArgument, project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None) -> None:
    """Refuse a token from now on; a device that runs follows at once."""
    _tokens(project, state).revoke(name)
    print(f"{name} is refused from now on")
