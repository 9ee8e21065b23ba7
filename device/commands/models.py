"""`latchlens models`: the models that are shipped and those that were taught here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import DEFAULT_PROJECT, JsonOption, ProjectOption, StateOption, chosen_folder

if TYPE_CHECKING:
    from device.config import Project
    from device.learn.trial import Comparison

app = typer.Typer(help="List and verify models; take taught heads into use, try them, go back.")

VersionArgument = Annotated[str, typer.Argument(help='A head and its version, such as "household/3".')]
NameArgument = Annotated[str, typer.Argument(help='A head, such as "household".')]


@app.command("list")
def list_models(
    project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """One line for each model: name, version, task, size, licence, use. Exit status 1 if one is damaged."""
    import json  # noqa: PLC0415

    from device import shipped  # noqa: PLC0415
    from device.commands.faults import tell_fault  # noqa: PLC0415
    from device.errors import ModelError  # noqa: PLC0415
    from device.see.card import load_card  # noqa: PLC0415

    faults, chosen = 0, chosen_folder(project, state)
    for folder in shipped.models(chosen):
        try:
            card = load_card(folder)
            use = _use(folder) if folder.is_relative_to(chosen) else ""
        except ModelError as error:
            faults += 1
            tell_fault(error)
            continue
        size = (folder / card.file).stat().st_size
        if as_json:
            row = {"name": card.name, "version": card.version, "task": card.task, "bytes": size, "use": use}
            print(json.dumps({**row, "sha256": card.sha256, "licence": card.licence, "origin": card.origin}))
        else:
            line = f"{card.name}/{card.version}  {card.task:10} {size / 1e6:6.2f} MB  {card.licence:12} {use}"
            print(line.rstrip())
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


@app.command()
def activate(
    version: VersionArgument,
    anyway: Annotated[bool, typer.Option("--anyway", help="Though its trial speaks against it.")] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Take a taught head into use, after a self-test; a running device follows between two visits."""
    from device.clock import SystemClock  # noqa: PLC0415
    from device.promoting import promote  # noqa: PLC0415

    chosen, folder = _chosen(project, state)
    name, number = _split(version)
    now = promote(chosen, folder, name, number, SystemClock().wall(), anyway)
    last = f"; {name}/{now.before[-1].version} is kept" if now.before else ""
    print(f"{name}/{now.active} is in use{last}")


@app.command()
def rollback(name: NameArgument, project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None) -> None:
    """Return to the version that was in use before."""
    from device.clock import SystemClock  # noqa: PLC0415
    from device.promoting import go_back  # noqa: PLC0415

    chosen, folder = _chosen(project, state)
    now = go_back(chosen, folder, name, SystemClock().wall())
    print(f"{name}/{now.active} is in use again; {name}/{now.withdrawn[-1].version} went back")


@app.command()
def shadow(
    version: VersionArgument,
    stop: Annotated[bool, typer.Option("--stop", help="Try it no more.")] = False,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Try a head beside the one in use: it judges everything and moves nothing."""
    from device import registry  # noqa: PLC0415
    from device.promoting import try_out  # noqa: PLC0415

    chosen, folder = _chosen(project, state)
    name, number = _split(version)
    if stop:
        registry.give_up_shadow(folder / "models", name, number)
        print(f"{version} is tried no more, from the next start on")
        return
    try_out(chosen, folder, name, number)
    print(
        f"{version} is tried from the next start on; `latchlens models compare {version}` tells how it does"
    )


@app.command()
def compare(
    version: VersionArgument,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """What a head on trial would have put right and wrong."""
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    chosen, folder = _chosen(project, state)
    found = _comparison(chosen, folder, version)
    if as_json:
        print(json.dumps({"version": version, **asdict(found), "objection": found.objection}))
        return
    print(f"{version}: {found.visits} visits on trial, of {found.known} the truth is known")
    for what, visits in (
        ("put right", found.put_right),
        ("put wrong", found.put_wrong),
        ("would let in, though bad", found.bad_let_in),
        ("decided otherwise, worth a label", found.differ),
        (f"bad ones of the album let in anew, of {found.golden}", found.golden_let_in),
    ):
        print(f"  {what}: {len(visits)}{': ' if visits else ''}{', '.join(visits[:10])}")
    print(f"  {'may be activated' if found.objection is None else 'not yet: ' + found.objection}")


@app.command()
def drift(
    project: ProjectOption = DEFAULT_PROJECT, state: StateOption = None, as_json: JsonOption = False
) -> None:
    """How this week's visitors compare with those of the four weeks before."""
    import json  # noqa: PLC0415
    from dataclasses import asdict  # noqa: PLC0415

    from device.clock import SystemClock  # noqa: PLC0415
    from device.errors import ConfigError  # noqa: PLC0415
    from device.learn.drift import shares  # noqa: PLC0415

    wall = SystemClock().wall()
    if wall is None:
        raise ConfigError("the clock is not set, so nobody knows which week it is; set it and ask again")
    for share in shares(chosen_folder(project, state), wall):
        if as_json:
            print(json.dumps({**asdict(share), "drifted": share.drifted}))
        else:
            print(f"{share.in_words()}{'  DRIFTED' if share.drifted else ''}")


def _chosen(project: str, state: Path | None) -> tuple[Project, Path]:
    from device.building.folder import state_folder  # noqa: PLC0415
    from device.commands.options import project_path  # noqa: PLC0415
    from device.config import read_project  # noqa: PLC0415

    chosen = read_project(project_path(project))
    return chosen, state_folder(chosen, state)


def _use(folder: Path) -> str:
    """Whether a version that was taught here is in use or tried."""
    from device import registry  # noqa: PLC0415

    standing = registry.read(folder.parent.parent, folder.parent.name)
    if standing is None:
        return ""
    return {standing.active: "in use", standing.shadow: "tried beside it"}.get(folder.name, "")


def _split(version: str) -> tuple[str, str]:
    from device.errors import ConfigError  # noqa: PLC0415

    name, slash, number = version.partition("/")
    if not (name and slash and number):
        raise ConfigError(f"{version!r} is no version of a head; write it like household/3")
    return name, number


def _comparison(project: Project, folder: Path, version: str) -> Comparison:
    from device.promoting import comparison  # noqa: PLC0415

    return comparison(project, folder, *_split(version))
