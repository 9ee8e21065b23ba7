"""What became of the last update, for people: on the command line, on the page and at the broker."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from device.updating.places import FALLBACK, Places, sync_folder

NAME = "update.json"


class Stage(StrEnum):
    """How far an update is."""

    BUILDING = "building"
    TESTING = "testing"
    TRIAL = "on trial"
    DONE = "done"
    CAME_BACK = "came back"
    REFUSED = "refused"


UNDER_WAY = (Stage.BUILDING, Stage.TESTING, Stage.TRIAL)


@dataclass(frozen=True, slots=True)
class Account:
    """One update: from which version to which, how far it is, and why it failed."""

    stage: Stage
    before: str = ""
    after: str = ""
    reason: str = ""
    at: str = ""
    """When, in UTC; empty while the clock was not set."""

    @property
    def under_way(self) -> bool:
        return self.stage in UNDER_WAY

    def words(self) -> str:
        """A sentence for the owner."""
        told = {
            Stage.BUILDING: f"{self.after or 'a release'} is being installed beside {self.before}",
            Stage.TESTING: f"{self.after} is being tested",
            Stage.TRIAL: f"{self.after} runs on trial; if it fails, {self.before} comes back",
            Stage.DONE: f"{self.after} took the place of {self.before}",
            Stage.CAME_BACK: f"{self.before} came back: {self.reason}",
            Stage.REFUSED: f"not updated: {self.reason}",
        }[self.stage]
        return f"{told} ({self.at})" if self.at else told


def write_account(home: Path, account: Account) -> None:
    """Keep an account, whole or not at all; it is for information and decides nothing."""
    draft = home / f".new-{NAME}"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(asdict(account), file)
        file.flush()
        os.fsync(file.fileno())
    draft.chmod(0o644)
    draft.replace(home / NAME)
    sync_folder(home)


def read_account(home: Path) -> Account | None:
    """The last account, None if there is none that can be read."""
    try:
        found = json.loads((home / NAME).read_bytes())
        return Account(**{**found, "stage": Stage(found["stage"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def current_account(places: Places) -> Account | None:
    """The last account as it is now: one whose update was cut short before it touched anything says so."""
    account = read_account(places.home)
    if account is None or not account.under_way or places.named(FALLBACK) or places.locked():
        return account
    return replace(account, stage=Stage.REFUSED, reason="it was cut short before it began")


def on_trial(places: Places | None = None) -> str:
    """What is said of a version that runs on trial, "" for none: whatever ends it counts as its fault."""
    account = current_account(places or Places())
    return account.words() if account is not None and account.stage is Stage.TRIAL else ""


def update_state(places: Places | None = None) -> dict[str, object]:
    """What Home Assistant shows besides the version that runs; nothing where none was ever exchanged."""
    found = places or Places()
    account = current_account(found)
    if account is None:
        return {}
    return {"in_progress": account.under_way, "release_summary": account.words()[:255]}


def instant(wall: float | None) -> str:
    """UTC seconds as an account says them."""
    return "" if wall is None else datetime.fromtimestamp(wall, UTC).isoformat(timespec="seconds")
