"""Heads in use, on trial and gone back: never half switched, never in use without a self-test."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device import registry, shipped
from device.config import parse_project
from device.errors import ModelError, StoreError
from device.heads import HeadKeeper, review, verifier
from device.learn import trials
from device.learn.album import Album, Import, Said, View
from device.learn.album_reader import AlbumReader
from device.learn.dataset import packed
from device.learn.trial import LOOKS, Judged, compare, goes_back, look
from device.learn.truth import may_enter
from device.messages import VisitKind, VisitPhase
from device.promoting import comparison
from device.registry import Registry
from device.see.card import Backbone, Training, load_card
from device.see.head import HeadClassifier, find_heads
from device.see.head_writer import save_head
from device.self_test import golden_picture, self_test
from device.shadowing import ShadowSink, seen_by
from device.shipped import REGISTRY_FILE
from device.tell.health import Health, State
from device.tell.sink import Told
from device.tell.store import Store
from tests.making import OWN_CLEAN, empty, frames, policy, steady
from tests.test_journal import idle_pass, visit

BACKBONE = Backbone("efficientnet-lite0", load_card(shipped.model_folder("efficientnet-lite0")).sha256)
PROJECT = parse_project(
    """
[camera]
kind = "usb"
[bolt]
kind = "servo"
pin = 18
[[animal]]
name = "mimi"
"""
)


def teach(models: Path, own: float = 4.0, backbone: Backbone = BACKBONE) -> str:
    """A head that takes everything for Mimi (`own` > 0) or for a stranger; its version."""
    weights, bias = np.zeros((1280, 2), np.float32), np.array([own, -own], np.float32)
    training = Training("none", "none", {"mimi": 1, "stranger": 1}, {"mimi": 1.0, "stranger": 1.0})
    return save_head(models, "household", "who", ("mimi", "stranger"), weights, bias, backbone, training).name


def trusting(folder: Path) -> None:
    assert (folder / "card.toml").is_file()


@pytest.fixture
def models(tmp_path):
    """A state directory's models with two versions of a head, the first in use."""
    folder = tmp_path / "models"
    teach(folder)
    registry.keep_active(folder, "household")
    teach(folder)
    return folder


def in_use(models):
    return shipped.model_folder("household", models.parent).name


def test_a_head_taught_next_does_not_replace_the_one_in_use_by_itself(models):
    assert in_use(models) == "1"
    assert registry.versions(models, "household") == ["1", "2"]


def test_without_a_registry_the_newest_is_in_use(tmp_path):
    for _ in range(11):
        teach(tmp_path / "models")
    assert in_use(tmp_path / "models") == "11"
    assert registry.read(tmp_path / "models", "household") == Registry("11")
    assert registry.read(tmp_path / "models", "nobody") is None


def test_activating_switches_and_going_back_returns(models):
    now = registry.activate(models, "household", "2", trusting, 1e9)
    assert (in_use(models), now.since, now.before[-1].version) == ("2", 1e9, "1")
    back = registry.roll_back(models, "household", trusting, 2e9, "it locks out")
    assert in_use(models) == "1"
    assert (back.withdrawn[-1].version, back.withdrawn[-1].why) == ("2", "it locks out")


def test_nobody_returns_to_what_went_back(models):
    registry.activate(models, "household", "2", trusting, None)
    registry.roll_back(models, "household", trusting, None, "")
    with pytest.raises(ModelError, match="no version before the one in use"):
        registry.roll_back(models, "household", trusting, None, "")
    assert in_use(models) == "1"


def test_a_version_that_fails_its_test_is_never_in_use(models):
    def refuse(folder):
        raise ModelError(f"{folder} is bad")

    for change in (
        lambda: registry.activate(models, "household", "2", refuse, None),
        lambda: registry.try_beside(models, "household", "2", refuse),
    ):
        with pytest.raises(ModelError, match="is bad"):
            change()
        assert registry.read(models, "household") == Registry("1")


@pytest.mark.parametrize("version", ["3", "..", "", "registry.json"])
def test_a_version_that_is_not_there_is_refused(models, version):
    with pytest.raises(ModelError, match="there is no household"):
        registry.activate(models, "household", version, trusting, None)


def test_where_nothing_was_taught_yet_that_is_said(tmp_path):
    with pytest.raises(ModelError, match="there is no household/3; there is none yet"):
        registry.activate(tmp_path, "household", "3", trusting, None)


def test_a_head_is_tried_beside_and_given_up_or_activated(models):
    assert registry.try_beside(models, "household", "2", trusting).shadow == "2"
    assert in_use(models) == "1"
    with pytest.raises(ModelError, match="in use already"):
        registry.try_beside(models, "household", "1", trusting)
    assert registry.activate(models, "household", "2", trusting, None).shadow is None
    registry.try_beside(models, "household", "1", trusting)
    assert registry.give_up_shadow(models, "household", "1").shadow is None
    with pytest.raises(ModelError, match="household/1 is not on trial"):
        registry.give_up_shadow(models, "household", "1")


