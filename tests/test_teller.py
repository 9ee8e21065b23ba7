"""The teller: the loop never waits, nothing is lost in silence, and a bad disk stops nobody else."""

import itertools
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.decide.household import Animal
from device.decide.policy import DoorPolicy, PolicySettings
from device.decide.subject import EvidenceSettings
from device.decide.visits import VisitSettings
from device.errors import StoreError
from device.messages import Door, Event, Frame, Inputs, Outcome, Settings, Verdict, VisitKind, VisitPhase
from device.tell import teller as module
from device.tell.handover import Handover
from device.tell.journal import JournalFile, quiet, read
from device.tell.keeping import SIGHTINGS, JournalSink, StoreSink
from device.tell.records import Records
from device.tell.rotation import JournalFolder
from device.tell.sink import Told
from device.tell.store import Store
from device.tell.teller import Teller, matters
from tests.test_journal import HEADER, full_pass, idle_pass, seen, visit

WAIT_S = 20.0  # so long only on a machine that stands still


class Listener:
    """A sink that remembers what it was told, and can be made to wait or to fail."""

    def __init__(self, fault=None):
        self.told = []
        self.heard = threading.Event()
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.closed = False
        self.fault = fault
        self.thread = None

    def tell(self, passes):
        self.thread = threading.current_thread()
        self.heard.set()
        assert self.may_go_on.wait(WAIT_S)
        if self.fault:
            raise self.fault
        self.told += passes

    def close(self):
        self.closed = True

    @property
    def passes(self):
        return [(told.observation, told.decision) for told in self.told]


def frame(number=1):
    return Frame(1.0, np.full((8, 8, 3), number, np.uint8), np.zeros((8, 8), np.uint8), number)


def test_without_a_thread_everybody_is_told_within_publish():
    listener = Listener()
    teller = Teller([listener], threaded=False)
    teller.publish(None, *idle_pass(1.0))
    assert listener.passes == [idle_pass(1.0)]
    assert listener.thread is threading.current_thread()
    teller.close()
    assert listener.closed


def test_with_a_thread_the_end_tells_all_that_waits():
    listener = Listener()
    teller = Teller([listener])
    passes = [idle_pass(float(time)) for time in range(100)]
    for one in passes:
        teller.publish(None, *one)
    teller.close()
    assert listener.passes == passes
    assert listener.thread is not threading.current_thread()
    assert listener.closed
    assert not teller.alive


def test_what_matters_is_told_without_waiting_for_the_next_period(monkeypatch):
    monkeypatch.setattr(module, "PERIOD_S", 3600.0)
    listener = Listener()
    teller = Teller([listener])
    teller.publish(None, *full_pass())
    assert listener.heard.wait(WAIT_S)
    teller.close()


def test_a_disk_that_stands_still_never_holds_up_the_loop(monkeypatch):
    monkeypatch.setattr(module, "WAITING", 10)
    listener = Listener()
    listener.may_go_on.clear()
    teller = Teller([listener])
    teller.publish(None, *full_pass())
    assert listener.heard.wait(WAIT_S)
    for time in range(50):
        teller.publish(None, *idle_pass(2.0 + time))
    teller.publish(None, *full_pass())
    listener.may_go_on.set()
    teller.close()
    assert teller.missed == sum(told.missed for told in listener.told) > 0
    assert listener.passes[-1] == full_pass()
    assert listener.told[-1].missed == teller.missed
    assert len(listener.told) + teller.missed == 52


def test_a_sink_that_fails_is_said_once_and_the_others_are_told(caplog):
    broken, listener = Listener(StoreError("000001.jsonl: the disk is full; free some space")), Listener()
    teller = Teller([broken, listener], threaded=False)
    for time in range(5):
        broken.fault = StoreError(f"00000{time}.jsonl: the disk is full; free some space")
        teller.publish(None, *idle_pass(float(time)))
    broken.fault = OSError("another fault")
    teller.publish(None, *idle_pass(9.0))
    assert len(listener.told) == 6
    assert teller.failures == {"Listener": 6}
    assert [record.getMessage() for record in caplog.records] == [
        "000000.jsonl: the disk is full; free some space",
        "another fault",
    ]


def test_a_fault_of_the_program_ends_the_thread_and_is_seen(caplog):
    teller = Teller([Listener(RuntimeError("a mistake"))])
    teller.publish(None, *full_pass())
    teller._thread.join(WAIT_S)
    assert not teller.alive
    assert "the teller has stopped" in caplog.text
    teller.publish(None, *full_pass())
    teller.close()


def test_a_frame_is_copied_only_when_a_picture_is_wanted():
    listener = Listener()
    wanted = iter([False, True])
    teller = Teller([listener], picture=lambda _: next(wanted))
    image = frame()
    teller.publish(image, *full_pass())
    teller.publish(image, *full_pass())
    image.image[:] = 0
    teller.close()
    first, second = listener.told
    assert first.image is None
    assert (second.image == 1).all()


