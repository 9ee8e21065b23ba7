"""The journal: exact, repeatable, and honest about what a power cut or a full disk took."""

import itertools
import json
import math
import struct
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.errors import StoreError
from device.messages import (
    Ask,
    Box,
    ChipRead,
    Decision,
    Detection,
    Door,
    Event,
    Heading,
    Inputs,
    Lease,
    MeterReading,
    Mode,
    Observation,
    Outcome,
    Request,
    Settings,
    Sighting,
    Track,
    Verdict,
    View,
    Visit,
    VisitPhase,
)
from device.tell import wire
from device.tell.journal import Header, JournalFile, quiet, read
from device.tell.rotation import JournalFolder

HEADER = Header(
    project='[camera]\nkind = "video"\n', models={"detector": "ab"}, state={"lockouts": {"mimi": 3.5}}
)


BOX = Box(0.1, 1 / 3, 0.2, 0.7)


def seen(time=1.0, box=BOX):
    track = Track(1, time, box, "cat", 0.9, Heading.IN, 0.5, 7, True)
    verdicts = (
        Verdict("species", {"cat": 0.9, "dog": 0.1}, True),
        Verdict("prey", {"clean": 1.0, "prey": 0.0}),
    )
    return Sighting(track, View(123.4, 0.5, 0.7), verdicts)


def visit(**changes):
    meter = MeterReading("mouth empty", 4.3, 4.0, -4.0, 5, True)
    given = Visit(
        id="a-1", started=0.5, ended=1.0, started_wall=1.7e9, tracks=(1, 2), species="cat", who="mimi",
        outcome=Outcome.UNLOCK, rule="own", reason="mimi, mouth empty", kind=None, direction=Heading.IN,
        phase=VisitPhase.NEW, evidence=(meter,), frames=5,
    )  # fmt: skip
    return replace(given, **changes)


def full_pass():
    inputs = Inputs(1.0, Door.OPEN, motion={"inside": True}, chip=ChipRead(0.2, "123456789012345"))
    observation = Observation(
        1.0, 1.7e9, inputs, Settings(Mode.IN_ONLY, True), 3, None, True, True, (seen(),),
        requests=(Request("r1", Ask.LET_IN, "Home Assistant"),),
    )  # fmt: skip
    event = Event(1.0, None, "alert", "grüße", "critical", "a-1")
    decision = Decision(
        1.0, Outcome.UNLOCK, "own", "why", Lease(1.0, 5.0, "why"), False, (visit(),), (event,), {"tom": 2.5}
    )
    return observation, decision


def idle_pass(time, **changes):
    return (
        replace(Observation(time, None, Inputs(time), Settings()), **changes),
        Decision(time, Outcome.KEEP_LOCKED, "nobody", "nobody is at the door"),
    )


def write(path, passes, header=HEADER):
    journal = JournalFile(path, header)
    for observation, decision in passes:
        journal.append(observation, decision)
    journal.close()
    return path


floats = st.floats(allow_nan=False)


def test_a_pass_comes_back_as_it_was_written():
    passed = full_pass()
    assert wire.read_pass(wire.write_pass(*passed), "here") == passed


@given(st.lists(floats, min_size=5, max_size=5), st.dictionaries(st.text(), floats))
def test_every_float_keeps_all_its_bits(numbers, scores):
    observation, decision = full_pass()
    sighting = replace(seen(numbers[0], Box(*numbers[1:])), verdicts=(Verdict("who", scores),))
    observation = replace(observation, sightings=(sighting,))
    back, _ = wire.read_pass(wire.write_pass(observation, decision), "here")
    assert back == observation
    flat = [*numbers, *scores.values()]
    track = back.sightings[0].track
    box = track.box
    returned = [
        track.time,
        box.left,
        box.top,
        box.width,
        box.height,
        *back.sightings[0].verdicts[0].scores.values(),
    ]
    assert [struct.pack("d", number) for number in returned] == [struct.pack("d", number) for number in flat]
    assert list(back.sightings[0].verdicts[0].scores) == list(scores)


@given(st.text())
def test_every_text_comes_back(text):
    assert wire.read(Event, wire.written(Event(0.0, None, text, text)), "here").text == text


def test_a_message_by_itself_is_a_json_object():
    assert wire.document(Detection(Box(0, 0, 1, 1), "cat", 0.5)) == {
        "box": {"left": 0.0, "top": 0.0, "width": 1.0, "height": 1.0}, "label": "cat", "score": 0.5,
    }  # fmt: skip
    assert wire.read(Visit, wire.written(visit()), "here") == visit()


