"""The interpreter runs what its card describes, and a broken installation is named before it crashes."""

import sys
from pathlib import Path

import numpy as np
import pytest

from device.errors import ModelError
from device.see import embedding, tflite
from device.see.tflite import TfliteModel
from device.shipped import model_folder


@pytest.fixture(scope="module")
def backbone() -> TfliteModel:
    return TfliteModel(model_folder("efficientnet-lite0"), "embedding", threads=1)


@pytest.fixture
def only_tflite_runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation with tflite-runtime in place of LiteRT."""
    package = tmp_path / "tflite_runtime"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "interpreter.py").write_text("class Interpreter:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)


def picture(side: int = 60) -> np.ndarray:
    rows, columns = np.mgrid[0:side, 0:side]
    return np.stack([rows * 3 % 256, columns * 5 % 256, (rows + columns) % 256], axis=2).astype(np.uint8)


def test_a_picture_of_any_size_goes_in_and_time_is_counted(backbone: TfliteModel) -> None:
    before = backbone.invocations
    for side in (1, 60, 500):
        backbone.show(picture(side))
        (output,) = backbone.invoke()
        assert output.shape == (1, 1280)
        assert output.dtype == np.int8
    assert backbone.invocations == before + 3
    assert backbone.invoke_seconds > 0


def test_outputs_are_copies_that_the_next_run_leaves_alone(backbone: TfliteModel) -> None:
    backbone.show(picture())
    (first,) = backbone.invoke()
    kept = first.copy()
    backbone.show(255 - picture())
    (second,) = backbone.invoke()
    assert (first == kept).all()
    assert (second != first).any()


def test_embeddings_have_length_one_and_are_the_same_every_time() -> None:
    embedder = embedding.build(embedding.Settings(threads=1))
    first, second = embedder.embed(picture()), embedder.embed(picture())
    assert first.shape == (1280,)
    assert first.dtype == np.float32
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-5)
    assert (first == second).all()


def test_a_model_for_another_task_is_refused() -> None:
    with pytest.raises(ModelError, match="is a model for 'embedding', here one for 'detection' is needed"):
        TfliteModel(model_folder("efficientnet-lite0"), "detection", threads=1)


@pytest.mark.usefixtures("only_tflite_runtime")
def test_numpy_2_beside_tflite_runtime_is_named_with_its_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "__version__", "2.4.6")
    with pytest.raises(
        ModelError, match=r"tflite-runtime cannot work with numpy 2\.4\.6; pip install 'numpy<2'"
    ):
        tflite.interpreter_class()


@pytest.mark.usefixtures("only_tflite_runtime")
def test_tflite_runtime_beside_numpy_1_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(np, "__version__", "1.26.4")
    assert tflite.interpreter_class().__module__ == "tflite_runtime.interpreter"


def test_no_interpreter_at_all_is_named_with_its_fix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    monkeypatch.setitem(sys.modules, "tflite_runtime", None)
    with pytest.raises(ModelError, match="pip install 'ai-edge-litert"):
        tflite.interpreter_class()
