"""Fixtures that several test files share."""

import os

# Matrices here are small: a second thread of numpy only waits for the first, on a busy machine for long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from pathlib import Path

import pytest
from hypothesis import settings

from tests.browser import browse, chromium, home, seeded_state, simulated  # noqa: F401
from tests.command_line import Latchlens, runner
from tests.recordings import Recordings, render
from tests.rekognition_home import ask, aws, buckets  # noqa: F401

# The same examples every time and on every machine, however slow it is.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real pictures and video beside the checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            f"real pictures are not here: no folder {folder.relative_to(ROOT.parent)} beside the checkout"
        )
    return folder


@pytest.fixture
def latchlens(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Latchlens:
    """The command line: `latchlens("check", "--state", folder)`."""
    return runner(monkeypatch, capfd)


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Recordings:
    """A rendered cat at the doorstep: as pictures, as a film, and cut short."""
    return render(tmp_path_factory.mktemp("recordings"))