def test_only_a_few_pictures_wait_for_a_slow_disk():
    listener = Listener()
    listener.may_go_on.clear()
    teller = Teller([listener], picture=lambda _: True)
    for number in range(30):
        teller.publish(frame(number), *full_pass())
    listener.may_go_on.set()
    teller.close()
    assert len(listener.told) == 30
    assert module.PICTURES <= sum(told.image is not None for told in listener.told) < 30


def test_idle_passes_are_left_out_but_for_the_last_before_something_happens():
    listener = Listener()
    teller = Teller([listener], threaded=False, idle=quiet)
    for tenth in range(26):
        teller.publish(None, *idle_pass(tenth / 10))
    teller.publish(None, *idle_pass(2.6, looked=True))
    teller.publish(None, *idle_pass(2.7, looked=True))
    teller.close()
    assert [told.observation.time for told in listener.told] == [0.0, 1.0, 2.0, 2.5, 2.6, 2.7]


def test_before_a_clock_that_is_set_back_the_last_idle_pass_is_told():
    listener = Listener()
    teller = Teller([listener], threaded=False, idle=quiet)
    for time in (100.0, 100.3, 100.6, 50.0):
        teller.publish(None, *idle_pass(time))
    assert [told.observation.time for told in listener.told] == [100.0, 100.6, 50.0]


def test_the_last_idle_pass_is_told_at_the_end():
    listener = Listener()
    teller = Teller([listener], threaded=False, idle=quiet)
    for tenth in range(5):
        teller.publish(None, *idle_pass(tenth / 10))
    teller.close()
    assert [told.observation.time for told in listener.told] == [0.0, 0.4]


scenes = st.lists(
    st.tuples(st.sampled_from(["idle", "idle", "looked", "mimi", "tom"]), st.integers(1, 40)), max_size=8
)


@given(scenes, st.sampled_from([0.05, 0.1, 0.3]))
def test_a_thinned_journal_decides_alike(scene, interval):
    settings = PolicySettings(
        animals=(Animal("mimi"),), evidence=EvidenceSettings(horizon=1.0), visit=VisitSettings(gap=0.5)
    )
    policy = DoorPolicy(settings)
    listener = Listener()

    def idle(before, now):
        return policy.state() is not None and quiet(before, now)

    teller = Teller([listener], threaded=False, idle=idle)
    time = 0.0
    for number, (what, passes) in enumerate(scene):
        for _ in range(passes):
            time += interval
            observation, _ = idle_pass(time, looked=what != "idle")
            if what in ("mimi", "tom"):
                sighting = seen(time)
                who = Verdict("who", {"mimi": 0.8 if what == "mimi" else 0.2, "stranger": 0.2}, True)
                sighting = replace(sighting, track=replace(sighting.track, id=number), verdicts=(who,))
                observation = replace(observation, sightings=(sighting,))
            teller.publish(None, observation, policy.decide(observation))
    teller.close()
    again = DoorPolicy(settings)
    assert [again.decide(observation) for observation, _ in listener.passes] == [
        decision for _, decision in listener.passes
    ]


@pytest.mark.parametrize(
    ("seen_now", "decided_now", "expected"),
    [
        ({}, {}, False),
        ({"looked": True, "sightings": (seen(),)}, {}, False),
        ({"settings": Settings(enforce=True)}, {}, True),
        ({"inputs": Inputs(2.0, Door.OPEN)}, {}, True),
        ({"blind": "black"}, {}, True),
        ({}, {"visits": (visit(),)}, True),
        ({}, {"events": (Event(2.0, None, "a", "b"),)}, True),
        ({}, {"would": True}, True),
        ({}, {"reason": "needed 4.0, reached 1.3"}, False),
        ({}, {"outcome": Outcome.UNDECIDED}, True),
    ],
)
def test_what_matters_is_what_people_would_want_to_know(seen_now, decided_now, expected):
    observation, decision = idle_pass(2.0)
    now = replace(observation, **seen_now), replace(decision, **decided_now)
    assert matters(idle_pass(1.0), now) is expected


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 10))
def test_a_handover_keeps_the_order_and_its_bounds(importance, limit):
    handover = Handover(limit)
    accepted = [number for number, important in enumerate(importance) if handover.put(number, important)]
    handover.close()
    assert not handover.put(99, True)
    assert (handover.take(0.0) or []) == accepted
    assert handover.take(0.0) is None
    assert len(accepted) <= 2 * limit
    assert sum(not importance[number] for number in accepted) <= limit


def test_a_recording_played_twice_leaves_the_same_journal(tmp_path):
    passes = [idle_pass(0.5), full_pass(), idle_pass(2.0)]
    for name in ("a", "b"):
        teller = Teller([JournalSink(JournalFile(tmp_path / name, HEADER))], threaded=False)
        for one in passes:
            teller.publish(None, *one)
        teller.close()
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert list(read(tmp_path / "a")[1]) == passes


