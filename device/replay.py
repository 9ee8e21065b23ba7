"""Deciding a recorded journal again: the same project must give the same decisions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from device.config import parse_project
from device.decide.policy import DoorPolicy, PolicyState
from device.errors import ConfigError
from device.messages import Decision, Visit
from device.tell import journal, wire
from device.tell.journal import Header


@dataclass(frozen=True, slots=True)
class Difference:
    """One pass that is decided otherwise now than it was then."""

    time: float
    frame: int | None
    recorded: Decision
    decided: Decision

    @property
    def matters(self) -> bool:
        """Whether more than the wording of a reason or the state of a meter differs."""
        return _essence(self.recorded) != _essence(self.decided)


@dataclass(slots=True)
class Replay:
    """A journal that is decided again as it is read; `passes` counts those read so far."""

    path: Path
    header: Header
    policy: DoorPolicy
    passes: int = 0

    def differences(self) -> Iterator[Difference]:
        """Every pass on which the decision differs from the recorded one.

        Raises:
            StoreError: a line of the journal is damaged.
        """
        _, passes = journal.read(self.path)
        for observation, recorded in passes:
            self.passes += 1
            decided = self.policy.decide(observation)
            if decided != recorded:
                yield Difference(observation.time, observation.frame, recorded, decided)


def open_replay(path: Path, project_text: str | None = None, before: Replay | None = None) -> Replay:
    """Prepare to decide the journal at `path` again, with another project's text if given.

    A file that continues `before` is decided by the policy that decided that one.

    Raises:
        StoreError: no journal, or one that cannot be read.
        ConfigError: the project does not fit.
    """
    header, _ = journal.read(path)
    if before is not None and header.continues == before.path.name and not header.missed:
        return Replay(path, header, before.policy)
    try:
        project = parse_project(project_text or header.project)
    except ConfigError as error:
        raise ConfigError(
            f"{path}: the project in it no longer fits: {error}; name one with --project"
        ) from None
    state = (
        wire.read(PolicyState, json.dumps(header.state), f"{path}, line 1") if header.state else PolicyState()
    )
    return Replay(path, header, DoorPolicy(project.policy, state))


def _essence(decision: Decision) -> Decision:
    return replace(
        decision,
        reason="",
        lease=None if decision.lease is None else replace(decision.lease, reason=""),
        visits=tuple(_visit_essence(visit) for visit in decision.visits),
        events=tuple(replace(event, text="") for event in decision.events),
    )


def _visit_essence(visit: Visit) -> Visit:
    return replace(visit, reason="", evidence=())
