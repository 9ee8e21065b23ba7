"""`latchlens dataset queue`: the visits that are worth labelling today."""

from __future__ import annotations

from device.commands.options import DEFAULT_PROJECT, JsonOption, ProjectOption, StateOption, chosen_folder


def command(
    project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """What to label: at most ten a day, besides visits that did not come in and prey that was reported."""
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from device.clock import SystemClock  # noqa: PLC0415
    from device.errors import ConfigError  # noqa: PLC0415
    from device.learn.asking import ask  # noqa: PLC0415

    wall = SystemClock().wall()
    if wall is None:
        raise ConfigError("the clock is not set, so nobody knows what day it is; set it and ask again")
    offers = ask(chosen_folder(project, state), wall)
    for offer in offers:
        print(json.dumps(asdict(offer)) if as_json else f"{offer.visit}  {offer.reason}")
    if not (offers or as_json):
        print(
            "nothing to label: no visit since the last draw is open; imported pictures are never asked about"
        )