def test_numbers_without_a_limit_are_exact_in_the_journal_and_null_for_everybody_else():
    meter = MeterReading("mouth empty", -math.inf, math.inf, math.nan, 0, None)
    told = visit(evidence=(meter,))
    assert math.isinf(wire.exact(told)["evidence"][0]["needed"])
    assert json.loads(json.dumps(wire.document(told), allow_nan=False))["evidence"][0]["needed"] is None
    assert wire.read(Visit, wire.written(replace(told, evidence=())), "here") == replace(told, evidence=())


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('"looked"', '"loked"', "observation.loked: Unexpected keyword argument"),
        (
            '"door":"open"',
            '"door":"ajar"',
            "observation.inputs.door: Input should be 'closed', 'open' or 'unknown'",
        ),
        (
            '"score":0.9',
            '"score":"0.9"',
            "observation.sightings.0.track.score: Input should be a valid number",
        ),
        ('"rule":"own",', "", "decision.rule: Field required"),
    ],
)
def test_a_wrong_key_or_value_is_named(was, becomes, said):
    line = wire.write_pass(*full_pass()).decode()
    assert was in line
    with pytest.raises(StoreError, match="line 7: ") as raised:
        wire.read_pass(line.replace(was, becomes, 1).encode(), "line 7")
    assert said in str(raised.value)


def test_a_value_of_the_wrong_type_is_not_written():
    observation, decision = full_pass()
    with pytest.raises(StoreError, match="cannot be written"):
        wire.write_pass(replace(observation, time="soon"), decision)


def test_a_journal_reads_back_and_the_same_passes_give_the_same_bytes(tmp_path):
    passes = [full_pass(), idle_pass(2.0)]
    first, second = write(tmp_path / "a" / "1.jsonl", passes), write(tmp_path / "2.jsonl", passes)
    header, found = read(first)
    assert header == HEADER
    assert list(found) == passes
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("cut", [1, 2, 300])
def test_a_last_line_cut_off_by_a_power_cut_is_left_out_with_a_note(tmp_path, caplog, cut):
    path = write(tmp_path / "j.jsonl", [idle_pass(1.0), full_pass()])
    path.write_bytes(path.read_bytes()[:-cut])
    whole = cut == 1  # only the line's end is missing
    assert list(read(path)[1]) == [idle_pass(1.0), full_pass()][: 2 if whole else 1]
    assert ("the last line, 3, was cut off" in caplog.text) is not whole


def test_zeros_that_a_power_cut_left_at_the_end_are_left_out(tmp_path):
    path = write(tmp_path / "j.jsonl", [idle_pass(1.0)])
    path.write_bytes(path.read_bytes() + bytes(4096))
    assert list(read(path)[1]) == [idle_pass(1.0)]


def test_a_damaged_line_in_the_middle_is_an_error_with_its_number(tmp_path):
    path = write(tmp_path / "j.jsonl", [idle_pass(1.0), full_pass(), idle_pass(2.0)])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2][:50] + b"\n", lines[3]]))
    with pytest.raises(StoreError, match=r"j\.jsonl, line 3: "):
        list(read(path)[1])


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01\xff", b"hello\n", b"[1]\n", b'{"a": 1}\n', b"[" * 100_000]
)
def test_a_foreign_file_is_refused(tmp_path, content):
    path = tmp_path / "j.jsonl"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"j\.jsonl: is not a journal of Latchlens"):
        read(path)


def test_a_journal_of_another_format_says_what_reads_it(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_text('{"journal": 2, "latchlens": "9.9"}\n')
    with pytest.raises(StoreError, match=r"format 2, this version reads 1; read it with latchlens 9\.9"):
        read(path)


def test_a_journal_that_is_not_there_is_a_clear_error(tmp_path):
    with pytest.raises(StoreError, match=r"nothing\.jsonl: cannot be read: No such file"):
        read(tmp_path / "nothing.jsonl")


def test_a_journal_that_cannot_be_made_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="the journal cannot be written"):
        JournalFile(tmp_path / "file" / "j.jsonl", HEADER)


def test_lost_passes_in_a_single_file_are_an_error_of_the_reader(tmp_path):
    journal = JournalFile(tmp_path / "j.jsonl", HEADER)
    journal.gap(3)
    journal.close()
    with pytest.raises(StoreError, match="passes are missing here"):
        list(read(journal.path)[1])


def fill(folder, quota, passes, states=None):
    journal = JournalFolder(folder, HEADER, quota)
    for (observation, decision), state in zip(passes, states or itertools.repeat(None), strict=False):
        journal.append(observation, decision, state)
    journal.close()
    return sorted(folder.iterdir())


