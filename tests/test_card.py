"""A model is refused unless it is what its card says, and the message names the file and the fix."""

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.errors import ModelError
from device.see.card import Card, Input, Output, Quantisation, load_card, read_card
from device.see.card_text import card_as_toml
from device.see.verify import verify_model
from device.shipped import find_model, model_folder, models


@pytest.fixture
def detector(tmp_path: Path) -> Path:
    """A copy of the shipped detector that a test may damage."""
    return Path(shutil.copytree(model_folder("ssd-mobilenet-v2-oid"), tmp_path / "detector"))


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "card.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("folder", models(), ids=lambda folder: folder.parent.name)
def test_every_shipped_model_is_what_its_card_says(folder: Path) -> None:
    card = verify_model(folder)
    assert card.title == f"{folder.parent.name}/{folder.name}"
    assert card.licence
    assert card.origin


def test_the_shipped_models_are_small_enough_for_the_device() -> None:
    assert load_card(model_folder("ssd-mobilenet-v2-oid")).path.stat().st_size <= 6_000_000
    assert load_card(model_folder("efficientnet-lite0")).path.stat().st_size <= 6_000_000


def test_a_damaged_model_is_refused_by_its_hash(detector: Path) -> None:
    model = detector / "model.tflite"
    data = bytearray(model.read_bytes())
    data[len(data) // 2] ^= 1
    model.write_bytes(data)
    with pytest.raises(
        ModelError, match=r"model\.tflite is not the file its card describes.*copy the model again"
    ):
        load_card(detector)


def test_a_truncated_model_is_refused_even_with_a_matching_hash(detector: Path) -> None:
    model = detector / "model.tflite"
    whole = load_card(detector).sha256
    model.write_bytes(model.read_bytes()[:1000])
    edit(detector, whole, hashlib.sha256(model.read_bytes()).hexdigest())
    with pytest.raises(ModelError, match="not a TFLite model that can run here"):
        verify_model(detector)


def test_a_missing_model_file_is_named(detector: Path) -> None:
    (detector / "model.tflite").unlink()
    with pytest.raises(ModelError, match=r"model\.tflite is missing"):
        load_card(detector)


def test_a_foreign_model_with_its_own_hash_is_refused_by_its_shapes(detector: Path) -> None:
    foreign = load_card(model_folder("efficientnet-lite0"))
    own = load_card(detector)
    shutil.copy(foreign.path, detector / "model.tflite")
    edit(detector, own.sha256, foreign.sha256)
    with pytest.raises(ModelError, match="the card belongs to another model"):
        verify_model(detector)


def test_another_quantisation_than_the_cards_is_refused(detector: Path) -> None:
    edit(detector, "zero_point = 127", "zero_point = 0")
    with pytest.raises(ModelError, match=r"zero point 127, its card says .* zero point 0"):
        verify_model(detector)


def test_labels_that_do_not_fit_are_refused(detector: Path) -> None:
    labels = detector / "labels.txt"
    labels.write_text(
        "".join(labels.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8"
    )
    with pytest.raises(ModelError, match=r"labels\.txt has 23 labels for 24 classes"):
        verify_model(detector)


def test_a_label_that_the_card_maps_but_the_model_lacks_is_refused(detector: Path) -> None:
    edit(detector, "Cattle =", "Badger =")
    with pytest.raises(ModelError, match="'Badger', not in labels"):
        verify_model(detector)


def test_an_unknown_key_in_a_card_is_named(detector: Path) -> None:
    edit(detector, "name =", 'colour = "red"\nname =')
    with pytest.raises(ModelError, match=r"card\.toml: colour"):
        read_card(detector)


def test_a_card_that_is_not_toml_is_named(detector: Path) -> None:
    (detector / "card.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(ModelError, match=r"card\.toml cannot be read"):
        read_card(detector)


def test_an_unknown_model_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"no model 'yolo'; known are: blazeface-short, .*starter-species"):
        model_folder("yolo")


def test_the_owners_model_comes_before_the_shipped_one_and_the_newest_version_first(tmp_path: Path) -> None:
    for version in ("2", "10"):
        folder = tmp_path / "models" / "starter-species" / version
        shutil.copytree(model_folder("starter-species"), folder)
    assert model_folder("starter-species", tmp_path).name == "10"
    assert model_folder("starter-species/2", tmp_path).name == "2"
    assert model_folder("efficientnet-lite0", tmp_path) == model_folder("efficientnet-lite0")


def test_a_draft_that_is_still_being_written_is_not_found(tmp_path: Path) -> None:
    shutil.copytree(model_folder("starter-species"), tmp_path / "models" / "household" / ".draft-1")
    assert find_model("household", tmp_path) is None
    assert tmp_path not in {folder.parents[2] for folder in models(tmp_path)}


text = st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), max_size=20)


@settings(deadline=None)
@given(
    origin=text,
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    scale=st.floats(1e-6, 1e3),
    measured=st.dictionaries(text.filter(bool), text.filter(bool), max_size=3),
)
def test_a_card_reads_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory,
    origin: str,
    shape: tuple[int, int],
    scale: float,
    measured: dict[str, str],
) -> None:
    tensor = Output("scores", shape, "int8", "logits", Quantisation(scale, -3))
    card = Card(
        name="a",
        version="1",
        task="detection",
        file="model.tflite",
        sha256="0" * 64,
        licence="MIT",
        origin=origin,
        input=Input(shape, "uint8", "BGR", 127.5, 127.5, Quantisation(scale, 127)),
        output=(tensor, tensor),
        decoder={"kind": "ssd", "grids": [19, 10], "labels": {"Cat": "cat"}},
        measured=measured,
    )
    folder = tmp_path_factory.mktemp("card")
    (folder / "card.toml").write_text(card_as_toml(card), encoding="utf-8")
    assert replace(read_card(folder), folder=Path()) == card
