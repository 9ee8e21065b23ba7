"""The benchmarks run, and tell what they are to tell; how large the figures are is no test's business."""

from __future__ import annotations

import itertools
import json
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import boards, identity, peers, soak, trackers
from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.figure import figure
from benchmarks.report import Report, Run, as_text, this_machine, verdict
from benchmarks.sequences import sequence
from benchmarks.written import marks, write
from device.errors import ConfigError
from device.messages import Box
from simulator.figure import Figure

ROOT = Path(__file__).parent.parent
TOLD = {
    "stages": ["not inference, share of the loop", "a pass with the gate shut", "blocks of memory"],
    "memory": ["memory after models", "200 visits", "resident memory of run", "to the first decision"],
    "growth": ["a page of 1000 visits", "one visit more", "a search among", "a decision with 10 rules"],
    "cost": ["a day of 2 % motion", "part of one core"],
}
"""By benchmark, words of the figures that it must tell."""


@pytest.fixture(scope="module")
def latency() -> Report:
    report: Report = import_module("benchmarks.latency").report(True)
    if report.skipped:
        pytest.skip(report.skipped)
    return report


@pytest.mark.parametrize("name", TOLD)
def test_a_benchmark_tells_its_figures_in_seconds(name: str):
    report = import_module(f"benchmarks.{name}").report(True)
    told = [each.name for each in report.figures]
    for words in TOLD[name]:
        assert any(words in each for each in told), told
    assert report.table


def test_each_benchmark_has_its_place_on_the_page():
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    for name in BENCHMARKS:
        assert [page.count(mark) for mark in marks(name)] == [1, 1], name


@pytest.mark.parametrize("guard", ["page, clips, broker", "the broker hangs", "a process of its own"])
def test_latency_is_told_for_each_guard_and_broker(latency: Report, guard: str):
    told = [each.name for each in latency.figures if guard in each.name]
    assert [name.rsplit(" ", 1)[1] for name in told] == ["p50", "p99"]


def test_memory_that_grows_has_a_slope():
    assert soak.slope([(hour, 100.0 + 2.5 * hour) for hour in range(20)]) == pytest.approx(2.5)
    assert soak.slope([(0.0, 50.0), (1.0, 90.0), *((hour, 100.0) for hour in range(2, 10))]) == 0.0


def test_an_estimate_names_its_source():
    assert [row[0] for row in boards.estimate(0.3, 0.1)] == [board.name for board in boards.BOARDS]
    assert all(board.source in boards.sources() for board in boards.BOARDS)


def test_trackers_are_compared_on_time_and_identities(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trackers, "PEERS", ())
    report = trackers.report(True)
    assert [each.name for each in report.figures] == [
        "1 animal: our time a frame",
        "3 animals: our time a frame",
    ]
    assert {"IDF1", "switches", "fragments"} <= set(report.table.splitlines()[0].split())


@pytest.mark.parametrize("peer", peers.PEERS, ids=lambda peer: peer.name)
def test_a_peer_follows_an_animal_with_each_of_its_settings(peer: peers.Peer):
    if not peers.installed(peer):
        pytest.skip(f"{peer.package} is not installed: python -m benchmarks trackers does that")
    moments = sequence(1, 10, 15.0, seed=3)
    running = peer.begin()
    try:
        for settings in (peer.usual, *peer.others):
            told = running.follow(moments, 10, settings)
            found = identity.judge([each.truth for each in moments], told.boxes)
            assert found.agreed > 20, settings
    finally:
        running.close()


def test_a_peer_that_cannot_be_installed_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "taken").touch()
    monkeypatch.setattr(peers, "CACHE", tmp_path / "taken")
    with pytest.raises(peers.AbsentError, match=r"norfair==2\.3\.0 cannot be installed"):
        peers.NORFAIR.begin()


def test_the_same_seed_gives_the_same_walks_at_any_rate():
    slow, fast = sequence(3, 5, 20.0, seed=1), sequence(3, 10, 20.0, seed=1)
    assert [each.truth for each in slow] == [each.truth for each in fast[::2]]
    assert sequence(3, 5, 20.0, seed=1) == slow != sequence(3, 5, 20.0, seed=2)


