"""`latchlens setup`: a code with which the first password is set in a browser."""

from __future__ import annotations

from device.commands.options import DEFAULT_PROJECT, ProjectOption, StateOption, chosen_folder


def command(project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None) -> None:
    """Print a code that opens the page once, within an hour, as long as the owner has no password."""
    import time  # noqa: PLC0415

    from device.building.folder import make_folder  # noqa: PLC0415
    from device.errors import ConfigError  # noqa: PLC0415
    from device.web.caller import Role  # noqa: PLC0415
    from device.web.passwords import Passwords  # noqa: PLC0415
    from device.web.setup_code import SetupCodes  # noqa: PLC0415

    folder = make_folder(chosen_folder(project, state))
    if Role.OWNER in Passwords(folder).roles():
        raise ConfigError("the owner has a password already; set another one with `latchlens password`")
    print(SetupCodes(folder, time.monotonic).make())
