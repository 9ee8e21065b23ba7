"""Wrong models on the command line: damaged, foreign, half there, or without anything that can run them."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from device import shipped
from device.see import tflite
from tests.command_line import Answer, Latchlens
from tests.recordings import Recordings

DETECTOR, HEAD = "ssd-mobilenet-v2-oid", "starter-species"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def copied(state: Path, name: str) -> Path:
    """A copy of a shipped model in the state directory, where it comes before the shipped one."""
    return shutil.copytree(shipped.model_folder(name), state / "models" / name / "9")


def say_its_hash(folder: Path, file: str) -> None:
    """Make the card agree with the file, as a forger would."""
    card = folder / "card.toml"
    digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    card.write_text(re.sub(r'^sha256 = "\w+"', f'sha256 = "{digest}"', card.read_text(), count=1, flags=re.M))


def flip_a_byte(folder: Path) -> None:
    file = folder / "model.tflite"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def cut_short(folder: Path) -> None:
    file = folder / "model.tflite"
    file.write_bytes(file.read_bytes()[:100_000])
    say_its_hash(folder, "model.tflite")


def put_another_model(folder: Path) -> None:
    shutil.copy(shipped.model_folder("efficientnet-lite0") / "model.tflite", folder / "model.tflite")
    say_its_hash(folder, "model.tflite")


def take_the_file_away(folder: Path) -> None:
    (folder / "model.tflite").unlink()


def drop_a_label(folder: Path) -> None:
    labels = folder / "labels.txt"
    labels.write_text("\n".join(labels.read_text().splitlines()[:-1]))


def break_the_card(folder: Path) -> None:
    (folder / "card.toml").write_text("name =\n")


def misspell_a_key(folder: Path) -> None:
    card = folder / "card.toml"
    card.write_text(card.read_text().replace("licence =", "license =", 1))


def goes_on_without_seeing(answer: Answer, *parts: str) -> None:
    """A door whose models cannot be used rests, says why, and keeps its page."""
    assert answer.status == 0
    assert [part for part in (*parts, "the device goes on without seeing") if part not in answer.err] == []
    assert "nobody comes in by sight" in answer.err


@pytest.mark.parametrize(
    ("spoil", "parts"),
    [
        (flip_a_byte, ["model.tflite is not the file its card describes", "copy the model again"]),
        (cut_short, ["model.tflite is not a TFLite model", "copy it again"]),
        (put_another_model, ["model.tflite", "the card belongs to another model"]),
        (take_the_file_away, ["model.tflite is missing", "copy the model again"]),
        (drop_a_label, ["labels.txt has 23 labels for 24 classes", "copy the model again"]),
        (break_the_card, ["card.toml cannot be read", "copy the model again"]),
        (misspell_a_key, ["card.toml: licen", "correct the card"]),
    ],
)
def test_a_wrong_model_is_named_by_every_command_that_needs_it(
    latchlens: Latchlens,
    recordings: Recordings,
    state: Path,
    spoil: Callable[[Path], None],
    parts: list[str],
):
    folder = copied(state, DETECTOR)
    spoil(folder)
    goes_on_without_seeing(
        latchlens("run", "--project", recordings.project, "--state", state), str(folder), *parts
    )
    for command in (
        ["simulate", "--video", recordings.film, "--json"],
        ["analyze", recordings.picture, "--json"],
        ["teach", "mimi", recordings.film, "--others", recordings.film],
    ):
        answer = latchlens(*command, "--state", state)
        answer.refused(str(folder), *parts)
        assert answer.out == ""
    verified = latchlens("models", "verify", "--state", state)
    assert verified.status == 1
    (line,) = (line for line in verified.out.splitlines() if line.startswith("FAULT"))
    assert all(part in line for part in parts)
    assert sum(line.startswith("ok ") for line in verified.out.splitlines()) == 4


def test_the_other_models_are_listed_when_one_is_damaged(latchlens: Latchlens, state: Path):
    flip_a_byte(copied(state, DETECTOR))
    answer = latchlens("models", "list", "--state", state, "--json")
    answer.refused("model.tflite is not the file its card describes")
    assert {each["name"] for each in answer.objects} == {
        DETECTOR,
        HEAD,
        "efficientnet-lite0",
        "blazeface-short",
    }


def test_a_head_of_another_backbone_is_refused(latchlens: Latchlens, recordings: Recordings, state: Path):
    folder = copied(state, HEAD)
    card = folder / "card.toml"
    text = card.read_text()
    backbone = text[text.index("[backbone]") :]
    card.write_text(text.replace(backbone, re.sub(r'sha256 = "\w+"', f'sha256 = "{"0" * 64}"', backbone)))
    latchlens("analyze", recordings.picture, "--state", state).refused(
        str(folder), "another backbone", "teach it again"
    )


@pytest.mark.parametrize("spoil", ["weights", "labels", "file"])
def test_a_damaged_head_is_refused(latchlens: Latchlens, recordings: Recordings, state: Path, spoil: str):
    folder = copied(state, HEAD)
    if spoil == "labels":
        (folder / "labels.txt").write_text("cat\ndog\n")
    elif spoil == "weights":
        np.savez(folder / "head.npz", weights=np.zeros((3, 3)), bias=np.zeros(3))
        say_its_hash(folder, "head.npz")
    else:
        (folder / "head.npz").write_bytes(b"PK\x03\x04 not a head")
        say_its_hash(folder, "head.npz")
    answer = latchlens("simulate", "--video", recordings.film, "--state", state)
    answer.refused(str(folder), "copy the head again" if spoil != "labels" else "labels")


@pytest.mark.parametrize(
    ("section", "parts"),
    [
        ('[heads]\nspecies = "rabbits"\n', ["no model 'rabbits'", HEAD]),
        ('[heads]\nspecies = "efficientnet-lite0"\n', ["'embedding'", "'species'"]),
        ('[embedding]\nmodel = "starter-species"\n', ["'species'", "'embedding'"]),
    ],
)
def test_a_model_of_a_wrong_name_or_task_is_refused(latchlens, recordings, state, tmp_path, section, parts):
    project = tmp_path / "mine.toml"
    project.write_text(recordings.project.read_text() + section)
    goes_on_without_seeing(latchlens("run", "--project", project, "--state", state), *parts)


@pytest.mark.skipif(
    int(np.__version__[0]) < 2, reason="numpy 1 is installed, which tflite-runtime is made for"
)
def test_numpy_2_beside_tflite_runtime_is_told_with_the_fix(latchlens, recordings, state, monkeypatch):
    monkeypatch.setattr(tflite, "_installed", lambda package: package == "tflite_runtime")
    answer = latchlens("run", "--project", recordings.project, "--state", state)
    goes_on_without_seeing(
        answer,
        f"tflite-runtime cannot work with numpy {np.__version__}",
        "pip install 'numpy<2'",
        "ai-edge-litert",
    )


def test_no_interpreter_at_all_is_told_with_the_fix(latchlens, recordings, state, monkeypatch):
    monkeypatch.setattr(tflite, "_installed", lambda _: False)
    latchlens("analyze", recordings.picture, "--state", state).refused(
        "no TFLite interpreter", "pip install 'ai-edge-litert"
    )