def test_an_assignment_is_the_best_there_is():
    costs = [[-3.0, -2.0, 0.0], [-3.0, 0.0, -1.0]]
    assert identity.assigned(costs) == [1, 0]
    assert identity.assigned([list(row) for row in zip(*costs, strict=True)]) == [1, 0, None]
    grid = [
        [float((7 * row * column + 3 * row + column * column) % 11) for column in range(5)]
        for row in range(4)
    ]
    found = sum(grid[row][column] for row, column in enumerate(identity.assigned(grid)) if column is not None)
    ways = itertools.permutations(range(5), 4)
    assert found == min(sum(grid[row][column] for row, column in enumerate(way)) for way in ways)


def test_identity_counts_switches_fragments_and_agreement():
    here, there = Box(0.1, 0.1, 0.2, 0.2), Box(0.6, 0.6, 0.2, 0.2)
    truth = [{1: here, 2: there}] * 4
    perfect = identity.judge(truth, [{7: here, 8: there}] * 4)
    assert (perfect.idf1, perfect.switches, perfect.fragments) == (1.0, 0, 0)
    swapped = identity.judge(truth, [{7: here, 8: there}] * 2 + [{8: here, 7: there}] * 2)
    assert (swapped.idf1, swapped.switches) == (0.5, 2)
    lost = identity.judge(truth, [{7: here, 8: there}, {7: here}, {7: here, 8: there}, {7: here, 9: there}])
    assert (lost.agreed, lost.switches, lost.fragments) == (6, 1, 1)


def test_a_missed_limit_is_told_by_how_much():
    assert verdict(Figure("share", 12.5, "%", 10)) == "at most 10: missed by 2.5 %"
    assert verdict(Figure("share", 9.0, "%", 10)) == "at most 10: met"
    assert verdict(Figure("share", 9.0, "%")) == ""
    run = Run("trackers", Report(skipped="no network"), 1.0, (0.0, 0.0))
    assert "SKIPPED: no network" in as_text(run)


def test_figures_are_written_between_their_marks(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- loop: figures -->\nformerly\n<!-- loop: end -->\nafter\n")
    run = Run("loop", Report([Figure("share", 12.5, "%", 10)]), 1.0, (8.0, 8.0))
    write(page, [run], this_machine())
    text = page.read_text()
    assert text.startswith("before\n<!-- loop: figures -->\nMeasured on ")
    assert "| share | 12.5 % | at most 10: missed by 2.5 % |" in text and "formerly" not in text
    assert text.endswith("<!-- loop: end -->\nafter\n")
    with pytest.raises(ConfigError, match="no place for gates"):
        write(page, [Run("gates", Report(), 1.0, (0.0, 0.0))], this_machine())


@pytest.mark.parametrize("text", [None, "no marks"])
def test_a_page_without_a_place_is_told_before_anything_is_measured(tmp_path: Path, capsys, text: str | None):
    page = tmp_path / "page.md"
    if text is not None:
        page.write_text(text)
    with pytest.raises(SystemExit) as left:
        main(["loop", "--quick", "--out", str(tmp_path / "out"), "--write", str(page)])
    assert left.value.code == 2
    assert str(page) in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_figure_shows_what_has_a_limit():
    runs = [Run("loop", Report([Figure("a & b", 30.0, "%", 10), Figure("free", 1.0, "ms")]), 1.0, (0.0, 0.0))]
    drawn = figure(runs)
    assert "a &amp; b" in drawn and "30 of 10 %" in drawn and "free" not in drawn


def test_one_command_leaves_results_and_a_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(ROOT)
    assert main(["cost", "--quick", "--out", str(tmp_path)]) == 0
    results = json.loads((tmp_path / "results.json").read_text())
    assert results["machine"]["cores"] >= 1 and results["machine"]["packages"]["numpy"]
    (run,) = results["benchmarks"]
    assert run["name"] == "cost" and len(run["load"]) == 2
    assert (tmp_path / "figure.svg").read_text().startswith("<svg")


def test_a_benchmark_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        main(["gatse"])
    assert "there is no benchmark gatse; choose from loop, stages" in capsys.readouterr().err