@pytest.mark.parametrize("content", ["", "{", '{"active": 3}', '{"active": "9"}', "[]"])
def test_a_damaged_registry_is_named_and_mended_by_activating(models, content):
    path = models / "household" / REGISTRY_FILE
    path.write_text(content)
    with pytest.raises(ModelError, match=r"registry.json"):
        registry.read(models, "household")
    registry.activate(models, "household", "2", trusting, None)
    assert in_use(models) == "2"


def test_a_power_cut_at_any_moment_of_activating_leaves_one_of_the_two_in_use(models, monkeypatch):
    """Every call that changes the disk is the last one in turn."""
    path = models / "household" / REGISTRY_FILE
    before = path.read_bytes()
    seen = set()
    for last in range(8):
        path.write_bytes(before)
        left = [last]

        class Cut(Exception):  # noqa: N818
            pass

        def counting(real, left=left, cut=Cut):
            def call(*arguments, **options):
                if left[0] == 0:
                    raise cut
                left[0] -= 1
                return real(*arguments, **options)

            return call

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", counting(os.fsync))
            patch.setattr(Path, "replace", counting(Path.replace))
            patch.setattr(Path, "open", counting(Path.open))
            with suppress(Cut):
                registry.activate(models, "household", "2", trusting, None)
        seen.add(in_use(models))
        assert registry.read(models, "household") is not None
    assert seen == {"1", "2"}


def test_a_full_disk_leaves_the_one_in_use(models, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(StoreError, match="free some space"):
        registry.activate(models, "household", "2", trusting, None)
    monkeypatch.undo()
    assert in_use(models) == "1"


def test_a_head_of_another_backbone_is_refused(models, tmp_path):
    version = teach(models, backbone=Backbone("other", "0" * 64))
    with pytest.raises(ModelError, match="taught on another backbone"):
        registry.activate(models, "household", version, verifier(PROJECT, tmp_path), None)
    assert in_use(models) == "1"


def test_the_self_test_finds_a_backbone_that_gives_something_else(models, tmp_path):
    shown = shipped.model_folder("efficientnet-lite0")
    verify = verifier(PROJECT, tmp_path)
    verify(models / "household" / "1")
    head = verify(models / "household" / "1")

    class Embedder:
        def embed(self, crop):
            assert crop.shape == golden_picture().shape
            made = np.zeros(1280, np.float32)
            made[0] = 1.0
            return made

    with pytest.raises(ModelError, match="does not give the embedding it should"):
        self_test(shown, Embedder(), head)


# Trials


def test_promotion_wants_no_additional_bad_visit():
    known = [Judged(f"v-{number}", True, True, True) for number in range(20)]
    assert compare(known).objection is None
    worse = compare([*known, Judged("bad", False, True, False)])
    assert worse.bad_let_in == ("bad",) and "1 bad visit(s): bad" in worse.objection


def test_promotion_wants_enough_visits_and_more_put_right_than_wrong():
    few = [Judged("v-1", True, True, True)]
    assert "10 are needed" in compare(few).objection
    known = [Judged(f"v-{number}", True, True, True) for number in range(20)]
    wrong, right = Judged("w", True, False, True), Judged("r", False, True, True)
    assert "1 visits wrong and only 0 right" in compare([*known, wrong]).objection
    assert compare([*known, wrong, right]).objection is None


def test_visits_of_unknown_truth_on_which_they_differ_are_worth_a_label():
    found = compare([Judged("v", True, False, None)])
    assert (found.differ, found.known, found.put_wrong) == (("v",), 0, ())


@steady
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.sampled_from([True, False, None])), max_size=40))
def test_every_visit_that_differs_is_counted_once(drawn):
    judged = [Judged(str(number), *each) for number, each in enumerate(drawn)]
    found = compare(judged)
    changed = {each.visit for each in judged if each.live is not each.shadow}
    assert sorted([*found.put_right, *found.put_wrong, *found.differ]) == sorted(changed)
    assert set(found.bad_let_in) <= set(found.put_wrong)


def test_a_head_as_good_as_promised_goes_back_rarely_and_a_bad_one_soon():
    random = np.random.default_rng(0)

    def share(rate, repeats):
        back = [goes_back(list(random.random(LOOKS[-1]) >= rate), 0.05) is not None for _ in range(repeats)]
        return sum(back) / repeats

    assert share(0.05, 300) <= 0.06
    assert share(0.30, 60) > 0.95


