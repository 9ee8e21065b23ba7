"""Builds the memory: the policy as it was left, and all who keep what it decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from device.config import Project, StoreSettings
from device.decide.policy import DoorPolicy, PolicyState
from device.decide.welfare import WelfareState
from device.learn import collect
from device.learn.album import Album
from device.learn.album_reader import AlbumReader
from device.learn.doubts import ChipDoubts
from device.see.crops import crop
from device.see.head import LogisticHead
from device.see.privacy import without_persons
from device.shadowing import ShadowSink
from device.tell import rounds, wire
from device.tell.health import Health
from device.tell.journal import Header, State, quiet
from device.tell.keeping import JournalSink, StoreSink
from device.tell.lockouts import LockoutMemory, remembered
from device.tell.machine import Machine
from device.tell.narrative import Narrative
from device.tell.opening import open_store
from device.tell.outbox import Announce
from device.tell.quota import Quota
from device.tell.retention import Retention, RetentionSink
from device.tell.rotation import JournalFolder
from device.tell.sink import Sink
from device.tell.snapshots import BestViews, Snapshots
from device.tell.store import Store
from device.tell.symptoms import HealthSink
from device.tell.teller import Teller
from device.tell.whereabouts import WhereaboutsMemory
from device.tell.whereabouts import remembered as remembered_whereabouts


@dataclass(frozen=True, slots=True)
class Memory:
    """The state directory as the loop's publisher and what it remembers from before."""

    teller: Teller
    policy: DoorPolicy
    health: Health
    quota: Quota


def build_memory(
    project: Project,
    folder: Path,
    session: str,
    hashes: dict[str, str],
    *,
    threaded: bool,
    wall: float | None = None,
    backbone: str = "",
    others: Callable[[Health], Sequence[Sink]] = lambda _: (),
    on_trial: Sequence[LogisticHead] = (),
    announce: Announce | None = None,
    machine: Machine | None = None,
    trouble: Callable[[], str] = str,
) -> Memory:
    """The policy as it was left, and a teller that keeps everything it decides.

    `backbone` is the hash of the model whose embeddings the sightings bring, to be learnt from.
    `on_trial` are heads that judge beside those in use and decide nothing.
    `others` builds whoever is told besides, after everything has been kept; `announce` says what must
    reach the broker. `machine` is the computer whose power, warmth and network are looked at, if any is;
    `trouble` says what the camera's driver complains of.

    Raises:
        StoreError: the state directory cannot be used.
    """
    kept: StoreSettings = project.section("store")
    store = open_store(folder, wall, announce)
    lockouts = remembered(store.settings())
    whereabouts = remembered_whereabouts(store.settings())
    count, welfare = store.visits_of(session), WelfareState(whereabouts)
    state = PolicyState(session=session, visits=count, lockouts=lockouts, welfare=welfare)
    policy = DoorPolicy(project.policy, state)
    health = Health()
    header = Header(project.text, hashes, wire.exact(state))
    pictures = folder / "pictures"

    def precious() -> frozenset[str]:
        with AlbumReader(folder) as reader:
            return reader.precious()

    quota = Quota(pictures, int(kept.pictures_mb * 1e6), int(kept.free_mb * 1e6), precious=precious)
    journal = JournalFolder(folder / "journal", header, int(kept.journal_mb * 1e6))
    learns = bool(backbone) and project.section("learning").collect
    learners = _learners(project, folder, backbone, store, precious) if learns else []
    best, often = BestViews(), collect.EverySoOften()
    sinks: list[Sink] = [
        JournalSink(journal),
        LockoutMemory(store, lockouts),
        WhereaboutsMemory(store, whereabouts),
        Snapshots(pictures, without_persons, quota),
        Narrative(project.policy.zone or UTC),
        StoreSink(store),
        HealthSink(health, trouble),
        rounds.disk(health, folder, int(kept.free_mb * 1e6)),
        rounds.damage(health, folder),
        *(rounds.of_the_machine(health, machine) if machine else ()),
        *learners,
        *(ShadowSink(head, head.card.title, DoorPolicy(project.policy, state), store) for head in on_trial),
        *others(health),
        RetentionSink(Retention(store, kept.evidence_days, kept.visits_days, precious)),
    ]
    teller = Teller(
        sinks,
        threaded=threaded,
        idle=lambda before, now: policy.state() is not None and quiet(before, now),
        resume=lambda: _as_document(policy.state()) if journal.full else None,
        picture=lambda observation: best(observation) | (learns and often(observation)),
        health=health,
        meters=policy.meters_by_track,
    )
    return Memory(teller, policy, health, quota)


def _learners(
    project: Project, folder: Path, backbone: str, store: Store, precious: Callable[[], frozenset[str]]
) -> list[Sink]:
    """Who keep views of visits to learn from, and note in which ones chip and sight differ."""
    settings: collect.Settings = project.section("learning")
    most, floor = int(settings.crops_mb * 1e6), int(project.section("store").free_mb * 1e6)
    quota = Quota(folder / collect.CROPS, most, floor, precious=precious)
    album = Album(store)
    chips = {each.chip: each.name for each in project.policy.animals if each.chip}
    collector = collect.Collector(settings, folder, backbone, album, without_persons, crop, quota)
    return [collector, *([ChipDoubts(chips, album)] if project.chip else [])]


def _as_document(state: PolicyState | None) -> State | None:
    return None if state is None else wire.exact(state)
