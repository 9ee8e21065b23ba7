"""How the parts are: what is said, since when, and that a fault is never hidden by another's health."""

from dataclasses import replace

import pytest

from device.errors import StoreError
from device.messages import BoltState, Decision, Door, Event, Fault, Outcome
from device.tell.fanout import Fanout
from device.tell.health import Health, State
from device.tell.sink import Told
from device.tell.symptoms import HealthSink
from device.tell.teller import Teller
from tests.making import inputs, observation

NOBODY = Decision(0.0, Outcome.KEEP_LOCKED, "nobody", "nobody is at the door")


def after(*passes):
    health = Health()
    sink = HealthSink(health)
    for each in passes:
        sink.tell([Told(each, NOBODY)])
    return {each.part: each for each in health.report()}


def test_a_door_at_which_all_is_well_says_so():
    found = after(observation(1.0, wall=1e9, door=Door.CLOSED))
    assert {each.state for each in found.values()} == {State.OK}
    assert set(found) == {"camera", "blind", "door", "bolt", "guard", "clock", "settings"}


@pytest.mark.parametrize(
    ("part", "state", "changes"),
    [
        ("blind", State.FAULT, {"blind": "black"}),
        ("bolt", State.FAULT, {"bolt": BoltState.JAMMED}),
        ("guard", State.FAULT, {"answers": False}),
        ("clock", State.WARNING, {"wall": None}),
        ("door", State.UNKNOWN, {"door": Door.UNKNOWN}),
        ("settings", State.FAULT, {"lost": True}),
        ("settings", State.WARNING, {"enforce": False}),
    ],
)
def test_what_a_pass_tells_of_a_part_is_said_with_what_to_do(part, state, changes):
    found = after(observation(1.0, **{"wall": 1e9, "door": Door.CLOSED} | changes))
    assert (found[part].state, bool(found[part].fix)) == (state, True)
    assert all(each.state is State.OK for name, each in found.items() if name != part)


def test_a_camera_that_is_gone_says_why_and_is_not_called_blind():
    health = Health()
    HealthSink(health, trouble=lambda: "/dev/video0 does not exist").tell(
        [Told(observation(9.0, blind="gone"), NOBODY)]
    )
    found = {each.part: each for each in health.report()}
    assert found["camera"].state is State.FAULT
    assert "/dev/video0 does not exist" in found["camera"].text
    assert found["blind"].state is State.UNKNOWN


def test_a_guard_whose_snapshot_grows_old_is_a_fault_for_the_decisions_too():
    health = Health()
    sink = HealthSink(health)
    sink.tell([Told(replace(observation(9.0), inputs=inputs(6.0)), NOBODY)])
    assert health.faults == (Fault.GUARD,)
    sink.tell([Told(observation(10.0), NOBODY)])
    assert health.faults == ()


def test_a_jam_counts_until_a_minute_after_it_was_last_seen():
    jammed = observation(5.0, bolt=BoltState.JAMMED)
    assert after(jammed, observation(64.0))["bolt"].fault is Fault.BOLT
    assert after(jammed, observation(65.0))["bolt"].state is State.OK


def test_the_faults_of_all_parts_are_told_to_the_decisions_in_one_order():
    health = Health()
    health.set("power", State.WARNING, "", fault=Fault.UNDERVOLTAGE)
    health.set("memory", State.FAULT, "", fault=Fault.DISK)
    health.set("disk", State.FAULT, "", fault=Fault.DISK)
    assert health.faults == (Fault.DISK, Fault.UNDERVOLTAGE)
    health.set("memory", State.OK, "")
    assert health.faults == (Fault.DISK, Fault.UNDERVOLTAGE)
    health.set("disk", State.OK, "")
    assert health.faults == (Fault.UNDERVOLTAGE,)


def test_a_flap_held_open_is_a_warning_after_a_minute_only():
    held = [observation(time, door=Door.OPEN) for time in (0.0, 30.0, 60.0)]
    assert after(*held)["door"].state is State.OK
    assert after(*held, observation(61.0, door=Door.OPEN))["door"].state is State.WARNING
    assert (
        after(*held, observation(60.5, door=Door.CLOSED), observation(90.0, door=Door.OPEN))["door"].state
        is State.OK
    )


def test_slow_seeing_is_a_warning_from_when_it_is_told_until_it_ends():
    health = Health()
    sink = HealthSink(health)
    for kind, text, state in (
        ("slow", "a picture takes 4.0 s", State.WARNING),
        ("slow-ended", "quick again", State.OK),
    ):
        sink.tell([Told(observation(1.0), replace(NOBODY, events=(Event(1.0, None, kind, text),)))])
        (seeing,) = [each for each in health.report() if each.part == "seeing"]
        assert (seeing.state, seeing.text, bool(seeing.fix)) == (state, text, state is State.WARNING)


def test_since_is_when_the_state_began():
    blind = [observation(time, blind="black", wall=1e9 + time) for time in (5.0, 6.0, 7.0)]
    found = after(observation(4.0), *blind)["blind"]
    assert (found.since, found.since_wall) == (5.0, 1e9 + 5.0)


def test_the_worst_stands_first():
    health = Health()
    health.set("b", State.OK, "")
    health.set("a", State.WARNING, "")
    assert not health.problem
    health.set("c", State.FAULT, "")
    assert [each.part for each in health.report()] == ["c", "a", "b"]
    assert health.problem


def test_a_sink_that_fails_shows_until_it_works_again():
    class Disk:
        fault = None

        def tell(self, passes):  # noqa: ARG002
            if self.fault:
                raise self.fault

        def close(self):
            pass

    health, disk = Health(), Disk()
    teller = Teller([disk], threaded=False, health=health)
    for time, fault in ((1.0, None), (2.0, StoreError("the disk is full")), (3.0, None)):
        disk.fault = fault
        teller.publish(None, observation(time), replace(NOBODY, time=time))
        memory = health.report()[0]
        assert (memory.part, memory.state) == ("memory", State.FAULT if fault else State.OK)
        assert not fault or memory.text == "the disk is full"


def test_every_publisher_is_told_of_every_pass():
    class Listener:
        def __init__(self):
            self.times = []

        def publish(self, frame, observation, decision):  # noqa: ARG002
            self.times.append(observation.time)

    listeners = [Listener(), Listener()]
    fanout = Fanout(listeners)
    for time in (1.0, 2.0):
        fanout.publish(None, observation(time), NOBODY)
    assert [each.times for each in listeners] == [[1.0, 2.0], [1.0, 2.0]]
