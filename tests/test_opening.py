"""Opening the store on a disk that is full: what is kept for that day, and what is given up for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from device.errors import StoreError
from device.tell.opening import RESERVE, RESERVE_BYTES, SPARE, open_store
from device.tell.quota import free_bytes
from tests.small_disk import disk_of, fill


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, a little larger than what must be free for a reserve."""
    with disk_of(SPARE + 2 * RESERVE_BYTES, tmp_path) as folder:
        yield folder


def begun(disk: Path, **settings: str) -> Path:
    """A state directory in which a device has been at work."""
    state = disk / "state"
    store = open_store(state)
    store.set_settings(settings or {"mode": "normal"})
    store.close()
    return state


def test_a_full_disk_takes_the_reserve_and_the_device_starts(disk, caplog):
    state = begun(disk, mode="night")
    assert (state / RESERVE).stat().st_blocks * 512 >= RESERVE_BYTES, "its room is really taken"
    fill(disk)
    store = open_store(state)
    assert store.settings()["mode"] == "night"
    store.set_settings({"mode": "normal"})
    store.close()
    assert f"{state / RESERVE} is given up" in caplog.text


def test_the_reserve_goes_before_any_journal(disk):
    state = begun(disk)
    journal = state / "journal" / "000001.jsonl"
    journal.parent.mkdir()
    journal.write_bytes(bytes(100_000))
    fill(disk)
    open_store(state).close()
    assert journal.exists()


def test_a_reserve_that_was_taken_is_kept_again_once_there_is_room(disk):
    state = begun(disk)
    filler = fill(disk)
    open_store(state).close()
    assert not (state / RESERVE).exists()
    filler.unlink()
    open_store(state).close()
    assert (state / RESERVE).stat().st_size == RESERVE_BYTES


def test_with_nothing_left_to_give_up_it_says_what_is_missing(disk):
    state = begun(disk)
    fill(disk)
    (state / RESERVE).unlink()
    (disk / "more").write_bytes(bytes(free_bytes(disk)))
    with pytest.raises(StoreError, match="free some space"):
        open_store(state)


def test_no_reserve_is_made_where_room_is_short(disk):
    (disk / "filler").write_bytes(bytes(4 * RESERVE_BYTES))
    assert not (begun(disk) / RESERVE).exists()


def test_a_reserve_that_was_begun_and_cut_short_is_made_whole(disk):
    state = begun(disk)
    (state / RESERVE).write_bytes(b"")
    open_store(state).close()
    assert (state / RESERVE).stat().st_size == RESERVE_BYTES


def test_a_reserve_that_cannot_be_made_stops_nothing(disk, caplog):
    state = disk / "state"
    (state / RESERVE).mkdir(parents=True)
    open_store(state).close()
    assert "nothing is kept for a full disk" in caplog.text
