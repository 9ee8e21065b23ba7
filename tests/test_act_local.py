"""The guard inside the process: the loop's words go in, pins move, and every end is a bolt at rest."""

import threading
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from device.act import local, relay, servo
from device.act.guard import GuardSettings
from device.act.local import LocalGuard
from device.act.pins import factory
from device.errors import HardwareError
from device.messages import BoltState, ChipRead, Door, Inputs, Lease

SETTINGS = GuardSettings(dwell_s=0.1)
WAIT_S = 20.0  # so long only on a machine that stands still


@dataclass
class Sensor:
    """An input that a test sets."""

    senses: str
    value: dict = field(default_factory=dict)
    closed: bool = False

    def read(self, snapshot: Inputs) -> Inputs:
        return replace(snapshot, **self.value)

    def close(self):
        self.closed = True


class Steps:
    """A clock that a tick of the guard's thread moves by 20 ms."""

    def __init__(self):
        self.ticks = count()

    def now(self):
        return 100.0 + next(self.ticks) * 0.02

    def wall(self):
        return None


@dataclass
class Watcher:
    """A signal that tells a waiting test when the bolt reaches a state."""

    awaited: BoltState
    reached: threading.Event = field(default_factory=threading.Event)
    seen: list = field(default_factory=list)

    def show(self, snapshot):
        self.seen.append(snapshot)
        if snapshot.bolt is self.awaited:
            self.reached.set()

    def close(self):
        self.seen.append("closed")


@pytest.fixture
def pins():
    made = factory("mock")
    yield made
    made.close()


def strike(pins):
    return relay.build(relay.Settings(pin=5), pins)


def run(guard: LocalGuard, start: float, seconds: float, lease_s: float | None = None) -> Inputs:
    """Play `seconds` of a recording at 16 frames a second, the loop speaking after each."""
    for tick in range(round(seconds * 16) + 1):
        now = start + tick / 16
        snapshot = guard.step(now)
        guard.hold(None if lease_s is None else Lease(now, lease_s, "own cat"))
    return snapshot


def test_a_lease_moves_the_pin_and_the_history_tells_when(pins):
    guard = local.build(SETTINGS, strike(pins))
    assert run(guard, 0.0, 1.0).bolt is BoltState.LOCKED
    guard.hold(Lease(1.0, 5.0, "own cat"))
    assert guard.step(1.0).bolt is BoltState.UNLOCKING
    assert pins.pin(5).state
    run(guard, 1.0625, 1.0, 5.0)
    assert guard.inputs().bolt is BoltState.UNLOCKED
    assert [(change.time, change.state) for change in guard.history] == [
        (0.0, BoltState.LOCKED),
        (1.0, BoltState.UNLOCKING),
        (1.125, BoltState.UNLOCKED),
    ]


def test_a_loop_that_stops_renewing_loses_the_bolt(pins):
    guard = local.build(SETTINGS, strike(pins))
    guard.hold(Lease(0.0, 2.0, "own cat"))
    guard.step(0.0)
    assert pins.pin(5).state
    guard.step(2.0)
    assert not pins.pin(5).state
    assert guard.inputs().refusal == "the lease ran out after 2 s"


def test_one_word_counts_once(pins):
    settings = replace(SETTINGS, rest="unlocked", silence_s=1.0)
    guard = local.build(settings, servo.build(servo.Settings(pin=18, travel_s=0.1), pins))
    guard.hold(None)
    assert guard.step(0.0).bolt is BoltState.LOCKING
    assert guard.step(0.9).bolt is BoltState.LOCKED
    assert guard.step(1.0).bolt is BoltState.UNLOCKING, "the loop has been silent for a second"


def test_inputs_flow_into_the_snapshot_and_the_rules(pins):
    door = Sensor("door", {"door": Door.OPEN})
    buttons = Sensor("button", {"buttons": {"panic": True}})
    guard = local.build(SETTINGS, strike(pins), [door, buttons])
    snapshot = guard.step(3.0)
    assert snapshot == guard.inputs()
    assert (snapshot.time, snapshot.door, snapshot.buttons) == (3.0, Door.OPEN, {"panic": True})
    assert pins.pin(5).state, "panic opens"