def test_looks_are_fixed():
    assert look([True] * 29, 0.05) is None
    assert [look([True] * number, 0.05).visits for number in (30, 49, 50, 99, 100, 500)] == [
        30,
        30,
        50,
        50,
        100,
        100,
    ]
    assert goes_back([True] * 100 + [False] * 400, 0.05) is None, "nobody looks again and again"


@pytest.mark.parametrize(
    ("labels", "let_in", "truth"),
    [
        ({"who": "mimi", "prey": "clean"}, False, True),
        ({"who": "mimi", "prey": "prey"}, True, False),
        ({"who": "stranger"}, True, False),
        ({"species": "dog"}, True, False),
        ({"decision": "right"}, True, True),
        ({"decision": "right"}, False, False),
        ({"decision": "wrong"}, False, True),
        ({"who": "mimi"}, True, None),
        ({}, True, None),
    ],
)
def test_what_the_owner_said_tells_who_might_have_come_in(labels, let_in, truth):
    assert may_enter(labels, let_in, {"mimi"}) is truth


class Always:
    """A head that says the same of every embedding."""

    def __init__(self, verdict):
        self.verdict = verdict
        self.task = verdict.task

    def judge(self, embedding):
        assert embedding is not None
        return self.verdict


def with_embeddings(passes):
    shown = np.ones(4, np.float32) / 2
    return [
        replace(each, sightings=tuple(replace(one, embedding=shown) for one in each.sightings))
        for each in passes
    ]


def test_a_head_in_shadow_is_judged_by_the_same_policy_and_moves_nothing(tmp_path):
    store, live = Store(tmp_path), policy()
    refuses = replace(OWN_CLEAN[1], scores={"mimi": 0.02, "stranger": 0.98})
    sink = ShadowSink(Always(refuses), "household/2", policy(), store)
    for each in with_embeddings([*frames(0.0, 4.0, *OWN_CLEAN), *empty(4.0, 80.0, rate=2)]):
        sink.tell([Told(each, live.decide(each))])
    (judged,) = trials.judged(tmp_path, "household/2", {"mimi"})
    assert (judged.live, judged.shadow, judged.may_enter) == (True, False, None)
    with AlbumReader(tmp_path) as reader:
        assert reader.doubted() == {judged.visit}, "its owner is asked who is right"
    store.close()


def test_where_both_heads_agree_nobody_is_asked(tmp_path):
    store, live = Store(tmp_path), policy()
    sink = ShadowSink(Always(OWN_CLEAN[1]), "household/2", policy(), store)
    for each in with_embeddings([*frames(0.0, 4.0, *OWN_CLEAN), *empty(4.0, 80.0, rate=2)]):
        sink.tell([Told(each, live.decide(each))])
    assert [each.shadow for each in trials.judged(tmp_path, "household/2", {"mimi"})] == [True]
    with AlbumReader(tmp_path) as reader:
        assert not reader.doubted()
    store.close()


def test_what_carries_no_embedding_stays_as_it_was_judged():
    (shown, *_) = frames(0.0, 0.1, *OWN_CLEAN)
    assert seen_by(Always(OWN_CLEAN[1]), shown) == shown


# The running device


def lived(store, number, let_in, wall, who="mimi"):
    kind = VisitKind.TRANSIT if let_in else VisitKind.DENY
    made = replace(
        visit(id=f"v-{number}"),
        who=who,
        phase=VisitPhase.END,
        started_wall=wall + number,
        kind=kind,
        unlocked_at=1.0 if let_in else None,
    )
    store.add([made])
    return made.id


def test_a_worse_head_put_in_on_purpose_goes_back_by_itself(tmp_path):
    models = tmp_path / "models"
    teach(models)
    registry.keep_active(models, "household")
    worse = teach(models, own=-4.0)
    registry.activate(models, "household", worse, trusting, 1e9)
    store = Store(tmp_path)
    names = [lived(store, number, number % 3 > 0, 1e9) for number in range(30)]
    refused = [name for number, name in enumerate(names) if number % 3 == 0]
    assert review(PROJECT, tmp_path, "household", 2e9) is None, "nobody said yet that they might have come in"
    Album(store).say([Said("visit", name, "decision", "wrong", "me", 2e9) for name in refused])
    found = review(PROJECT, tmp_path, "household", 2e9)
    store.close()
    assert (found.locked_out, found.visits) == (10, 30)
    standing = registry.read(models, "household")
    assert standing.active == "1" and "10 of 30 visits" in standing.withdrawn[-1].why
    assert review(PROJECT, tmp_path, "household", 3e9) is None, "there is nothing to return to"


