"""The whole circle: a fresh device watches, its owner labels, it learns, it decides, and is counted.

Watch (the flap left open, nothing enforced), learn, enforce; then a head that takes everybody for somebody
else is put into use on purpose, and must go back by itself.

Every call is a scene of its own, played into one state directory with the clock of its day: rendered frames
through the real detector, backbone and heads, the device's own collector, store, training and registry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from device import registry
from device.building.eyes import build_sight
from device.config import Project, parse_project
from device.decide.subject import CLEAN, PREY, STRANGER
from device.heads import review, verifier
from device.learn.album import Album, Said
from device.learn.album_reader import AlbumReader
from device.learn.bounds import at_most
from device.learn.promises import Terms
from device.learn.summary import event_table
from device.learn.trial import Look
from device.learn.vocabulary import SPECIES, WHO
from device.messages import Mode, Settings
from device.see.card import Card, load_card
from device.see.head import find_heads
from device.see.head_writer import save_head
from device.shipped import model_folder
from device.tell.store import Store
from device.training import Lesson, head_name, keep, learn
from simulator.calls import DAY_S, Call, calls
from simulator.performance import Result, play_scene
from simulator.render import PackagedWardrobe, Painter
from simulator.scene import Scene
from simulator.vision import REAL_SAYING, Seeing
from simulator.visitors import Visitor
from simulator.world import World

HOUSEHOLD = ("mimi", "luna")
SCENE_S = 17.0
"""Seconds of one call: it comes, waits, and goes."""
RATE = 5.0
FIRST = 1_788_213_600.0
"""The UTC second of the first day's local midnight: 2026-09-01 in Berlin."""

HOUSE = """
[door]
timezone = "Europe/Berlin"
unenforced = "unlocked"

[camera]
kind = "usb"

[pins]
kind = "mock"

[[animal]]
name = "mimi"

[[animal]]
name = "luna"

[[rule]]
name = "our cats, mouth empty"
who = "own"
prey = false
direction = "in"
then = "unlock"
message = "one of ours, mouth empty"

[guard]
blocks = "in"
rest = "locked"

[bolt]
kind = "servo"
pin = 18

[[input]]
kind = "reed"
name = "door"
pin = 17

[clips]
keep = false
"""


def house() -> Project:
    """The door of the circle: left open until decisions are enforced."""
    return parse_project(HOUSE, "circle")


def strangers() -> list[Visitor]:
    """Cats in coats that nobody of the household wears, and a raccoon."""
    coats = PackagedWardrobe(HOUSEHOLD).free_coats()
    return [Visitor(f"the {coat} one", 0.0) for coat in coats] + [
        Visitor("the raccoon", 0.0, species="raccoon")
    ]


@dataclass(frozen=True, slots=True)
class HomeVision:
    """Implements vision.Vision: rendered frames through the models that lie in the state directory."""

    state: Path
    name: str = "real"
    saying: str = REAL_SAYING

    def begin(self, scene: Scene, world: World, seed: int) -> Seeing:
        """Eyes with the heads that are in use now."""
        sight = build_sight(scene.project, self.state)
        painter = Painter(world, PackagedWardrobe(HOUSEHOLD), seed, scene.lights)
        return Seeing(sight.eyes, painter.paint, painter.clear, sight.hashes, backbone=sight.embedder.sha256)


