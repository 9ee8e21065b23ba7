"""`latchlens password`: who may log in to the page."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from device.commands.options import DEFAULT_PROJECT, ProjectOption, StateOption, chosen_folder


def command(
    viewer: Annotated[
        bool, typer.Option("--viewer", help="Of the viewer, who looks but cannot act, not of the owner.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Let them no longer log in.")] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Set the password for the page; a device that runs follows at once. Without a terminal it is one line
    of standard input.
    """
    from device.building.folder import make_folder  # noqa: PLC0415
    from device.web.caller import Role  # noqa: PLC0415
    from device.web.passwords import Passwords  # noqa: PLC0415

    role = Role.VIEWER if viewer else Role.OWNER
    passwords = Passwords(make_folder(chosen_folder(project, state)))
    if remove:
        passwords.remove(role)
        print(f"the {role} can no longer log in with a password")
        return
    passwords.set(role, _asked())
    print(f"the {role}'s password is set; whoever was logged in as {role} logs in again")


def _asked() -> str:
    """The password, which is never an argument: those stand in the list of processes."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    found: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return found