def test_the_policys_state_begins_the_next_file_of_the_journal(tmp_path):
    journal = JournalFolder(tmp_path, HEADER, 16 * 2000)
    count = 0

    def resume():
        return {"passes": count} if journal.full else None

    teller = Teller([JournalSink(journal)], threaded=False, resume=resume)
    for count in range(1, 30):
        teller.publish(None, *idle_pass(float(count)))
    teller.close()
    header, found = read(tmp_path / "000002.jsonl")
    assert next(found)[0].time == header.state["passes"] + 1


def test_missed_passes_are_told_to_the_journal(tmp_path):
    sink = JournalSink(JournalFolder(tmp_path, HEADER, 10**6))
    sink.tell([Told(*idle_pass(1.0)), Told(*idle_pass(5.0), missed=3)])
    sink.close()
    assert read(tmp_path / "000002.jsonl")[0].missed == 3


def ended(**changes):
    return visit(phase=VisitPhase.END, tracks=(1,), **changes)


def passed(time, *visits, sightings=()):
    observation, decision = idle_pass(time)
    return Told(replace(observation, sightings=sightings), replace(decision, visits=visits))


def test_a_visit_is_stored_with_evidence_spread_over_all_of_it(tmp_path):
    sink = StoreSink(Store(tmp_path))
    for number in range(1000):
        news = [visit(tracks=(1,))] if number == 3 else []
        sink.tell([passed(float(number), *news, sightings=(seen(float(number)),))])
    sink.tell([passed(1000.0, ended())])
    sink.close()
    with Records(tmp_path) as records:
        assert records.visits() == [ended()]
        times = [sighting.track.time for sighting in records.evidence("a-1")]
    assert SIGHTINGS / 2 <= len(times) <= SIGHTINGS
    assert times[0] == 0.0
    assert times[-1] > 950
    assert len({after - before for before, after in itertools.pairwise(times)}) == 1


def test_a_visit_cut_short_by_a_stop_keeps_its_evidence_and_ends_at_the_next_start(tmp_path):
    sink = StoreSink(Store(tmp_path))
    sink.tell([passed(1.0, visit(tracks=(1,)), sightings=(seen(1.0),))])
    sink.tell([passed(2.0, sightings=(seen(2.0),))])
    sink.close()
    store = Store(tmp_path)
    assert store.end_interrupted() == 1
    assert store.end_interrupted() == 0
    store.close()
    with Records(tmp_path) as records:
        (found,) = records.visits()
        assert (found.phase, found.kind) == (VisitPhase.END, VisitKind.PEEK)
        assert [sighting.track.time for sighting in records.evidence("a-1")] == [1.0, 2.0]


def test_a_refused_visit_cut_short_ends_as_refused(tmp_path):
    store = Store(tmp_path)
    store.add(visits=[visit(outcome=Outcome.LOCK_OUT)])
    store.end_interrupted()
    store.close()
    with Records(tmp_path) as records:
        assert records.visits()[0].kind is VisitKind.DENY


def test_tracks_that_come_to_nothing_are_forgotten(tmp_path):
    sink = StoreSink(Store(tmp_path))
    sink.tell([passed(1.0, sightings=(seen(1.0),))])
    sink.tell([passed(100.0)])
    assert sink._samples == {}
    sink.close()


def test_what_a_failing_store_could_not_take_is_stored_later(tmp_path):
    store = Store(tmp_path)
    sink = StoreSink(store)
    store._connection.execute("PRAGMA query_only = ON")
    event = Event(1.0, None, "alert", "look")
    told = passed(1.0, visit(tracks=(1,)), sightings=(seen(),))
    with pytest.raises(StoreError):
        sink.tell([replace(told, decision=replace(told.decision, events=(event,)))])
    with pytest.raises(StoreError):
        sink.tell([passed(2.0, ended())])
    store._connection.execute("PRAGMA query_only = OFF")
    sink.tell([])
    with Records(tmp_path) as records:
        assert records.visits() == [ended()]
        assert records.events() == [event]
        assert len(records.evidence("a-1")) == 1
    sink.close()


def test_a_store_that_fails_for_ever_does_not_fill_the_memory(tmp_path):
    store = Store(tmp_path)
    sink = StoreSink(store)
    store._connection.execute("PRAGMA query_only = ON")
    for start in range(0, 3000, 100):
        with pytest.raises(StoreError):
            sink.tell([passed(1.0, ended(id=f"v{number}")) for number in range(start, start + 100)])
    assert len(sink._visits) == 1000
    store._connection.execute("PRAGMA query_only = OFF")
    sink.tell([])
    with Records(tmp_path) as records:
        assert records.visits(limit=1)[0].id == "v2999"
    sink.close()