def test_a_door_with_a_lost_sensor_stays_unlocked(pins):
    door = Sensor("door", {"door": Door.UNKNOWN})
    guard = local.build(SETTINGS, servo.build(servo.Settings(pin=18), pins), [door])
    assert run(guard, 0.0, 3.0).bolt is BoltState.UNLOCKED


def test_the_bolts_sensor_is_believed(pins):
    contact = Sensor("bolt", {"bolt": BoltState.UNLOCKED})
    guard = local.build(SETTINGS, strike(pins), [contact])
    assert run(guard, 0.0, 3.0).bolt is BoltState.JAMMED


@dataclass
class Reader:
    """A chip reader that has read one chip at 1 s."""

    closed: bool = False

    def read(self, now):
        return ChipRead(now, "276098102345678") if now == 1.0 else None

    def close(self):
        self.closed = True


def test_the_latest_chip_stays_in_the_snapshot(pins):
    guard = local.build(SETTINGS, strike(pins), chip=Reader())
    assert guard.step(0.0).chip is None
    assert guard.step(1.0).chip == ChipRead(1.0, "276098102345678")
    assert guard.step(2.0).chip == ChipRead(1.0, "276098102345678")


def test_the_same_recording_moves_the_same_pins():
    def history():
        made = factory("mock")
        guard = local.build(SETTINGS, strike(made))
        run(guard, 0.0, 2.0)
        run(guard, 2.0, 3.0, 1.0)
        run(guard, 5.0, 2.0)
        guard.stop()
        return list(guard.history)

    assert history() == history()


def test_stop_brings_an_open_bolt_to_rest_and_closes_everything(pins):
    door, reader, light = Sensor("door", {"door": Door.CLOSED}), Reader(), Watcher(BoltState.LOCKED)
    bolt = servo.build(servo.Settings(pin=18), pins)
    guard = local.build(SETTINGS, bolt, [door], [light], reader)
    run(guard, 0.0, 2.0)
    assert run(guard, 2.0, 2.0, 1.0).bolt is BoltState.UNLOCKED
    guard.stop()
    assert guard.history[-1].state is BoltState.LOCKED
    assert pins.pin(18).function == "input"
    assert door.closed
    assert reader.closed
    assert light.seen[-1] == "closed"
    guard.stop()


def test_stop_does_not_drive_the_bolt_into_an_open_flap(pins):
    door = Sensor("door", {"door": Door.CLOSED})
    guard = local.build(SETTINGS, servo.build(servo.Settings(pin=18), pins), [door])
    run(guard, 0.0, 2.0, 1.0)
    door.value["door"] = Door.OPEN
    guard.stop()
    assert guard.history[-1].state is BoltState.UNLOCKED
    assert pins.pin(18).function == "input"


def test_a_part_that_breaks_while_stopping_keeps_no_power_on_the_bolt(pins):
    class Broken(Sensor):
        def read(self, snapshot):
            if snapshot.time > 1.0:
                raise OSError("wire cut")
            return snapshot

        def close(self):
            raise OSError("wire cut")

    reader = Reader()
    guard = local.build(SETTINGS, strike(pins), [Broken("door", {})], chip=reader)
    guard.hold(Lease(1.0, 5.0, "own cat"))
    guard.step(1.0)
    assert pins.pin(5).state
    guard.stop()
    assert not pins.pin(5).state
    assert reader.closed


def test_a_guard_that_was_only_built_moves_nothing_when_it_is_stopped(pins):
    bolt = servo.build(servo.Settings(pin=18), pins)
    guard = local.build(SETTINGS, bolt, chip=(reader := Reader()))
    pins.pin(18).clear_states()
    guard.stop()
    guard.stop()
    assert not guard.history
    assert not any(state.state for state in pins.pin(18).states)
    assert reader.closed


@dataclass
class Fragile:
    """A signal or sensor that works until it is broken."""

    senses: str = "motion"
    value: dict = field(default_factory=dict)
    broken: bool = False

    def show(self, snapshot):
        self.read(snapshot)

    def read(self, snapshot):
        if self.broken:
            raise OSError("wire cut")
        return replace(snapshot, **self.value)

    def close(self):
        """Nothing to give back."""


