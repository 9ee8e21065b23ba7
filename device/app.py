"""The composition root: builds every part from a project, starts every thread, shuts down in order."""

from __future__ import annotations

import logging
import os
import secrets
import signal
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from threading import Event
from typing import Any

from device.act import local, pins
from device.act.drivers import Signal
from device.act.guard import GuardSettings
from device.act.unenforced import LeftOpen
from device.config import Project, StoreSettings
from device.decide.policy import DoorPolicy, PolicyState
from device.decide.welfare import WelfareState
from device.errors import ConfigError, StoreError
from device.heads import HeadKeeper, heads_on_trial
from device.interfaces import Camera, Clock, EndOfVideo
from device.learn import collect
from device.learn.album import Album
from device.learn.doubts import ChipDoubts
from device.loop import Eyes, Loop
from device.see import embedding, motion, regions, sight, tracker, video
from device.see.crops import crop
from device.see.head import HeadClassifier, LogisticHead, find_heads
from device.see.privacy import without_persons
from device.see.stream import is_address
from device.see.tflite import TfliteModel
from device.shadowing import ShadowSink
from device.tell import last_good, wire
from device.tell.fanout import Fanout
from device.tell.health import Health, HealthSink
from device.tell.health import State as Condition
from device.tell.journal import Header, State, quiet
from device.tell.keeping import JournalSink, StoreSink
from device.tell.lockouts import LockoutMemory, remembered
from device.tell.narrative import Narrative, standing
from device.tell.outbox import Announce
from device.tell.quota import Quota
from device.tell.records import Records
from device.tell.requests import Requests
from device.tell.retention import DiskSink, Retention, RetentionSink
from device.tell.rotation import JournalFolder
from device.tell.settings import StoredSettings
from device.tell.sink import Sink
from device.tell.snapshots import BestViews, Snapshots
from device.tell.statistics import Statistics
from device.tell.store import Store
from device.tell.teller import Teller
from device.tell.whereabouts import WhereaboutsMemory
from device.tell.whereabouts import remembered as remembered_whereabouts
from device.telling import build_broker, build_clips, build_webhooks
from device.web.appliance import Appliance
from device.web.latest import Latest
from device.web.reading import Reading

log = logging.getLogger(__name__)

House = Callable[[pins.Factory, Iterable[Any]], Signal]
"""Builds what stands around the door in a simulation: a signal that follows the bolt."""


def state_folder(project: Project, chosen: Path | None = None) -> Path:
    """Where the owner's data lives: --state, [store] folder, $STATE_DIRECTORY, or ./state, there or not."""
    configured = project.section("store").folder
    return chosen or (Path(configured) if configured else default_folder())


def default_folder() -> Path:
    """Where it lives if nobody says otherwise."""
    return Path(os.environ.get("STATE_DIRECTORY", "state"))


