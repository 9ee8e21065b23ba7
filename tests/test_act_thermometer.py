"""The 1-wire thermometer, on files such as the kernel shows: what is believed; nobody waits for it."""

from __future__ import annotations

import logging
import threading

import pytest

from device.act.thermometer import STALE, Settings, Thermometer, build, read_sensor, temperature_in
from device.errors import HardwareError
from device.messages import Inputs

ANSWER = "72 01 4b 46 7f ff 0e 10 57 : crc=57 YES\n72 01 4b 46 7f ff 0e 10 57 t={}\n"
NAME = "28-0316a2794cff"


@pytest.fixture
def bus(tmp_path):
    """A 1-wire bus with its master and nothing on it."""
    (tmp_path / "w1_bus_master1").mkdir()
    return tmp_path


def plug(bus, name=NAME, milli=-7250):
    (bus / name).mkdir(exist_ok=True)
    (bus / name / "w1_slave").write_text(ANSWER.format(milli), encoding="ascii")


@pytest.mark.parametrize(("milli", "degrees"), [(23125, 23.125), (-7250, -7.25), (0, 0.0), (-55000, -55.0)])
def test_the_kernels_answer_is_read_in_thousandths(milli, degrees):
    assert temperature_in(ANSWER.format(milli)) == degrees


@pytest.mark.parametrize(
    "text",
    [
        "",
        ANSWER.format(23125).replace("YES", "NO"),
        ANSWER.format(85000),
        ANSWER.format(127000),
        ANSWER.format("warm"),
        "crc=57 YES",
    ],
)
def test_an_answer_that_cannot_be_believed_is_none(text):
    assert temperature_in(text) is None


def test_the_only_thermometer_is_found_by_itself_and_one_of_two_by_its_name(bus):
    plug(bus)
    assert read_sensor(Settings(folder=str(bus))) == -7.25
    plug(bus, "10-000802824e58", 3000)
    assert read_sensor(Settings(folder=str(bus), sensor=NAME)) == -7.25
    with pytest.raises(HardwareError, match='name one with sensor = "10-000802824e58"'):
        read_sensor(Settings(folder=str(bus)))


def test_another_device_on_the_bus_is_no_thermometer(bus):
    plug(bus, "01-00000c2b1d5a")
    with pytest.raises(HardwareError, match=r"a sensor is not in .*dtoverlay=w1-gpio"):
        read_sensor(Settings(folder=str(bus)))


def test_a_thermometer_that_is_gone_or_garbled_names_the_fix(bus):
    plug(bus)
    with pytest.raises(HardwareError, match=f'sensor = "28-1" is not in .*use one of {NAME}'):
        read_sensor(Settings(folder=str(bus), sensor="28-1"))
    (bus / NAME / "w1_slave").write_text("00 00 : crc=00 NO\n", encoding="ascii")
    with pytest.raises(HardwareError, match="no sound answer; see its wires"):
        read_sensor(Settings(folder=str(bus)))
    (bus / NAME / "w1_slave").unlink()
    with pytest.raises(HardwareError, match="cannot be read: No such file"):
        read_sensor(Settings(folder=str(bus)))


def test_the_guards_snapshot_has_the_temperature_once_it_was_measured(bus):
    plug(bus)
    sensor = Thermometer(lambda: read_sensor(Settings(folder=str(bus))), 60.0)
    assert sensor.read(Inputs(10.0)).temperature_c is None
    sensor.measure()
    assert sensor.read(Inputs(11.0)).temperature_c == -7.25


def test_a_reading_that_is_long_overdue_is_forgotten():
    sensor = Thermometer(lambda: 3.5, 60.0)
    sensor.measure()
    assert sensor.read(Inputs(100.0)).temperature_c == 3.5
    assert sensor.read(Inputs(100.0 + STALE * 60)).temperature_c == 3.5
    assert sensor.read(Inputs(101.0 + STALE * 60)).temperature_c is None
    sensor.measure()
    assert sensor.read(Inputs(500.0)).temperature_c == 3.5


def test_a_thermometer_that_fails_is_told_once_and_asked_again(caplog):
    answers = iter([None, None, 4.0])

    def measure():
        degrees = next(answers)
        if degrees is None:
            raise HardwareError("the thermometer cannot be read")
        return degrees

    sensor = Thermometer(measure, 60.0)
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            sensor.measure()
            assert sensor.read(Inputs(1.0)).temperature_c is None
        sensor.measure()
    assert sensor.read(Inputs(2.0)).temperature_c == 4.0
    assert caplog.messages == ["the thermometer cannot be read", "the thermometer answers again"]


def test_a_sensor_that_takes_its_time_never_holds_the_guard_up():
    begun, answer = threading.Event(), threading.Event()

    def slow():
        begun.set()
        answer.wait(10)
        return 1.0

    sensor = Thermometer(slow, 3600.0).start()
    assert begun.wait(10)
    assert sensor.read(Inputs(5.0)).temperature_c is None
    answer.set()
    sensor.close()
    assert sensor.read(Inputs(6.0)).temperature_c == 1.0


def test_the_built_thermometer_reads_by_itself_and_ends_when_it_is_closed(bus):
    plug(bus)
    threads = threading.active_count()
    sensor = build(Settings(folder=str(bus), every_s=1.0), None)
    assert sensor.senses == "temperature"
    while sensor.read(Inputs(1.0)).temperature_c is None:
        assert threading.active_count() > threads
    sensor.close()
    assert threading.active_count() == threads
