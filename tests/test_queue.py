"""The labelling queue: at most ten a day, a true random part in it, and what must be asked besides."""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.learn.album import Album, Said, View
from device.learn.album_reader import AlbumReader
from device.learn.asking import DAY_S, ask, margin, unfamiliar
from device.learn.dataset import packed
from device.learn.doubts import ChipDoubts
from device.learn.queue import (
    DISAGREES,
    MOST,
    NEAR,
    NOT_LET_IN,
    PREY_REPORTED,
    RANDOM,
    UNFAMILIAR,
    Candidate,
    always,
    daily,
)
from device.messages import ChipRead, MeterReading, Sighting, Verdict, VisitKind, VisitPhase
from device.tell.sink import Told
from device.tell.store import Store
from tests.test_journal import idle_pass, seen, visit

NOW = 1.7e9


def direction(seed):
    values = np.random.default_rng(seed).normal(size=16).astype(np.float32)
    return values / np.linalg.norm(values)


def candidate(number, **changes):
    given = {"came_in": True, "margin": number / 10, "embedding": direction(number)}
    return Candidate(f"v{number:03}", **(given | changes))


def reasons(offers):
    return sorted(each.reason for each in offers)


def test_a_day_has_four_near_two_doubtful_two_unfamiliar_and_two_by_chance():
    many = [candidate(n, disagrees=n % 7 == 0, unfamiliar=n % 5 == 0) for n in range(100)]
    assert reasons(daily(many, seed=1)) == sorted(
        [NEAR] * 4 + [DISAGREES] * 2 + [UNFAMILIAR] * 2 + [RANDOM] * 2
    )


def test_what_one_kind_leaves_over_goes_to_those_near_the_threshold():
    offers = daily([candidate(n) for n in range(100)], seed=1)
    assert reasons(offers) == [NEAR] * 8 + [RANDOM] * 2
    near = [int(each.visit[1:]) for each in offers if each.reason == NEAR]
    assert max(near) < 40


def test_visits_that_look_the_same_are_asked_about_once_while_others_wait():
    alike = [candidate(n, embedding=direction(0)) for n in range(20)]
    other = [candidate(n, embedding=direction(n)) for n in range(20, 28)]
    offered = {each.visit for each in daily([*alike, *other], seed=3) if each.reason == NEAR}
    assert {each.visit for each in other} <= offered | {
        each.visit for each in daily([*alike, *other], seed=3)
    }


def test_every_visit_has_the_same_chance_in_the_draw_labelled_or_not():
    many = [candidate(n, labelled=n % 2 == 0, margin=0.0 if n < 4 else 9.0) for n in range(10)]
    drawn = [each for seed in range(2000) for each in daily(many, seed) if each.reason == RANDOM]
    assert {each.probability for each in drawn} == {0.2}
    counts = [sum(each.visit == one.visit for each in drawn) for one in many]
    assert all(abs(count - 400) < 5 * (2000 * 0.2 * 0.8) ** 0.5 for count in counts)


def test_a_rate_from_what_was_drawn_and_what_is_always_asked_is_the_true_one_on_average():
    rng = np.random.default_rng(5)
    came_in = rng.random(60) < 0.7
    wrong = rng.random(60) < np.where(came_in, 0.1, 0.5)
    many = [candidate(n, came_in=bool(came_in[n]), margin=float(rng.random())) for n in range(60)]
    estimates = [
        sum(
            wrong[int(each.visit[1:])] / each.probability
            for each in [*always(many), *daily(many, seed)]
            if each.probability
        )
        for seed in range(3000)
    ]
    assert abs(np.mean(estimates) - wrong.sum()) < 4 * np.std(estimates) / 3000**0.5


def test_whoever_did_not_come_in_and_reported_prey_are_asked_about_besides():
    offers = always(
        [candidate(1), candidate(2, came_in=False), candidate(3, prey_reported=True, labelled=True),
         candidate(4, came_in=False, labelled=True)]
    )  # fmt: skip
    assert [(each.visit, each.reason, each.probability) for each in offers] == [
        ("v003", PREY_REPORTED, 1.0),
        ("v002", NOT_LET_IN, 1.0),
    ]


