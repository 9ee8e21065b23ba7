"""The world that scenes are played in: the flap, the bolt as a piece of metal, sensors and visitors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from device.act.guard import Outputs
from device.act.pins import factory
from device.config import read_project
from device.messages import BoltState
from device.parts import Part
from simulator.flap import Flap
from simulator.light import KINDS, empty_picture
from simulator.mechanics import IronBolt, iron_bolt
from simulator.scene import FOLDER, HOUSE
from simulator.sensors import Antenna, Motion, SensorSettings, build
from simulator.visitors import Phase, Visitor
from simulator.world import World

TICK = 0.02
OPEN, SHUT, REST = (
    Outputs(0.0, unlock, lock, BoltState.LOCKED)
    for unlock, lock in ((True, False), (False, True), (False, False))
)


def live(world, seconds, bolt_open=False):
    for _ in range(round(seconds / TICK)):
        world.advance(TICK, bolt_open)


def what_happened(world):
    return [each.what for each in world.happenings]


def test_the_flaps_contact_lets_go_later_than_it_is_made_again():
    flap, opens, closes = Flap(), [], []
    for body in [True] * 20 + [False] * 40:
        before = flap.contact_open
        flap.advance(TICK, body)
        if flap.contact_open is not before:
            (closes if before else opens).append(flap.position)
    (opened,), (closed,) = opens, closes
    assert opened > closed
    assert not flap.ajar


def test_a_visitor_indoors_goes_out_of_a_flap_that_blocks_only_the_way_in_and_is_seen_walking_away():
    world = World.of((Visitor("mimi", arrives=1.0, walks=1.0, starts="inside"),), blocks="in")
    live(world, 2.5)
    (actor,) = world.actors
    assert actor.phase is Phase.PASSING
    assert not actor.in_view
    live(world, 1.2)
    assert (actor.phase, actor.in_view) == (Phase.GOING, True)
    assert what_happened(world) == ["arrives", "exits", "outside"]


def test_a_visitor_indoors_waits_behind_a_flap_that_blocks_both_ways():
    world = World.of((Visitor("mimi", arrives=1.0, walks=1.0, starts="inside"),), blocks="both")
    live(world, 4.0)
    assert set(what_happened(world)) == {"arrives", "pushes"}
    live(world, 4.0, bolt_open=True)
    assert "outside" in what_happened(world)


def test_a_hand_reaches_into_the_flap_holds_it_open_and_goes_back():
    hand = Visitor("a child", 0.0, "person", "inside", walks=0.5, sits=5.0, turns_back=True)
    world = World.of((hand,))
    live(world, 3.0)
    assert world.body_in_flap
    assert world.flap.contact_open
    live(world, 5.0)
    assert what_happened(world) == ["arrives", "reaches in", "leaves"]
    assert not world.flap.contact_open


def test_a_motion_sensor_answers_late_and_holds_on():
    motion = Motion(SensorSettings(lag=0.5, hold=2.0))
    outputs = {round(t * 0.1, 1): motion.feel(t * 0.1, moving=10 <= t < 20) for t in range(60)}
    on = [time for time, output in outputs.items() if output]
    assert (on[0], on[-1]) == (1.5, 3.8)


@pytest.mark.parametrize("number", ["276098100000001", "900250000023921"])
def test_the_devices_own_driver_reads_a_chip_within_range(number):
    antenna = Antenna(SensorSettings(misses=0.0), np.random.default_rng(0))
    reader = build(antenna)
    world = World.of((Visitor("mimi", arrives=0.0, walks=2.0, chip=number),))
    reads = []
    for _ in range(150):
        world.advance(TICK, bolt_open=False)
        antenna.feel(world.time, world.actors)
        reads += [read] if (read := reader.read(world.time)) else []
    assert {read.number for read in reads} == {number}
    assert reads[0].time >= 0.85 * 2.0


def test_chips_are_missed_now_and_then_and_two_at_once_garble_each_other():
    cat = Visitor("mimi", arrives=0.0, walks=0.1, patience=1e6, chip="276098100000001")
    reads = []
    for visitors in ((cat,), (cat, replace(cat, name="luna"))):
        antenna, world = Antenna(SensorSettings(), np.random.default_rng(1)), World.of(visitors)
        for _ in range(3000):
            world.advance(TICK, bolt_open=False)
            antenna.feel(world.time, world.actors)
        reads.append(len(antenna.reads))
    assert 120 < reads[0] < 160  # of 200 attempts
    assert reads[1] == 0


def bolt_at(kind: str, **settings: object) -> tuple[IronBolt, object]:
    project = read_project(FOLDER / HOUSE)
    module = f"device.act.{kind}"
    chosen = __import__(module, fromlist=["Settings"]).Settings(**settings)
    part, pins = Part(kind, module, chosen), factory("mock")
    driver = part.build(pins)
    return iron_bolt(replace(project, bolt=part), pins), driver


def turn(bolt, driver, outputs, seconds, ajar=False):
    driver.drive(outputs)
    for _ in range(round(seconds / TICK)):
        bolt.advance(TICK, ajar)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("servo", {"pin": 18}),
        ("servo", {"pin": 18, "unlocked_deg": 0.0, "locked_deg": 90.0}),
        ("relay", {"pin": 5}),
        ("relay", {"pin": 5, "active_high": False}),
        ("solenoid", {"pin": 5}),
        ("solenoid", {"pin_unlock": 5, "pin_lock": 6}),
    ],
)
def test_the_bolt_moves_as_its_pins_are_driven(kind, settings):
    bolt, driver = bolt_at(kind, **settings)
    turn(bolt, driver, OPEN, 0.6)
    assert bolt.open
    springs_back = bolt.spring == "locked"
    turn(bolt, driver, REST, 0.6)
    assert bolt.open is not springs_back
    turn(bolt, driver, REST if springs_back else SHUT, 0.6)
    assert bolt.position == 0.0


def test_a_servo_that_is_driven_home_strikes_who_is_in_the_flap_and_a_spring_rides_on_it():
    servo, pulses = bolt_at("servo", pin=18)
    turn(servo, pulses, OPEN, 0.6)
    pulses.drive(SHUT)
    assert any(_struck(servo) for _ in range(40))
    relay, coil = bolt_at("relay", pin=5)
    turn(relay, coil, OPEN, 0.6)
    coil.drive(REST)
    assert not any(_struck(relay) for _ in range(40))
    assert relay.open
    turn(relay, coil, REST, 0.2)
    assert not relay.open


def _struck(bolt):
    bolt.advance(TICK, flap_ajar=True)
    return bolt.struck


def test_without_power_a_servo_stays_where_it_stopped():
    bolt, driver = bolt_at("servo", pin=18)
    turn(bolt, driver, OPEN, 0.2)
    stopped = bolt.position
    driver.close()
    turn(bolt, driver=_Nothing(), outputs=REST, seconds=1.0)
    assert 0 < bolt.position == stopped


class _Nothing:
    def drive(self, outputs):
        pass


def test_a_picture_by_infrared_has_no_colour_and_one_with_the_filter_stuck_is_black():
    random = np.random.default_rng(0)
    infrared = empty_picture(KINDS["infrared"], random)
    assert (infrared == infrared[:, :, :1]).all()
    assert empty_picture(KINDS["filter stuck"], random).max() <= 12
