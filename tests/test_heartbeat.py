"""The heartbeat beats only while the loop turns and its guard is not lost, and systemd hears it."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

import pytest

from device import supervisor
from device.heartbeat import GUARD_S, Heartbeat
from device.messages import Decision, Outcome
from tests.making import observation

NOBODY = Decision(0.0, Outcome.KEEP_LOCKED, "nobody", "nobody is at the door")


@dataclass
class Hand:
    """A clock that a test sets."""

    time: float = 100.0

    def now(self) -> float:
        return self.time

    def wall(self) -> float | None:
        return None


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def heartbeat(clock: Hand) -> Heartbeat:
    return Heartbeat(clock)


@pytest.fixture
def systemd(tmp_path, monkeypatch):
    """What the service says to systemd."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(60.0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield listener


def turn(heartbeat: Heartbeat, answers: bool = True) -> None:
    heartbeat.publish(None, observation(1.0, answers=answers), NOBODY)


def test_no_beat_without_a_turn_of_the_loop(heartbeat):
    assert not heartbeat.beat()
    turn(heartbeat)
    assert heartbeat.beat()
    assert not heartbeat.beat(), "one turn, one beat"


def test_a_guard_that_was_begun_again_stops_no_beat_and_one_that_is_lost_does(heartbeat, clock):
    clock.time += GUARD_S - 1
    turn(heartbeat, answers=False)
    assert heartbeat.beat()
    clock.time += 1
    turn(heartbeat, answers=False)
    assert not heartbeat.beat()
    turn(heartbeat)
    assert heartbeat.beat()


def test_systemd_hears_that_the_door_is_watched_and_that_the_loop_goes_on(heartbeat, systemd, monkeypatch):
    monkeypatch.setenv("WATCHDOG_USEC", "12000000")
    turn(heartbeat)
    heartbeat.start()
    assert systemd.recv(100) == b"READY=1"
    assert systemd.recv(100) == b"WATCHDOG=1"
    heartbeat.stop()
    assert systemd.recv(100) == b"STOPPING=1"


def test_whom_nobody_watches_needs_no_thread(heartbeat, systemd, monkeypatch):
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    heartbeat.start()
    heartbeat.stop()
    assert [systemd.recv(100) for _ in range(2)] == [b"READY=1", b"STOPPING=1"]


def test_without_systemd_nothing_is_said_and_nothing_fails(monkeypatch):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    supervisor.tell("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere/at/all")
    supervisor.tell("READY=1")


def test_a_name_that_no_file_has_is_reached_too(monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(f"\0latchlens-{os.getpid()}")
        listener.settimeout(60.0)
        monkeypatch.setenv("NOTIFY_SOCKET", f"@latchlens-{os.getpid()}")
        supervisor.tell("READY=1", "STATUS=well")
        assert listener.recv(100) == b"READY=1\nSTATUS=well"


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [("5000000", None, 5.0), ("5000000", "1", None), ("soon", None, None), ("", None, None)],
)
def test_who_is_watched_knows_it(monkeypatch, usec, pid, seconds):
    monkeypatch.setenv("WATCHDOG_USEC", usec)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    if pid is not None:
        monkeypatch.setenv("WATCHDOG_PID", pid)
    assert supervisor.watched_s() == seconds
