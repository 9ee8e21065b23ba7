"""`latchlens visits`: what came to the door, from the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from device.commands.options import DEFAULT_PROJECT, JsonOption, ProjectOption, StateOption, chosen_folder

if TYPE_CHECKING:
    from device.tell.records import Records

app = typer.Typer(help="List, show and export visits.")

LimitOption = Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest first.")]
AnimalOption = Annotated[str | None, typer.Option("--animal", help="Only of this animal.")]
OutcomeOption = Annotated[str | None, typer.Option("--outcome", help='Only with this outcome, as "unlock".')]


def _records(project: str, state: Path | None) -> Records:
    from device.tell.records import Records  # noqa: PLC0415

    return Records(chosen_folder(project, state))


def _refuse_unknown(outcome: str | None) -> None:
    from device.errors import ConfigError, hint  # noqa: PLC0415
    from device.messages import Outcome  # noqa: PLC0415

    outcomes = [each.value for each in Outcome]
    if outcome is not None and outcome not in outcomes:
        raise ConfigError(f"--outcome {outcome} does not exist; {hint(outcome, outcomes)}")


@app.command("list")
def list_visits(
    limit: LimitOption = 20,
    animal: AnimalOption = None,
    outcome: OutcomeOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
    as_json: JsonOption = False,
) -> None:
    """The newest visits, a line each."""
    import json  # noqa: PLC0415

    from device.tell.records import visit_row  # noqa: PLC0415

    _refuse_unknown(outcome)
    with _records(project, state) as records:
        for visit in records.visits(limit, animal=animal, outcome=outcome):
            row = visit_row(visit)
            if as_json:
                print(json.dumps(row))
                continue
            when = row["started_utc"] or f"{visit.started:.0f} s after start"
            who, kind = visit.who or visit.species, row["kind"] or "now"
            print(f"{visit.id}  {when}  {who:12} {kind:8} {visit.outcome:11}  {visit.reason}")


@app.command()
def show(
    visit: Annotated[str, typer.Argument(help="The visit's id, as `latchlens visits list` prints it.")],
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Everything that is known of one visit, and where its pictures lie, as JSON."""
    import json  # noqa: PLC0415

    from device.tell.records import Records, visit_document  # noqa: PLC0415
    from device.tell.snapshots import pictures_of  # noqa: PLC0415

    folder = chosen_folder(project, state)
    with Records(folder) as records:
        found = records.visit(visit)
        pictures = pictures_of(folder / "pictures", found)
        document = visit_document(found, records.evidence(visit), records.events(visit=visit), pictures)
    print(json.dumps(document, indent=2))


@app.command()
def export(
    to: Annotated[Path, typer.Argument(help="A file that ends in .csv or .json.")],
    limit: LimitOption = 100_000,
    animal: AnimalOption = None,
    outcome: OutcomeOption = None,
    project: ProjectOption = DEFAULT_PROJECT,
    state: StateOption = None,
) -> None:
    """Write visits as a table (CSV) or as JSON, the newest first."""
    import json  # noqa: PLC0415

    from device.errors import ConfigError  # noqa: PLC0415
    from device.tell.records import visits_csv  # noqa: PLC0415
    from device.tell.wire import document  # noqa: PLC0415

    if to.suffix not in (".csv", ".json"):
        raise ConfigError(f"{to}: must end in .csv or .json")
    _refuse_unknown(outcome)
    with _records(project, state) as records:
        found = records.visits(limit, animal=animal, outcome=outcome)
    is_csv = to.suffix == ".csv"
    text = visits_csv(found) if is_csv else json.dumps([document(visit) for visit in found], indent=1) + "\n"
    try:
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{to}: cannot be written: {error.strerror}") from None
    print(f"{len(found)} visits written to {to}")