@dataclass(frozen=True, slots=True)
class Count:
    """What happened at the door in some days."""

    may_enter: int = 0
    locked_out: int = 0
    """Of those who may enter."""
    prey: int = 0
    prey_let_in: int = 0
    strangers: int = 0
    strangers_let_in: int = 0

    def and_of(self, call: Call, came_in: bool) -> Count:
        """This and one more call."""
        if call.may_enter(HOUSEHOLD):
            return replace(self, may_enter=self.may_enter + 1, locked_out=self.locked_out + (not came_in))
        if call.visitor.carries:
            return replace(self, prey=self.prey + 1, prey_let_in=self.prey_let_in + came_in)
        return replace(self, strangers=self.strangers + 1, strangers_let_in=self.strangers_let_in + came_in)

    def plus(self, other: Count) -> Count:
        """Both together."""
        return Count(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def in_words(self) -> str:
        """The three rates with their upper bounds at 95 % confidence."""
        rates = (
            ("locked out, though they may enter", self.locked_out, self.may_enter),
            ("let in with prey", self.prey_let_in, self.prey),
            ("strangers let in", self.strangers_let_in, self.strangers),
        )
        return "; ".join(
            f"{what}: {k} of {n}" + (f" (at most {at_most(k, n):.0%})" if n else "") for what, k, n in rates
        )


@dataclass(slots=True)
class Home:
    """A household with its device, whose state directory lives on from call to call."""

    state: Path
    project: Project
    seed: int = 0
    played: int = 0

    def receive(
        self, calls: Iterable[Call], enforce: bool, after: Callable[[Call, Result], None] | None = None
    ) -> Count:
        """Play calls in order, and count what came of them."""
        count = Count()
        for call in calls:
            result = self._play(call, enforce)
            count = count.and_of(call, result.record.when("inside", call.visitor.name) is not None)
            if after is not None:
                after(call, result)
        return count

    def _play(self, call: Call, enforce: bool) -> Result:
        self.played += 1
        scene = Scene(
            title=call.visitor.name,
            seconds=SCENE_S,
            project=self.project,
            visitors=(call.visitor,),
            lights=call.lights,
            starts=call.wall,
        )
        chosen = Settings(Mode.NORMAL, enforce)
        vision = HomeVision(self.state)
        return play_scene(scene, self.state, self.seed + self.played, RATE, vision, chosen=chosen)

    def label(self, call: Call, result: Result) -> None:
        """Say of the visits of a call what their owner sees in the pictures."""
        visitor = call.visitor
        truth = {WHO: visitor.name if visitor.name in HOUSEHOLD else STRANGER}
        truth |= {SPECIES: "cat"} if visitor.species == "cat" else {SPECIES: "other animal"}
        if visitor.species == "cat":
            truth[PREY] = PREY if visitor.carries else CLEAN
        visits = {visit.id for visit in result.record.visits}
        store = Store(self.state)
        Album(store).say(
            Said("visit", visit, task, label, "the owner", call.wall + SCENE_S)
            for visit in sorted(visits)
            for task, label in truth.items()
        )
        store.close()

    def learn(self, task: str, now: datetime) -> Lesson:
        """Train a head from what was labelled, as `latchlens train` does, and take it into use."""
        with AlbumReader(self.state) as album:
            dataset = album.dataset()
        evidence = self.project.section("evidence")
        settings = evidence.who if task == WHO else evidence.prey
        lesson = learn(dataset, task, Terms(settings=settings, horizon=evidence.horizon))
        name = head_name(self.project.section("heads"), task)
        folder = keep(lesson, name, self.project.section("embedding"), self.state, now)
        self._use(folder, now, "trained")
        return lesson

    def put_in_a_worse_head(self, now: datetime) -> str:
        """Take a head into use that takes own animals for strangers and strangers for own ones."""
        names = self.project.section("heads")
        good = next(
            head for head in find_heads(names, self.state, self._backbone().sha256) if head.task == WHO
        )
        card = good.card
        assert card.backbone is not None and card.training is not None
        folder = save_head(
            self.state / "models",
            names.who,
            WHO,
            good.labels,
            -good.weights,
            -good.bias,
            card.backbone,
            card.training,
            thresholds=card.thresholds,
        )
        self._use(folder, now, "put in on purpose")
        return f"{folder.parent.name}/{folder.name}"

    def watch_over(self, now: datetime) -> Look | None:
        """Do what a running device does every hour: send a head back that broke its word."""
        return review(self.project, self.state, self.project.section("heads").who, now.timestamp())

    def _use(self, folder: Path, now: datetime, why: str) -> None:
        verify = verifier(self.project, self.state)
        models, name = self.state / "models", folder.parent.name
        registry.activate(models, name, folder.name, verify, now.timestamp(), why)

    def _backbone(self) -> Card:
        return load_card(model_folder(self.project.section("embedding").model, self.state))


@dataclass(frozen=True, slots=True)
class Told:
    """How the circle went."""

    watched: Count
    lessons: tuple[Lesson, ...]
    enforced: Count
    worse: Count
    went_back: Look | None


def run(
    state: Path, weeks: float, after: float, seed: int, say: Callable[[str], None], most_worse: int = 120
) -> Told:
    """Go the whole way in the state directory `state`: `weeks` of watching, `after` weeks of enforcing.

    `say` hears what happens; at most `most_worse` calls are played with the worse head.
    """
    home = Home(state, house(), seed)
    days, later = round(7 * weeks), round(7 * after)
    say(f"{days} days of watching: the flap is left open, the owner labels every visit")
    watched = home.receive(_calls(FIRST, days, seed), enforce=False, after=home.label)
    say(f"  {watched.in_words()}")
    now = _day(days)
    lessons = tuple(home.learn(task, now) for task in (WHO, PREY))
    for lesson in lessons:
        for what, figure in event_table(lesson.evaluation):
            say(f"  {lesson.head.task}: {what}: {figure}")
    say(f"{later} days of enforcing")
    enforced = home.receive(_calls(now.timestamp(), later, seed + 1), enforce=True)
    say(f"  {enforced.in_words()}")
    now = _day(days + later)
    say(f"{home.put_in_a_worse_head(now)} is put into use on purpose: it takes everybody for somebody else")
    worse, back = _until_it_goes_back(home, now, seed + 2, most_worse)
    say(f"  {worse.in_words()}")
    say(f"  went back by itself: {back.in_words()}" if back else "  did not go back")
    return Told(watched, lessons, enforced, worse, back)


def _until_it_goes_back(home: Home, now: datetime, seed: int, most: int) -> tuple[Count, Look | None]:
    """Let calls come until the device sends the worse head back, the owner labelling what went wrong."""
    count, back = Count(), None
    for call in islice(_calls(now.timestamp(), 365, seed), most):
        count = count.plus(home.receive([call], enforce=True, after=home.label))
        back = home.watch_over(datetime.fromtimestamp(call.wall, UTC))
        if back is not None:
            break
    return count, back


def _calls(first: float, days: int, seed: int) -> Iterator[Call]:
    return calls(HOUSEHOLD, strangers(), first, days, seed)


def _day(number: int) -> datetime:
    return datetime.fromtimestamp(FIRST + number * DAY_S, UTC)
