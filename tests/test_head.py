"""A head judges embeddings of its own backbone only, and a new one is written whole or not at all."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import ModelError, StoreError
from device.messages import Box, Heading, Needed, Track
from device.neighbours import Neighbours, lens, neighbours
from device.see import embedding
from device.see.card import Backbone, Threshold, Thresholds, Training
from device.see.embedding import TfliteEmbedder
from device.see.head import HeadClassifier, LogisticHead, find_heads, load_head
from device.see.head_writer import save_head
from device.shipped import model_folder

BACKBONE = Backbone("tiny/1", "ab" * 32)
LABELS = ("mimi", "stranger")


@dataclass(frozen=True)
class Names:
    species: str = "starter-species"
    who: str = "household"
    prey: str = "prey"


@pytest.fixture(scope="module")
def embedder() -> TfliteEmbedder:
    return embedding.build(embedding.Settings(threads=1))


def save(root: Path, name: str = "household", task: str = "who", **more: object) -> Path:
    """A head on embeddings of two numbers: the first speaks for mimi, the second against her."""
    return save_head(
        root,
        name,
        task,
        LABELS,
        np.array([[4, 0], [0, 4]], np.float32),
        np.zeros(2, np.float32),
        more.pop("backbone", BACKBONE),  # type: ignore[arg-type]
        Training(
            "two cats",
            "none",
            {"mimi": 3, "stranger": 3},
            more.pop("weights", {"mimi": 1.0, "stranger": 1.0}),
        ),  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


def judge(head: LogisticHead, *values: float) -> dict[str, float]:
    return dict(head.judge(np.array(values, np.float32)).scores)


def track(seen: bool = True) -> Track:
    return Track(1, 0.0, Box(0.1, 0.1, 0.8, 0.8), "cat", 0.9, Heading.IN, 0.0, 3, seen)


def test_a_saved_head_judges_as_it_was_taught(tmp_path: Path) -> None:
    head = load_head(save(tmp_path), BACKBONE.sha256)
    assert head.task == "who"
    assert head.judge(np.array([1, 0], np.float32)).best == "mimi"
    assert judge(head, 1, 0)["mimi"] == pytest.approx(1 / (1 + np.exp(-4)))


def test_scores_are_divided_by_the_training_weights(tmp_path: Path) -> None:
    fair = load_head(save(tmp_path), BACKBONE.sha256)
    skewed = load_head(save(tmp_path, weights={"mimi": 4.0, "stranger": 1.0}), BACKBONE.sha256)
    before, after = judge(fair, 0.6, 0.8), judge(skewed, 0.6, 0.8)
    assert after["mimi"] / after["stranger"] == pytest.approx(
        before["mimi"] / before["stranger"] / 4, rel=1e-5
    )


@settings(deadline=None)
@given(st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=2))
def test_scores_are_probabilities(tmp_path_factory: pytest.TempPathFactory, values: list[float]) -> None:
    head = LogisticHead(
        load_head(save(tmp_path_factory.mktemp("head")), BACKBONE.sha256).card,
        np.array([[40, -40], [3, 1]], np.float32),
        np.array([0.5, -9], np.float32),
        np.ones(2, np.float32),
    )
    scores = judge(head, *values)
    assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    assert all(0 <= score <= 1 for score in scores.values())


def test_an_embedding_far_from_every_example_is_unfamiliar(tmp_path: Path) -> None:
    examples = np.array([[1, 0], [0.8, 0.6], [0.96, 0.28]], np.float32)
    head = load_head(save(tmp_path, examples=examples, familiar_cosine=0.7), BACKBONE.sha256)
    assert head.judge(np.array([0.96, 0.28], np.float32)).familiar is True
    assert head.judge(np.array([-1, 0], np.float32)).familiar is False
    assert load_head(save(tmp_path), BACKBONE.sha256).judge(np.array([1, 0], np.float32)).familiar is None


def test_a_head_for_another_backbone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"taught on another backbone \(tiny/1\).*teach it again"):
        load_head(save(tmp_path), "cd" * 32)


def test_labels_that_do_not_fit_the_weights_are_refused(tmp_path: Path) -> None:
    folder = save(tmp_path, weights={"mimi": 1.0, "stranger": 1.0})
    (folder / "labels.txt").write_text("mimi\nstranger\ntom\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"weights of 2x2 for 3 labels in .*labels\.txt"):
        load_head(folder, BACKBONE.sha256)


def test_a_damaged_head_is_refused(tmp_path: Path) -> None:
    folder = save(tmp_path)
    (folder / "head.npz").write_bytes(b"PK")
    with pytest.raises(ModelError, match="is not the file its card describes"):
        load_head(folder, BACKBONE.sha256)


def test_a_detector_is_not_a_head() -> None:
    with pytest.raises(ModelError, match="is a model for 'detection'"):
        load_head(model_folder("ssd-mobilenet-v2-oid"), BACKBONE.sha256)


def test_each_save_is_a_new_version_and_leaves_no_draft(tmp_path: Path) -> None:
    assert [save(tmp_path).name for _ in range(3)] == ["1", "2", "3"]
    assert sorted(each.name for each in (tmp_path / "household").iterdir()) == ["1", "2", "3"]


def test_a_save_that_fails_leaves_the_old_head_and_no_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreError, match=r"No space left.*free some space"):
        save(tmp_path)
    assert [each.name for each in (tmp_path / "household").iterdir()] == ["1"]


def test_heads_not_taught_yet_are_absent_and_taught_ones_are_found(
    tmp_path: Path, embedder: TfliteEmbedder
) -> None:
    assert [head.task for head in find_heads(Names(), tmp_path, embedder.sha256)] == ["species"]
    save(tmp_path / "models", backbone=replace(BACKBONE, sha256=embedder.sha256))
    assert [head.task for head in find_heads(Names(), tmp_path, embedder.sha256)] == ["species", "who"]


def test_a_head_in_the_wrong_place_is_refused(tmp_path: Path, embedder: TfliteEmbedder) -> None:
    with pytest.raises(ModelError, match="is a model for 'species', here one for 'who' is needed"):
        find_heads(Names(who="starter-species"), tmp_path, embedder.sha256)


def test_a_missing_species_head_is_an_error(tmp_path: Path, embedder: TfliteEmbedder) -> None:
    with pytest.raises(ModelError, match="no model 'mine'"):
        find_heads(Names(species="mine"), tmp_path, embedder.sha256)


def test_a_copied_starter_head_for_a_changed_backbone_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model_folder("starter-species"), tmp_path / "starter"))
    with pytest.raises(ModelError, match="efficientnet-lite0/1"):
        load_head(folder, "0" * 64)


def test_a_cat_is_judged_a_cat_and_its_embedding_is_kept(embedder: TfliteEmbedder) -> None:
    data = pytest.importorskip("skimage.data")
    picture = cv2.cvtColor(data.chelsea(), cv2.COLOR_RGB2BGR)
    classifier = HeadClassifier(embedder, find_heads(Names(), None, embedder.sha256))
    sighting = classifier.classify(picture, track())
    verdict = sighting.verdict("species")
    assert verdict is not None
    assert verdict.best == "cat"
    assert sighting.view.height == pytest.approx(0.8)
    assert 0.2 < sighting.view.brightness < 0.8


def test_a_track_that_was_not_seen_in_this_frame_is_not_judged(embedder: TfliteEmbedder) -> None:
    classifier = HeadClassifier(embedder, find_heads(Names(), None, embedder.sha256))
    picture = np.full((90, 160, 3), 90, np.uint8)
    assert classifier.classify(picture, track(seen=False)).verdicts == ()


def taught_with_neighbours(root: Path) -> tuple[LogisticHead, Neighbours]:
    views = np.array([[1, 0], [0.8, 0.6], [0, 1]], np.float32)
    near = neighbours(lens(views), views, [0, 0, 1], 2)
    threshold = Threshold(3.5, 0.1, 0.05, 7, 22)
    lights = Thresholds(threshold, replace(threshold, needed=5.0))
    folder = save(root, neighbours=near, likeness=6.0, thresholds=lights)
    return load_head(folder, BACKBONE.sha256), near


def test_likeness_to_known_examples_counts_as_it_was_taught(tmp_path: Path) -> None:
    head, near = taught_with_neighbours(tmp_path)
    view = np.array([0.6, 0.8], np.float32)
    like = near.likeness(view[None])[0]
    logits = np.array([4 * 0.6 + 6 * like[0], 4 * 0.8 + 6 * like[1]])
    assert head.judge(view).scores["mimi"] == pytest.approx(1 / (1 + np.exp(logits[1] - logits[0])), rel=1e-2)


def test_a_head_brings_the_thresholds_that_were_set_with_it(tmp_path: Path) -> None:
    head, _ = taught_with_neighbours(tmp_path)
    assert head.judge(np.array([1, 0], np.float32)).needed == Needed(day=3.5, infrared=5.0)
    assert load_head(save(tmp_path), BACKBONE.sha256).judge(np.array([1, 0], np.float32)).needed is None


def test_neighbours_of_another_head_are_refused(tmp_path: Path) -> None:
    views = np.eye(3, dtype=np.float32)
    folder = save(tmp_path, neighbours=neighbours(lens(views), views, [0, 0, 1], 2), likeness=1.0)
    with pytest.raises(ModelError, match="neighbours of another shape"):
        load_head(folder, BACKBONE.sha256)
