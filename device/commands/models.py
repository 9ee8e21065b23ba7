"""`latchlens models`: the models that are shipped and those that were taught here."""

from __future__ import annotations

import typer

from device.commands.options import DEFAULT_PROJECT, JsonOption, ProjectOption, StateOption, chosen_folder

app = typer.Typer(help="List and verify models.")


@app.command("list")
def list_models(
    project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """One line for each model: name, version, task, size, licence. Exit status 1 if one is damaged."""
    import json  # noqa: PLC0415

    from device import shipped  # noqa: PLC0415
    from device.commands.faults import tell_fault  # noqa: PLC0415
    from device.errors import ModelError  # noqa: PLC0415
    from device.see.card import load_card  # noqa: PLC0415

    faults = 0
    for folder in shipped.models(chosen_folder(project, state)):
        try:
            card = load_card(folder)
        except ModelError as error:
            faults += 1
            tell_fault(error)
            continue
        size = (folder / card.file).stat().st_size
        if as_json:
            row = {"name": card.name, "version": card.version, "task": card.task, "bytes": size}
            print(json.dumps({**row, "sha256": card.sha256, "licence": card.licence, "origin": card.origin}))
        else:
            print(f"{card.name}/{card.version}  {card.task:10} {size / 1e6:6.2f} MB  {card.licence}")
    raise typer.Exit(1 if faults else 0)


@app.command()
def verify(project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None) -> None:
    """Check every model against its card: hash, shapes, quantisation, labels. Exit 1 on a fault."""
    from device import shipped  # noqa: PLC0415
    from device.errors import ModelError  # noqa: PLC0415
    from device.see.verify import verify_model  # noqa: PLC0415

    faults = 0
    for folder in shipped.models(chosen_folder(project, state)):
        try:
            verify_model(folder)
        except ModelError as error:
            faults += 1
            print(f"FAULT  {folder.parent.name}/{folder.name}: {error}")
        else:
            print(f"ok     {folder.parent.name}/{folder.name}")
    raise typer.Exit(1 if faults else 0)