visits = st.lists(
    st.builds(
        candidate,
        st.integers(0, 400),
        came_in=st.booleans(),
        margin=st.floats(0, 10) | st.just(float("inf")),
        embedding=st.none() | st.integers(0, 5).map(direction),
        disagrees=st.booleans(),
        unfamiliar=st.booleans(),
        prey_reported=st.booleans(),
        labelled=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda each: each.visit,
)


@given(visits, st.integers(0, 99), st.integers(1, 20))
def test_never_more_than_the_most_nobody_twice_and_always_the_same(candidates, seed, most):
    offers = daily(candidates, seed, most)
    assert len(offers) <= most and len({each.visit for each in offers}) == len(offers)
    assert not {each.visit for each in offers} & {each.visit for each in always(candidates)}
    assert daily(list(candidates), seed, most) == offers
    free = [each for each in candidates if each.came_in and not each.prey_reported and not each.labelled]
    assert len(offers) >= min(most, len(free)) - round(0.2 * most) - 1


def meter(value, needed=4.0):
    return MeterReading("who", value, needed, -4.0, 5, None)


def test_the_nearest_meter_says_how_near_a_visit_was():
    assert margin(visit(evidence=(meter(8.0), meter(3.0)))) == 0.25
    assert margin(visit(evidence=())) == float("inf")


@pytest.mark.parametrize(
    ("familiar", "told"), [([False, False, True], True), ([False, True], False), ([], False), ([None], False)]
)
def test_an_animal_is_unfamiliar_if_most_frames_say_so(familiar, told):
    frames = [
        Sighting(seen(0.0).track, seen(0.0).view, (Verdict("who", {"a": 1.0}, each),)) for each in familiar
    ]
    assert unfamiliar(frames) is told


@pytest.fixture
def state(tmp_path):
    """Twenty visits of the last two hours: every fourth stayed outside."""
    with closing(Store(tmp_path)) as store:
        for n in range(20):
            kind = VisitKind.DENY if n % 4 == 0 else VisitKind.TRANSIT
            began, evidence = NOW - 7200 + n * 60, (meter(n / 2),)
            one = visit(id=f"v{n:03}", phase=VisitPhase.END, started_wall=began, evidence=evidence, kind=kind)
            store.add([one])
            Album(store).take(
                one.id, [View(f"{one.id}-1", one.id, NOW, False, "b", packed(direction(n)), "x")]
            )
        Album(store).doubt("v001", "chip against sight")
        yield store


def test_a_day_is_asked_about_once_and_what_was_labelled_is_done(state):
    offers = ask(state.folder, NOW)
    assert reasons(offers).count(NOT_LET_IN) == 5 and len(offers) == 5 + MOST
    assert ("v001", DISAGREES) in [(each.visit, each.reason) for each in offers] or any(
        (each.visit, each.reason) == ("v001", RANDOM) for each in offers
    )
    assert ask(state.folder, NOW + 60) == offers
    Album(state).say([Said("visit", offers[0].visit, "prey", "clean", "me", NOW)])
    assert ask(state.folder, NOW + 120) == offers[1:]


def test_reported_prey_stays_open_until_somebody_says_whose_it_was(state):
    Album(state).say([Said("visit", "v003", "prey", "prey", "me", NOW)])
    assert "v003" in [each.visit for each in ask(state.folder, NOW)]
    Album(state).say([Said("visit", "v003", "who", "mimi", "me", NOW)])
    assert "v003" not in [each.visit for each in ask(state.folder, NOW)]
    state.add([visit(id="old", phase=VisitPhase.END, started_wall=NOW - 40 * DAY_S)])
    Album(state).say([Said("visit", "old", "prey", "prey", "me", NOW)])
    assert "old" in [each.visit for each in ask(state.folder, NOW)]


def test_nobody_is_asked_about_persons_or_a_visit_that_lasts(state):
    state.add([visit(id="p", phase=VisitPhase.END, started_wall=NOW, species="person", kind=VisitKind.PEEK)])
    state.add([visit(id="o", started_wall=NOW - 100, started=0.0, ended=90.0, phase=VisitPhase.UPDATE)])
    assert not {"p", "o"} & {each.visit for each in ask(state.folder, NOW)}
    state.add([visit(id="o", started_wall=NOW - 100, started=0.0, ended=200.0, phase=VisitPhase.END)])
    assert "o" in {each.visit for each in ask(state.folder, NOW + DAY_S)}


def test_the_next_day_only_its_own_visits_are_drawn(state):
    first = ask(state.folder, NOW)
    fresh = [
        visit(id=f"w{n}", phase=VisitPhase.END, started_wall=NOW + 600 + n, kind=VisitKind.TRANSIT)
        for n in range(4)
    ]
    state.add(fresh)
    assert ask(state.folder, NOW + 3600) == first
    second = ask(state.folder, NOW + DAY_S + 1)
    assert {each.visit for each in second[len(first) :]} == {each.id for each in fresh}
    with AlbumReader(state.folder) as reader:
        drawn = [each.probability for each in reader.offered() if each.reason == RANDOM]
    assert drawn == [2 / 15, 2 / 15, 0.5, 0.5]


def test_the_queue_is_printed_a_line_each(latchlens, tmp_path):
    Store(tmp_path).close()
    assert latchlens("dataset", "queue", "--state", tmp_path).went_well().out.startswith("nothing to label")
    with closing(Store(tmp_path)) as store:
        store.add([replace(visit(), phase=VisitPhase.END, kind=VisitKind.DENY, started_wall=4e9)])
    assert "a-1  did not come in" in latchlens("dataset", "queue", "--state", tmp_path).went_well().out
    (offer,) = latchlens("dataset", "queue", "--json", "--state", tmp_path).went_well().objects
    assert offer == {"visit": "a-1", "reason": "did not come in", "probability": 1.0}


MIMI_CHIP, OTHER_CHIP = "276098102345678", "276098109999999"


def told(time, *sees, chip=None, visits=()):
    observation, decision = idle_pass(time, sightings=tuple(sees), looked=True)
    inputs = replace(observation.inputs, chip=chip)
    return Told(replace(observation, inputs=inputs), replace(decision, visits=visits))


def judged(time, name, track=1):
    found = seen(time)
    scores = {"mimi": 0.9, "stranger": 0.1} if name == "mimi" else {"mimi": 0.1, "stranger": 0.9}
    return replace(found, track=replace(found.track, id=track, seen=True), verdicts=(Verdict("who", scores),))


@pytest.mark.parametrize(
    ("number", "names", "doubted"),
    [
        (MIMI_CHIP, ["mimi"] * 4, False),
        (MIMI_CHIP, ["stranger"] * 4, True),
        (OTHER_CHIP, ["mimi"] * 4, True),
        (OTHER_CHIP, ["stranger"] * 4, False),
        (MIMI_CHIP, ["stranger"] * 2, False),
        (MIMI_CHIP, ["stranger", "mimi"] * 3, False),
        (None, ["stranger"] * 4, False),
    ],
)
def test_a_chip_that_says_otherwise_than_sight_is_a_doubt(tmp_path, number, names, doubted):
    with closing(Store(tmp_path)) as store:
        sink = ChipDoubts({MIMI_CHIP: "mimi"}, Album(store))
        chip = ChipRead(0.0, number) if number else None
        sink.tell([told(time, judged(time, name), chip=chip) for time, name in enumerate(names)])
        sink.tell([told(9.0, visits=(visit(tracks=(1,), phase=VisitPhase.END),))])
        with AlbumReader(tmp_path) as reader:
            assert reader.doubted() == ({"a-1"} if doubted else set())


def test_a_chip_read_beside_two_animals_or_before_this_one_came_is_no_doubt(tmp_path):
    with closing(Store(tmp_path)) as store:
        sink = ChipDoubts({MIMI_CHIP: "mimi"}, Album(store))
        old = ChipRead(0.0, MIMI_CHIP)
        sink.tell([told(0.0, judged(0.0, "mimi", 1), judged(0.0, "stranger", 2), chip=old)])
        sink.tell([told(time, judged(time, "stranger", 2), chip=old) for time in range(1, 6)])
        sink.tell([told(99.0), told(99.0, visits=(visit(tracks=(2,), phase=VisitPhase.END),))])
        assert not sink._opinions
        with AlbumReader(tmp_path) as reader:
            assert not reader.doubted()


def test_a_chip_read_long_before_says_nothing(tmp_path):
    with closing(Store(tmp_path)) as store:
        sink = ChipDoubts({MIMI_CHIP: "mimi"}, Album(store))
        sink.tell([told(t, judged(t, "stranger"), chip=ChipRead(0.0, MIMI_CHIP)) for t in range(20, 25)])
        sink.tell([told(25.0, visits=(visit(tracks=(1,), phase=VisitPhase.END),))])
        with AlbumReader(tmp_path) as reader:
            assert not reader.doubted()