def test_a_full_file_ends_where_the_policy_can_say_its_state(tmp_path):
    passes = [idle_pass(float(time)) for time in range(60)]
    states = ({"passes": number} if number % 10 == 9 else None for number in range(60))
    parts = fill(tmp_path, 16 * 3000, passes, states)
    assert len(parts) > 2
    told = []
    for path in parts:
        header, found = read(path)
        assert header.state == ({"passes": len(told) - 1} if told else HEADER.state)
        assert header.continues == ""
        told += list(found)
    assert told == passes


def test_without_such_a_moment_the_next_file_says_what_it_continues(tmp_path):
    passes = [idle_pass(float(time)) for time in range(60)]
    parts = fill(tmp_path, 16 * 3000, passes)
    headers = [read(path)[0] for path in parts]
    assert len(parts) > 2
    assert [header.continues for header in headers] == ["", *(path.name for path in parts[:-1])]
    assert [found for path in parts for found in read(path)[1]] == passes


def test_the_folder_stays_within_its_quota_and_the_oldest_go_first(tmp_path):
    quota = 20_000
    parts = fill(tmp_path, quota, [idle_pass(float(time)) for time in range(500)])
    assert sum(path.stat().st_size for path in parts) <= quota
    assert int(parts[0].name[:6]) > 1
    assert list(read(parts[-1])[1])[-1] == idle_pass(499.0)


def test_files_are_numbered_on_and_carry_the_date_if_the_clock_is_set(tmp_path):
    fill(tmp_path, 10**6, [idle_pass(1.0)])
    parts = fill(tmp_path, 10**6, [idle_pass(1.0, wall=1.7e9)])
    assert [path.name for path in parts] == ["000001.jsonl", "000002-20231114T221320Z.jsonl"]


def test_after_lost_passes_a_new_file_begins_and_says_so(tmp_path):
    journal = JournalFolder(tmp_path, HEADER, 10**6)
    journal.append(*idle_pass(1.0))
    journal.gap(5)
    journal.append(*idle_pass(2.0))
    journal.close()
    header, found = read(tmp_path / "000002.jsonl")
    assert (header.continues, header.missed) == ("000001.jsonl", 5)
    assert list(found) == [idle_pass(2.0)]


def test_after_a_failed_write_the_journal_goes_on_in_a_new_file_a_while_later(tmp_path):
    journal = JournalFolder(tmp_path, HEADER, 10**6)
    journal.append(*idle_pass(1.0))
    observation, decision = idle_pass(2.0)
    with pytest.raises(StoreError):
        journal.append(observation, replace(decision, rule=7))
    journal.append(*idle_pass(3.0))
    journal.append(*idle_pass(12.5))
    journal.close()
    header, found = read(tmp_path / "000002.jsonl")
    assert (header.missed, list(found)) == (2, [idle_pass(12.5)])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the full device of Linux")
def test_a_full_disk_is_a_clear_error(tmp_path):
    full = tmp_path / "j.jsonl"
    full.symlink_to("/dev/full")
    with pytest.raises(StoreError, match="No space left on device; free some space"):
        JournalFile(full, replace(HEADER, project="x" * 100_000))
    journal = JournalFile(full, HEADER)
    with pytest.raises(StoreError, match="No space left on device; free some space"):
        journal.flush()
    assert journal.abandon()


def test_a_file_that_nothing_reached_is_taken_away(tmp_path):
    journal = JournalFile(tmp_path / "j.jsonl", HEADER)
    journal.flush()
    journal.path.write_bytes(b"")
    assert not journal.abandon()
    assert list(tmp_path.iterdir()) == []


def test_an_idle_pass_after_another_is_quiet():
    assert quiet(idle_pass(1.0), idle_pass(1.9))


@pytest.mark.parametrize(
    "changes",
    [
        {"looked": True},
        {"sightings": (seen(),)},
        {"blind": "black"},
        {"settings": Settings(Mode.LOCKED)},
        {"inputs": Inputs(1.5, Door.OPEN)},
        {"inputs": Inputs(1.5, buttons={"vet": True})},
        {"wall": 1.7e9},
    ],
)
def test_a_pass_in_which_something_changed_is_not_quiet(changes):
    assert not quiet(idle_pass(1.0), idle_pass(1.5, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"visits": (visit(),)},
        {"events": (Event(1.5, None, "a", "b"),)},
        {"lockouts": {"mimi": 4.0}},
        {"lease": Lease(1.5, 5.0, "why")},
        {"would": True},
        {"rule": "blind"},
    ],
)
def test_a_pass_that_decides_something_is_not_quiet(changes):
    observation, decision = idle_pass(1.5)
    assert not quiet(idle_pass(1.0), (observation, replace(decision, **changes)))