def test_visits_of_before_it_came_into_use_do_not_count(tmp_path):
    store = Store(tmp_path)
    names = [lived(store, number, False, 0.5e9) for number in range(40)]
    Album(store).say([Said("visit", name, "decision", "wrong", "me", 2e9) for name in names])
    assert trials.let_in_since(tmp_path, 1e9, {"mimi"}) == []
    assert trials.let_in_since(tmp_path, None, {"mimi"}) == [False] * 40
    store.close()


def test_a_running_device_follows_the_registry_between_two_visits(tmp_path):
    models = tmp_path / "models"
    teach(models)
    registry.keep_active(models, "household")
    refusing = teach(models, own=-4.0)
    Store(tmp_path).close()
    health = Health()
    classifier = HeadClassifier(None, find_heads(PROJECT.section("heads"), tmp_path, BACKBONE.sha256))
    keeper = HeadKeeper(PROJECT, tmp_path, BACKBONE.sha256, classifier, health)
    nobody = idle_pass(0.0)

    def versions(time, *sightings):
        keeper.tell([Told(replace(nobody[0], time=time, sightings=sightings), nobody[1])])
        return {head.card.name: head.card.version for head in classifier._heads}["household"]

    somebody = frames(0.0, 0.1, *OWN_CLEAN)[0].sightings
    assert versions(0.0) == "1"
    registry.activate(models, "household", refusing, trusting, None)
    assert versions(10.0, *somebody) == "1", "not while somebody is there"
    assert versions(20.0) == "2"
    (models / "household" / REGISTRY_FILE).write_text("{")
    assert versions(30.0) == "2", "a damaged registry changes nothing"
    assert health.report()[0].state is State.FAULT
    registry.activate(models, "household", "1", trusting, None)
    assert versions(40.0) == "1"
    assert health.report()[0].state is State.OK


def test_a_head_that_lets_in_a_bad_visit_of_the_album_is_not_promoted(latchlens, tmp_path):
    models, options = tmp_path / "models", ("--state", tmp_path)
    teach(models, own=-4.0)
    registry.keep_active(models, "household")
    careless = teach(models)
    store = Store(tmp_path)
    lived(store, 0, False, 1e9)
    shown = packed(np.ones(1280, np.float32))
    album = Album(store)
    for number in ("v-0", "v-1"):
        view = View(f"{number}-a", number, 1e9, False, BACKBONE.sha256, shown, f"{number}.jpg")
        album.add([view], (), {}, Import("here", "csv", 1e9))
    album.say(
        [Said("visit", "v-0", "who", "stranger", "me", 2e9), Said("visit", "v-1", "who", "mimi", "me", 2e9)]
    )
    store.close()
    refused = latchlens("models", "activate", f"household/{careless}", *options)
    refused.refused("1 bad visit(s) of the album that the head in use keeps out: v-0")
    told = latchlens("models", "compare", f"household/{careless}", *options).went_well().out
    assert "bad ones of the album let in anew, of 1: 1: v-0" in told
    latchlens("models", "activate", f"household/{careless}", "--anyway", *options).went_well()
    assert comparison(PROJECT, tmp_path, "household", "1").golden_let_in == (), "the careful one adds none"


def test_the_commands_activate_try_compare_and_go_back(latchlens, models, tmp_path):
    assert in_use(models) == "1"
    options = ("--state", tmp_path)
    Store(tmp_path).close()
    latchlens("models", "activate", "household/2", *options).refused("only 0 visits are labelled", "--anyway")
    assert "is tried" in latchlens("models", "shadow", "household/2", *options).went_well().out
    stopped = latchlens("models", "shadow", "household/2", "--stop", *options).went_well()
    assert "is tried no more" in stopped.out
    latchlens("models", "shadow", "household/2", "--stop", *options).refused("household/2 is not on trial")
    assert "is tried" in latchlens("models", "shadow", "household/2", *options).went_well().out
    listed = latchlens("models", "list", *options).went_well().out.splitlines()
    assert [line.split("  ")[-1].strip() for line in listed if line.startswith("household")] == [
        "in use",
        "tried beside it",
    ]
    assert "0 visits on trial" in latchlens("models", "compare", "household/2", *options).went_well().out
    (found,) = latchlens("models", "compare", "household/2", "--json", *options).went_well().objects
    assert found["put_right"] == [] and "10 are needed" in found["objection"]
    done = latchlens("models", "activate", "household/2", "--anyway", *options).went_well()
    assert done.out == "household/2 is in use; household/1 is kept\n"
    done = latchlens("models", "rollback", "household", *options).went_well()
    assert done.out == "household/1 is in use again; household/2 went back\n"
    latchlens("models", "activate", "household", *options).refused("write it like household/3", status=2)
    latchlens("models", "activate", "household/7", "--anyway", *options).refused("there is no household/7")
