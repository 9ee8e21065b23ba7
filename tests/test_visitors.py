"""Unknown visitors come together by looks, whatever the nights between, and are called by their coat."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from device.learn.album import Album, Said, View
from device.learn.dataset import packed
from device.learn.similarity import shipped
from device.tell.store import Store
from device.visitors import unknown_visitors
from tests.test_journal import visit

GINGER, GREY = (40, 110, 200), (120, 120, 120)


def like(animal, seed):
    """An embedding of a cat called by a number: what all cats share, and something of its own."""
    own = np.random.default_rng(animal).normal(size=shipped().centre.shape)
    shake = np.random.default_rng([animal, seed]).normal(size=own.shape)
    made = shipped().centre + 0.02 * own + 0.004 * shake
    return (made / np.linalg.norm(made)).astype(np.float32)


@pytest.fixture
def state(tmp_path):
    """Three visits of a ginger stranger, two of a grey one, one of Mimi and one that somebody named Tom."""
    store = Store(tmp_path)
    album = Album(store)
    animals = {"a-1": (1, GINGER), "a-2": (2, GREY), "a-3": (1, GINGER), "a-4": (3, GREY)}
    animals |= {"a-5": (2, GREY), "a-6": (1, GINGER), "a-7": (4, GREY)}
    for name, (animal, colour) in animals.items():
        who = "mimi" if name == "a-4" else None
        store.add([replace(visit(id=name), who=who, species="cat")])
        cv2.imwrite(str(tmp_path / f"{name}.png"), np.full((40, 40, 3), colour, np.uint8))
        views = [
            View(
                f"{name}-{k}",
                name,
                1e9,
                name == "a-5",
                shipped().backbone,
                packed(like(animal, k)),
                f"{name}.png",
            )
            for k in range(3)
        ]
        album.take(name, views)
    album.say([Said("visit", "a-7", "who", "tom", "me", 1e9)])
    store.close()
    return tmp_path


def test_unknown_visitors_come_together_and_named_ones_are_left_out(state):
    found = [(each.name, each.visits) for each in unknown_visitors(state)]
    assert found == [("ginger one", ("a-6", "a-3", "a-1")), ("grey one", ("a-5", "a-2"))]


def test_animals_of_different_species_are_never_one(state):
    store = Store(state)
    store.add([replace(visit(id="a-6"), who=None, species="dog")])
    store.close()
    assert sorted(each.visits for each in unknown_visitors(state)) == [
        ("a-3", "a-1"),
        ("a-5", "a-2"),
        ("a-6",),
    ]


def test_a_picture_that_was_given_up_leaves_the_visitor_without_a_colour(state):
    for picture in state.glob("*.png"):
        picture.unlink()
    assert {each.name for each in unknown_visitors(state)} == {"unseen one"}


def test_the_command_lists_them(state, latchlens):
    answer = latchlens("gallery", "strangers", "--state", state).went_well()
    assert answer.out.splitlines()[0] == "ginger one, 3 visits: a-6, a-3, a-1"
    (first, _) = latchlens("gallery", "strangers", "--state", state, "--json").went_well().objects
    assert first == {"Name": "ginger one", "Species": "cat", "Visits": ["a-6", "a-3", "a-1"]}


def test_a_house_without_visits_has_no_strangers(tmp_path):
    Store(tmp_path).close()
    assert unknown_visitors(tmp_path) == []