def unlocked_servo(pins, inputs, signals=()):
    bolt = servo.build(servo.Settings(pin=18, travel_s=0.1), pins)
    guard = local.build(SETTINGS, bolt, inputs, signals)
    assert run(guard, 0.0, 1.0, 5.0).bolt is BoltState.UNLOCKED
    return guard


@pytest.mark.parametrize("is_signal", [True, False])
def test_a_broken_lamp_or_motion_sensor_does_not_leave_a_servo_unlocked(pins, is_signal):
    door, part = Sensor("door", {"door": Door.CLOSED}), Fragile()
    guard = unlocked_servo(pins, [door] if is_signal else [part, door], [part] if is_signal else [])
    part.broken = True
    with pytest.raises(OSError, match="wire cut"):
        guard.step(1.1)
    guard.stop()
    assert guard.history[-1].state is BoltState.LOCKED


def test_a_broken_door_sensor_leaves_the_bolt_out_of_the_flaps_way(pins):
    door = Fragile("door", {"door": Door.CLOSED})
    guard = unlocked_servo(pins, [door])
    door.broken = True
    guard.stop()
    assert guard.history[-1].state is BoltState.UNLOCKED


def test_the_thread_answers_a_lease_and_rests_when_stopped(pins):
    locked, unlocked = Watcher(BoltState.LOCKED), Watcher(BoltState.UNLOCKED)
    guard = local.build(replace(SETTINGS, max_lease_s=1e6), strike(pins), [], [locked, unlocked])
    guard.start(Steps())
    assert locked.reached.wait(WAIT_S)
    guard.hold(Lease(100.0, 1e6, "own cat"))
    assert unlocked.reached.wait(WAIT_S)
    guard.stop()
    assert guard.history[-1].state is BoltState.LOCKED
    assert not pins.pin(5).state


def test_a_thread_that_fails_rests_the_bolt_and_the_loop_is_told(pins):
    cut, failed = threading.Event(), threading.Event()

    class Failing(Sensor):
        def read(self, snapshot):
            if cut.is_set() and not failed.is_set():
                failed.set()
                raise OSError("wire cut")
            return snapshot

    unlocked = Watcher(BoltState.UNLOCKED)
    guard = local.build(SETTINGS, strike(pins), [Failing("motion")], [unlocked])
    guard.hold(Lease(100.0, 9.0, "own cat"))
    guard.start(Steps())
    assert unlocked.reached.wait(WAIT_S)
    cut.set()
    assert failed.wait(WAIT_S)
    guard.stop()
    with pytest.raises(HardwareError, match="the guard stopped: wire cut; the bolt was sent to rest"):
        guard.inputs()
    assert guard.history[-1].state is BoltState.LOCKED
    assert not pins.pin(5).state


def test_a_driver_that_hangs_is_noticed_by_the_loop(pins):
    entered, free = threading.Event(), threading.Event()

    class Hanging(Sensor):
        def read(self, snapshot):
            entered.set()
            free.wait(WAIT_S)
            return snapshot

    @dataclass
    class Hand:
        time: float = 100.0

        def now(self) -> float:
            return self.time

        def wall(self) -> float | None:
            return None

    clock = Hand()
    guard = local.build(SETTINGS, strike(pins), [Hanging("motion")])
    guard.start(clock)
    assert entered.wait(WAIT_S)
    clock.time += 1.5
    guard.inputs()
    clock.time += 1.0
    with pytest.raises(HardwareError, match="has not answered for 2 s"):
        guard.inputs()
    free.set()
    clock.time += 5.0
    guard.stop()


def test_panic_from_afar_opens_though_the_loop_is_silent(pins):
    guard = local.build(SETTINGS, strike(pins))
    assert guard.step(100.0).bolt is BoltState.LOCKED
    guard.panic()
    assert guard.step(100.1).bolt is BoltState.UNLOCKING
    assert guard.inputs().buttons == {"panic": True}
    assert guard.step(101.5).buttons == {"panic": True}, "long enough for a loop with a pass a second"
    assert guard.step(101.6).buttons == {}, "one press, as of a button"
    assert pins.pin(5).state, "the way out is held open"
