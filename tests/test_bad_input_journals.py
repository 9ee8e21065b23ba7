"""Wrong journals on the command line: each is told in one line with the fix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("write", "parts"),
    [
        (Path.absolute, ["cannot be read"]),
        (lambda path: path.write_bytes(b""), ["is not a journal"]),
        (lambda path: path.write_bytes(b"\xff\x00\n" * 9), ["is not a journal"]),
        (
            lambda path: path.write_text('{"journal": 99, "latchlens": "9.0"}\n'),
            ["format 99", "latchlens 9.0"],
        ),
        (lambda path: path.write_text('{"journal": 1}\n'), ["line 1"]),
        (Path.mkdir, ["holds no journal", "journal/"]),
    ],
    ids=["absent", "empty", "not text", "from the future", "headless", "an empty folder"],
)
def test_a_journal_that_cannot_be_replayed_is_named(
    latchlens, tmp_path, write: Callable[[Path], object], parts: list[str]
):
    path = tmp_path / "000001.jsonl"
    write(path)
    latchlens("replay", path).refused(str(path), *parts)


def test_a_damaged_line_within_a_journal_is_named(latchlens, recordings, tmp_path):
    latchlens("simulate", "--video", recordings.film, "--state", tmp_path, "--json").went_well()
    (journal,) = (tmp_path / "journal").glob("*.jsonl")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:5], lines[5][:40] + b"\n", *lines[6:]]))
    latchlens("replay", journal).refused(f"{journal}, line 6")


def test_a_journal_whose_project_no_longer_fits_is_named(latchlens, recordings, tmp_path):
    latchlens("simulate", "--video", recordings.film, "--state", tmp_path, "--json").went_well()
    (journal,) = (tmp_path / "journal").glob("*.jsonl")
    text = journal.read_text()
    assert "hold = 5.0" in text
    journal.write_text(text.replace("hold = 5.0", "hodl = 5.0", 1))
    latchlens("replay", journal).refused(str(journal), "[door] hodl", "--project", status=2)
    latchlens("replay", journal, "--project", "cat-flap").went_well()