def make_folder(folder: Path) -> Path:
    """The folder, made if it is absent.

    Raises:
        StoreError: it is a file, or may not be made there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        fix = "use --state DIR with a folder that you may write to"
        raise StoreError(f"{folder}: the state directory cannot be made: {error.strerror}; {fix}") from None
    return folder


@dataclass(frozen=True, slots=True)
class Sight:
    """The eyes, and the models in them with their hashes, for the journal and for benchmarks."""

    eyes: Eyes
    models: tuple[TfliteModel, ...]
    """Those that count their inferences."""
    embedder: embedding.TfliteEmbedder
    hashes: dict[str, str]
    classifier: HeadClassifier
    untaught: tuple[str, ...] = ()
    """The tasks, of "who" and "prey", for which there is no head yet."""


def build_sight(project: Project, state: Path) -> Sight:
    """Everything between a frame and its sightings.

    Raises:
        ModelError: a model or head is missing, damaged or does not fit.
    """
    gate = motion.build(project.section("motion"))
    detector = project.detector.build(state)
    embedder = embedding.build(project.section("embedding"), state)
    heads = find_heads(project.section("heads"), state, embedder.model.card.sha256)
    classifier = HeadClassifier(embedder, heads)
    eyes = Eyes(
        blind=sight.build(project.section("blind")),
        gate=gate,
        detector=regions.RegionFinder(detector, gate, embedder, heads, project.section("regions")),
        tracker=tracker.build(project.section("tracker")),
        classifier=classifier,
    )
    cards = (detector.model.card, embedder.model.card, *(head.card for head in heads))
    hashes = {f"{card.name}/{card.version}": card.sha256 for card in cards}
    untaught = tuple(task for task in ("who", "prey") if task not in {head.task for head in heads})
    return Sight(eyes, (detector.model, embedder.model), embedder, hashes, classifier, untaught)


def say_untaught(sight: Sight) -> None:
    """Tell the log what the device has yet to be taught."""
    words = {"who": "whose animal it is", "prey": "prey"}
    for task in sight.untaught:
        log.info("%s was never taught: rules that need it wait", words[task])


def build_guard(project: Project, factory: pins.Factory, house: House | None = None) -> local.LocalGuard:
    """The guard with the drivers of every pin.

    Raises:
        ConfigError: the bolt cannot rest where the project says.
        HardwareError: a pin or port is missing.
    """
    bolt = project.bolt.build(factory)
    inputs = [part.build(factory) for part in project.inputs]
    signals = [part.build(factory) for part in project.outputs]
    if house is not None:
        signals.append(house(factory, [part.settings for part in project.inputs]))
    chip = project.chip.build() if project.chip else None
    settings: GuardSettings = project.section("guard")
    if settings.may_trap:
        log.warning('[guard] blocks = "both": nobody gets out while the bolt is locked or the device is down')
    return local.build(settings, bolt, inputs, signals, chip)


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
) -> Memory:
    """The policy as it was left, and a teller that keeps everything it decides.

    `backbone` is the hash of the model whose embeddings the sightings bring, to be learnt from.
    `on_trial` are heads that judge beside those in use and decide nothing.
    `others` builds whoever is told besides, after everything has been kept; `announce` says what must
    reach the broker.

    Raises:
        StoreError: the state directory cannot be used.
    """
    kept: StoreSettings = project.section("store")
    store = Store(folder, wall, announce)
    if interrupted := store.end_interrupted():
        log.info("%d visit(s) had been cut short when the device stopped", interrupted)
    lockouts = remembered(store.settings())
    whereabouts = remembered_whereabouts(store.settings())
    count, welfare = store.visits_of(session), WelfareState(whereabouts)
    state = PolicyState(session=session, visits=count, lockouts=lockouts, welfare=welfare)
    policy = DoorPolicy(project.policy, state)
    health = Health()
    header = Header(project.text, hashes, wire.exact(state))
    pictures = folder / "pictures"

    def labelled() -> frozenset[str]:
        with Records(folder) as records:
            return records.labelled()

    quota = Quota(pictures, int(kept.pictures_mb * 1e6), int(kept.free_mb * 1e6), precious=labelled)
    journal = JournalFolder(folder / "journal", header, int(kept.journal_mb * 1e6))
    learns = bool(backbone) and project.section("learning").collect
    learners = _learners(project, folder, backbone, store, labelled) if learns else []
    best, often = BestViews(), collect.EverySoOften()
    sinks: list[Sink] = [
        JournalSink(journal),
        LockoutMemory(store, lockouts),
        WhereaboutsMemory(store, whereabouts),
        Snapshots(pictures, without_persons, quota),
        Narrative(project.policy.zone or UTC),
        StoreSink(store),
        HealthSink(health),
        DiskSink(health, folder, int(kept.free_mb * 1e6)),
        *learners,
        *(ShadowSink(head, head.card.title, DoorPolicy(project.policy, state), store) for head in on_trial),
        *others(health),
        RetentionSink(Retention(store, kept.evidence_days, kept.visits_days, labelled)),
    ]
    teller = Teller(
        sinks,
        threaded=threaded,
        idle=lambda before, now: policy.state() is not None and quiet(before, now),
        resume=lambda: _as_document(policy.state()) if journal.full else None,
        picture=lambda observation: best(observation) | (learns and often(observation)),
        health=health,
    )
    return Memory(teller, policy, health, quota)


def _learners(
    project: Project, folder: Path, backbone: str, store: Store, labelled: Callable[[], frozenset[str]]
) -> list[Sink]:
    """Who keep views of visits to learn from, and note in which ones chip and sight differ."""
    settings: collect.Settings = project.section("learning")
    most, floor = int(settings.crops_mb * 1e6), int(project.section("store").free_mb * 1e6)
    quota = Quota(folder / collect.CROPS, most, floor, precious=labelled)
    album = Album(store)
    chips = {each.chip: each.name for each in project.policy.animals if each.chip}
    collector = collect.Collector(settings, folder, backbone, album, without_persons, crop, quota)
    return [collector, *([ChipDoubts(chips, album)] if project.chip else [])]


def _as_document(state: PolicyState | None) -> State | None:
    return None if state is None else wire.exact(state)


def run(project: Project, state: Path, clock: Clock, path: Path | None = None, fault: str = "") -> None:
    """Run the device until a signal stops it; the bolt comes to rest whatever ends it.

    Args:
        path: the project file, if it is one that the owner may change.
        fault: what is wrong with it, if `project` is an earlier one.

    Raises:
        LatchlensError: a part is missing or has failed.
    """
    recorded = project.camera.settings
    if (
        isinstance(recorded, video.Settings)
        and not is_address(recorded.path)
        and recorded.speed != "real-time"
    ):
        raise ConfigError(
            '[camera] speed must be "real-time" for `latchlens run`, or every frame is stale at once'
        )
    stopping = Event()
    with ExitStack() as parts:
        # From here on a signal ends the loop and never the process, which would leave the pins as they are.
        for number in (signal.SIGTERM, signal.SIGINT):
            parts.callback(signal.signal, number, signal.signal(number, lambda *_: stopping.set()))
        # Whatever a killed process left behind, the bolt rests at once, though nothing else should start.
        guard = build_guard(project, pins.factory(project.section("pins").kind))
        parts.callback(guard.stop)
        guard.start(clock)
        make_folder(state)
        seen = build_sight(project, state)
        say_untaught(seen)
        # The store comes first: it sets a damaged database aside before anyone reads it.
        session = secrets.token_hex(4)
        statistics = Statistics(clock)
        broker = parts.enter_context(closing(build_broker(project, seen.hashes, statistics)))
        memory = build_memory(
            project,
            state,
            session,
            seen.hashes,
            threaded=True,
            wall=clock.wall(),
            backbone=seen.embedder.sha256,
            others=lambda health: [
                *build_webhooks(project, state, clock, health),
                *broker.sinks(state / "pictures", health),
                HeadKeeper(project, state, seen.embedder.sha256, seen.classifier, health),
            ],
            on_trial=heads_on_trial(project, state, seen.embedder.sha256),
            announce=broker.announce,
        )
        parts.callback(memory.teller.close)
        settings = StoredSettings(state)
        parts.callback(settings.close)
        camera: Camera = project.camera.build(clock)
        parts.callback(camera.close)
        bolt = LeftOpen(guard, settings, clock) if project.section("door").unenforced == "unlocked" else guard
        requests, latest = Requests(), Latest()
        recorders = build_clips(project, state, memory.quota, memory.health, threaded=True)
        for recorder in recorders:
            parts.callback(recorder.close)
        broker.start(state, requests, settings, memory.health, clock)
        publisher = Fanout([statistics, memory.teller, *recorders, latest])
        loop = Loop(camera, seen.eyes, memory.policy, bolt, settings, publisher, clock, requests)
        if project.section("web").enabled:
            from device.web.server import serve  # noqa: PLC0415 - its libraries take 19 MB

            served = Appliance(
                folder=state,
                project=project,
                path=path,
                latest=latest,
                reading=Reading(state),
                owner=settings,
                requests=requests,
                guard=guard,
                health=memory.health,
                clock=clock,
                redact=without_persons,
                models=seen.hashes,
                statistics=statistics,
            )
            if page := serve(served):
                parts.callback(page.stop)
        # Whatever takes its time at the end, such as a broker that hangs, the bolt may go to rest before.
        parts.callback(guard.hold, None)
        log.info("watching the door with %s; %s", project.camera.kind, standing(settings.current()))
        if fault:
            memory.health.set("project", Condition.FAULT, fault, "correct the project file and start again")
        try:
            loop.step()
            if path and not fault:
                last_good.remember(state, path, project.text)
            while not stopping.is_set():
                loop.step()
                if not memory.teller.alive:
                    raise StoreError("nothing is kept any more: the log above says why; start again")
        except EndOfVideo:
            log.info("the recording has ended")
        dropped = memory.teller.dropped
        log.info("stopping; the bolt goes to rest; the loop had no time for %d frames", dropped)
