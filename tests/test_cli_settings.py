"""`latchlens settings`: the owner's two settings are set, shown, kept, and followed by a device that runs."""

from contextlib import closing
from pathlib import Path

from device.messages import Mode, Settings
from device.tell.settings import MARKER, StoredSettings
from tests.command_line import Latchlens


def test_settings_are_set_in_an_empty_place_and_shown(latchlens: Latchlens, tmp_path: Path):
    state = tmp_path / "state"
    answer = latchlens("settings", "--mode", "in-only", "--enforce", "--state", state).went_well()
    assert answer.out == "the mode is in-only; the bolt obeys\n"
    (shown,) = latchlens("settings", "--state", state, "--json").went_well().objects
    assert shown == {"mode": "in-only", "enforce": True, "lost": False}


def test_one_setting_leaves_the_other_as_it_was(latchlens: Latchlens, tmp_path: Path):
    latchlens("settings", "--mode", "locked", "--enforce", "--state", tmp_path).went_well()
    answer = latchlens("settings", "--no-enforce", "--state", tmp_path).went_well()
    assert answer.out == "the mode is locked; not enforcing: the bolt stays as the project says\n"


def test_a_device_that_runs_follows(latchlens: Latchlens, tmp_path: Path):
    latchlens("settings", "--no-enforce", "--state", tmp_path).went_well()
    with closing(StoredSettings(tmp_path)) as running:
        assert running.current() == Settings()
        latchlens("settings", "--mode", "out-only", "--enforce", "--state", tmp_path).went_well()
        assert running.current() == Settings(Mode.OUT_ONLY, enforce=True)


def test_lost_settings_are_said_and_a_mode_ends_it(latchlens: Latchlens, tmp_path: Path):
    latchlens("settings", "--enforce", "--state", tmp_path).went_well()
    for path in tmp_path.iterdir():
        if path.name != MARKER:
            path.unlink()
    latchlens("settings", "--state", tmp_path).refused("no database yet", "--state")
    answer = latchlens("settings", "--mode", "normal", "--state", tmp_path).went_well()
    assert answer.out == "the mode is normal; the bolt obeys\n"


def test_showing_makes_nothing(latchlens: Latchlens, tmp_path: Path):
    latchlens("settings", "--state", tmp_path / "none").refused("no database yet")
    assert not list(tmp_path.iterdir())
