"""What the kernel tells of the computer itself, and what the rounds make of it; the files are ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.messages import Fault
from device.tell.health import Found, Health, State
from device.tell.machine import TEMPERATURE, THROTTLED, Machine
from device.tell.rounds import HOLD_S, UNPLUGGED_S, Rounds, memory, network, of_the_machine, power, warmth
from device.tell.sink import Told
from tests.making import observation
from tests.test_health import NOBODY


class Computer:
    """Another computer's /sys and /proc."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def network(self, name: str, state: str, real: bool = True) -> None:
        self.write(f"sys/class/net/{name}/operstate", f"{state}\n")
        if real:
            (self.root / f"sys/class/net/{name}/device").mkdir(exist_ok=True)


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    return Computer(tmp_path)


def test_of_a_computer_that_tells_nothing_nothing_is_known(computer):
    machine = Machine(computer.root)
    for look in (power, warmth, network, memory):
        assert look(machine).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("word", "faults"),
    [
        ("0", ()),
        ("50000", ()),
        ("1", (Fault.UNDERVOLTAGE,)),
        ("50005", (Fault.UNDERVOLTAGE,)),
        ("2", (Fault.TEMPERATURE,)),
        ("4", (Fault.TEMPERATURE,)),
        ("8", (Fault.TEMPERATURE,)),
        ("9", (Fault.TEMPERATURE, Fault.UNDERVOLTAGE)),
    ],
)
def test_the_firmwares_word_tells_a_weak_supply_from_a_warm_processor(computer, word, faults):
    computer.write(f"sys/{THROTTLED}", word)
    found = [each.fault for each in (warmth(Machine(computer.root)), power(Machine(computer.root)))]
    assert tuple(filter(None, found)) == faults


def test_the_alarm_of_another_driver_says_nothing_of_the_power_supply(computer):
    computer.write("sys/class/hwmon/hwmon0/in0_lcrit_alarm", "1")
    computer.write("sys/class/hwmon/hwmon0/name", "ltc2992\n")
    assert power(Machine(computer.root)).state is State.UNKNOWN
    computer.write("sys/class/hwmon/hwmon0/name", "rpi_volt\n")
    assert power(Machine(computer.root)).fault is Fault.UNDERVOLTAGE


@pytest.mark.parametrize(("millidegrees", "fault"), [("79900", None), ("80000", Fault.TEMPERATURE)])
def test_a_processor_of_eighty_degrees_is_too_warm(computer, millidegrees, fault):
    computer.write(f"sys/{TEMPERATURE}", millidegrees)
    assert warmth(Machine(computer.root)).fault is fault


def test_a_bridge_is_no_network_where_there_is_hardware(computer):
    computer.network("lo", "unknown", real=False)
    computer.network("docker0", "up", real=False)
    assert network(Machine(computer.root)).state is State.OK
    computer.network("wlan0", "down")
    assert network(Machine(computer.root)).fault is Fault.NETWORK
    computer.network("eth0", "up")
    assert network(Machine(computer.root)).text == "connected by eth0"


def test_little_working_memory_is_a_warning(computer):
    computer.write("proc/meminfo", "MemTotal:  1000000 kB\nMemFree: 1 kB\nMemAvailable:  49000 kB\n")
    assert memory(Machine(computer.root)).state is State.WARNING
    computer.write("proc/meminfo", "MemTotal:  1000000 kB\nMemAvailable:  51000 kB\n")
    assert memory(Machine(computer.root)).state is State.OK


def test_undervoltage_is_told_for_minutes_after_it_was_seen(computer):
    health, told = Health(), []
    rounds = of_the_machine(health, Machine(computer.root))
    for second in range(0, round(HOLD_S) + 30, 5):
        computer.write(f"sys/{THROTTLED}", "1" if second == 10 else "0")
        for each in rounds:
            each.tell([Told(observation(float(second)), NOBODY)])
        told += [second] if Fault.UNDERVOLTAGE in health.faults else []
    assert told == list(range(10, 10 + round(HOLD_S), 5))


def test_a_network_that_is_away_for_a_moment_is_no_news(computer):
    health, told = Health(), []
    rounds = of_the_machine(health, Machine(computer.root))
    for second in range(0, 120, 5):
        computer.network("wlan0", "down" if second in (5, 10) or second >= 50 else "up")
        for each in rounds:
            each.tell([Told(observation(float(second)), NOBODY)])
        told += [second] if Fault.NETWORK in health.faults else []
    assert told == list(range(50 + round(UNPLUGGED_S), 120, 5))


def test_rounds_go_on_a_beat_of_their_own_whenever_they_began():
    looks = []

    def at(*times):
        looks.clear()
        now = [0.0]
        rounds = Rounds(Health(), "part", 5.0, lambda: (looks.append(now[0]), Found(State.OK, ""))[1])
        for time in times:
            now[0] = time
            rounds.tell([Told(observation(time), NOBODY)])
        return list(looks)

    assert at(0.0, 3.0, 5.2, 9.0, 10.0) == [0.0, 5.2, 10.0]
    assert at(3.0, 5.2, 9.0, 10.0) == [3.0, 5.2, 10.0]
