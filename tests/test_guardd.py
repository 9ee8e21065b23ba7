"""The guard as a process: real processes, real sockets, real signals, and pins that say what they do."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from device.act.guardd import About, Guardd, listen_at
from device.act.link import Link, call, look, press
from device.act.protocol import ORDER_BYTES, REPORT_BYTES, Order, Report, Word, packed, report_of
from device.clock import SystemClock
from device.errors import HardwareError
from device.guarding import build, users
from device.messages import BoltState, Inputs, Lease
from device.tell import last_good
from tests.guarded import PATIENCE_S, STRIKE, Process, eventually
from tests.making import steady

CLOCK = SystemClock()
OPEN, SHUT = "pin 5 1", "pin 5 0"

Start = Callable[..., Process]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that every user may enter: a socket's has room for 107 characters."""
    made = Path(tempfile.mkdtemp(prefix="guard-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "line"


@pytest.fixture
def project(folder: Path) -> Path:
    file = folder / "door.toml"
    file.write_text(STRIKE)
    return file


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Process] = []

    def begin(*arguments: object, **environment: str) -> Process:
        started.append(Process.start(*arguments, **environment))
        return started[-1]

    yield begin
    for each in started:
        each.close()


@pytest.fixture
def guard(start: Start, project: Path, path: Path) -> Process:
    process = start("guard", project, path)
    process.until("guarding the bolt")
    return process


def caller(path: Path) -> tuple[socket.socket, Report]:
    """A line to the guard without any manners, and what it said first."""
    line = call(path)
    line.settimeout(PATIENCE_S)
    return line, report_of(line.recv(65_536))


def order(report: Report, number: int, seconds: float | None = 5.0, word: Word = Word.HOLD) -> bytes:
    lease = None if word is not Word.HOLD else Lease(CLOCK.now(), seconds or 0.0, "")
    return packed(Order(word, bytes.fromhex(report.line), number, lease))


def reach(link: Link) -> None:
    """Call the guard and wait for its answer, as long as a busy machine takes."""
    link.start(CLOCK)
    eventually(lambda: link.inputs().answers)


def state_of(link: Link, state: BoltState) -> Callable[[], bool]:
    return lambda: (seen := link.inputs()).answers and seen.bolt is state


def dropped(path: Path) -> dict[str, int]:
    return dict(look(path, PATIENCE_S).dropped)


def test_a_loop_that_is_killed_loses_the_bolt_at_once(start, guard, path):
    loop = start("hold", path, 1000)
    guard.until(OPEN)
    loop.end(signal.SIGKILL)
    guard.until(SHUT)


def test_a_loop_that_hangs_loses_the_bolt_with_its_lease(start, guard, path):
    loop = start("hold", path, 1.5)
    guard.until(OPEN)
    loop.until("it is open")
    loop.send(signal.SIGSTOP)
    guard.until(SHUT)
    assert loop.process.poll() is None, "it is still there, and still stopped"


def test_panic_opens_while_the_loop_hangs(start, guard, path):
    loop = start("hold", path, 1.5)
    guard.until(OPEN)
    loop.send(signal.SIGSTOP)
    guard.until(SHUT)
    guard.tell("low 22")
    guard.until(OPEN)


def test_panic_from_afar_opens_while_the_loop_hangs(start, guard, path):
    loop = start("hold", path, 1.5)
    guard.until(OPEN)
    loop.send(signal.SIGSTOP)
    guard.until(SHUT)
    press(path)
    guard.until(OPEN)


def test_panic_is_obeyed_though_who_pressed_it_hung_up_with_reports_unread(guard, path):
    """The kernel says "reset" before it hands on what was sent; the order is behind that."""
    line, report = caller(path)
    eventually(lambda: look(path, PATIENCE_S).inputs.time > report.inputs.time + 0.2)
    guard.send(signal.SIGSTOP)
    line.send(order(report, 1, word=Word.PANIC))
    line.close()
    guard.send(signal.SIGCONT)
    guard.until(OPEN)


def test_panic_is_obeyed_though_who_pressed_it_is_gone_when_the_next_report_goes_out(project, path):
    """The report meets a broken pipe; the order is still there to be read."""
    factory = MockFactory()
    built = build(project, lambda _: factory)
    with listen_at(path) as listener:
        guardd = Guardd(built.guard, listener, users([]), CLOCK, About("abcd", CLOCK.now()))
        line = call(path)
        line.settimeout(PATIENCE_S)
        guardd.turn()
        guardd.turn()
        line.send(order(report_of(line.recv(REPORT_BYTES)), 1, word=Word.PANIC))
        line.close()
        eventually(lambda: [guardd.turn(), factory.pin(5).state][-1])
        guardd.close()
    built.guard.stop()


def test_a_guard_that_is_killed_is_missed_and_the_next_one_knows_no_lease(start, guard, project, path):
    line, report = caller(path)
    old = order(report, 1, 1000.0)
    line.send(old)
    guard.until(OPEN)
    link = Link(path, CLOCK)
    eventually(state_of(link, BoltState.UNLOCKED))
    guard.end(signal.SIGKILL)
    gone = eventually(lambda: None if (seen := link.inputs()).answers else seen)
    assert "the guard does not answer: it hung up" in gone.refusal

    again = start("guard", project, path)
    again.until("guarding the bolt")
    back = eventually(lambda: seen if (seen := link.inputs()).answers else None)
    assert back.bolt is BoltState.LOCKED
    line, report = caller(path)
    line.send(old)  # what was said to the guard that died
    eventually(lambda: dropped(path) == {"of another line": 1})
    assert OPEN not in again.so_far()


def test_a_line_that_was_lost_takes_its_lease_with_it(guard, path):
    link = Link(path, CLOCK)
    reach(link)
    lease = Lease(CLOCK.now(), 1000.0, "own cat")
    link.hold(lease)
    guard.until(OPEN)
    link.stop()
    guard.until(SHUT)
    eventually(lambda: link.inputs().answers)
    link.hold(lease)
    eventually(lambda: dropped(path).get("an old lease"))
    assert OPEN not in guard.so_far()
    link.hold(Lease(CLOCK.now(), 1000.0, "own cat"))
    guard.until(OPEN)


def test_an_order_counts_once_and_in_order(guard, path):
    line, report = caller(path)
    line.send(order(report, 7, word=Word.NO_LEASE))
    line.send(first := order(report, 8))
    guard.until(OPEN)
    line.send(order(report, 9, word=Word.NO_LEASE))
    guard.until(SHUT)
    line.send(first)
    line.send(order(report, 5))
    eventually(lambda: dropped(path) == {"out of order": 2})
    assert OPEN not in guard.so_far()


def test_of_two_loops_only_the_first_is_heard(guard, path):
    first, second = Link(path, CLOCK), Link(path, CLOCK)
    reach(first)
    reach(second)
    first.hold(None)
    eventually(lambda: look(path, PATIENCE_S).held)
    second.hold(Lease(CLOCK.now(), 5.0, "own cat"))
    eventually(lambda: dropped(path) == {"another holds the bolt": 1})
    assert second.inputs().refusal == "another process holds the bolt; end it"
    assert OPEN not in guard.so_far()
    first.stop()
    eventually(lambda: not look(path, PATIENCE_S).held)
    second.hold(Lease(CLOCK.now(), 5.0, "own cat"))
    guard.until(OPEN)


@pytest.mark.usefixtures("guard")
def test_who_only_looks_holds_nothing_up(path):
    report = look(path, PATIENCE_S)
    assert (report.held, report.heard, report.resting) == (False, False, True)
    assert report.inputs.buttons == {"panic": False}
    assert not look(path, PATIENCE_S).held


def test_a_reader_that_does_not_read_delays_nobody_and_gets_the_newest_when_it_does(guard, path):
    link, busy = Link(path, CLOCK), Link(path, CLOCK)
    reach(link)
    reach(busy)
    began = link.inputs().time
    eventually(lambda: link.inputs().time > began + 5.0)  # longer than the socket's buffer lasts
    newest = link.inputs().time
    assert busy.inputs().time >= newest
    link.hold(Lease(CLOCK.now(), 5.0, "own cat"))
    guard.until(OPEN)


messages = st.lists(
    st.binary(min_size=1, max_size=60)
    | st.binary(min_size=ORDER_BYTES, max_size=ORDER_BYTES)
    | st.tuples(st.sampled_from([1, 2, 3, 0, 255]), st.binary(min_size=32, max_size=32)).map(
        lambda parts: b"LL\x01" + bytes([parts[0]]) + parts[1]
    ),
    max_size=20,
)


def test_garbage_never_moves_the_bolt_and_never_ends_the_guard(guard, path):
    @settings(steady, max_examples=100)
    @given(messages)
    def send(garbage: list[bytes]) -> None:
        line, _ = caller(path)
        with line:
            for each in garbage:
                line.send(each)

    send()
    assert look(path, PATIENCE_S).inputs.bolt is BoltState.LOCKED
    assert sum(dropped(path).values()) > 100
    assert OPEN not in guard.so_far()


def test_a_flood_of_words_does_not_keep_the_bolt_open(guard, path):
    """The lease runs out by the guard's clock, however busy its line is."""
    line, report = caller(path)
    line.send(order(report, 1, 1.0))
    guard.until(OPEN)
    name = bytes.fromhex(report.line)
    stale = packed(Order(Word.HOLD, name, 1, Lease(CLOCK.now(), 1000.0, "")))
    line.setblocking(False)

    def shut() -> bool:
        for _ in range(1000):
            try:
                line.send(stale)
            except BlockingIOError:
                break
        return SHUT in guard.so_far()

    eventually(shut)


def test_a_lease_lasts_no_longer_than_the_guard_allows(start, folder, path):
    project = folder / "strict.toml"
    project.write_text(STRIKE.replace("dwell_s = 0.1", "max_lease_s = 1.0"))
    guard = start("guard", project, path)
    guard.until("guarding the bolt")
    line, report = caller(path)
    line.send(order(report, 1, 1e9))
    guard.until(OPEN)
    guard.until(SHUT)
    line.close()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
@pytest.mark.usefixtures("guard")
def test_a_user_who_may_not_is_not_let_in(path):
    path.chmod(0o666)
    code = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
        "s.connect(sys.argv[1]); print(len(s.recv(9999)))"
    )
    command = ["python3", "-I", "-S", "-c", code, str(path)]
    asked = subprocess.run(command, user="nobody", cwd="/", capture_output=True, text=True, check=True)
    assert asked.stdout == "0\n", "it hung up without a word"
    assert dropped(path) == {"a user who may not": 1}


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_a_user_who_was_named_is_let_in(start, project, path):
    start("guard", project, path, "nobody").until("guarding the bolt")
    path.chmod(0o666)
    code = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
        "s.connect(sys.argv[1]); print(s.recv(9999)[:2])"
    )
    command = ["python3", "-I", "-S", "-c", code, str(path)]
    asked = subprocess.run(command, user="nobody", cwd="/", capture_output=True, text=True, check=True)
    assert asked.stdout == "b'LL'\n"


def test_what_a_dead_guard_left_behind_is_replaced(start, guard, project, path):
    guard.end(signal.SIGKILL)
    assert path.is_socket()
    with pytest.raises(HardwareError, match="no guard answers"):
        look(path)
    start("guard", project, path).until("guarding the bolt")
    assert look(path, PATIENCE_S).resting


@pytest.mark.usefixtures("guard")
def test_a_second_guard_finds_the_first_and_leaves_it_alone(start, project, path):
    second = start("guard", project, path)
    second.until("another guard answers there; end it first")
    assert second.process.wait(PATIENCE_S) != 0
    assert look(path, PATIENCE_S).resting


def test_a_signal_brings_the_bolt_to_rest_and_takes_the_socket_away(start, guard, path):
    start("hold", path, 1000)
    guard.until(OPEN)
    assert guard.end(signal.SIGTERM) == 0
    assert SHUT in guard.log
    assert not path.exists()


def test_the_supervisor_hears_when_it_is_ready_and_that_it_goes_on(start, project, path, folder):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(folder / "notify"))
        supervisor.settimeout(PATIENCE_S)
        start("guard", project, path, NOTIFY_SOCKET=str(folder / "notify"), WATCHDOG_USEC="400000")
        assert supervisor.recv(100) == b"READY=1\nWATCHDOG=1"
        assert look(path, PATIENCE_S).resting, "ready means that it can be called"
        assert [supervisor.recv(100) for _ in range(3)] == [b"WATCHDOG=1"] * 3


def test_a_spoilt_project_file_does_not_keep_the_guard_from_its_pins(start, project, path, folder):
    state = folder / "state"
    state.mkdir()
    first = start("guard", project, path, STATE_DIRECTORY=str(state))
    first.until("guarding the bolt")
    wiring = look(path, PATIENCE_S).wiring
    first.end()
    project.write_text(STRIKE + "[bolt\n")
    start("guard", project, path, STATE_DIRECTORY=str(state)).until("guarding the bolt")
    report = look(path, PATIENCE_S)
    assert (report.wiring, "not valid TOML" in report.fault) == (wiring, True)
    link, said = Link(path, CLOCK, wiring), []
    link.tell(said.append)
    reach(link)
    assert "the guard goes on with an earlier project file" in said[0]


def test_a_file_of_a_newer_release_leaves_an_older_guard_the_wiring_that_it_knows(
    start, project, path, folder
):
    """As after an update that was taken back: the guard of the newer release has kept its own file, too."""
    (state := folder / "state").mkdir()
    for text, version in ((STRIKE, 2), (newer := f"version = 99\n{STRIKE}", 99)):
        last_good.remember(state, project, text, version)
    project.write_text(newer)
    start("guard", project, path, STATE_DIRECTORY=str(state)).until("guarding the bolt")
    assert "of a newer Latchlens" in look(path, PATIENCE_S).fault


def test_a_project_file_that_was_put_right_is_read_again_when_the_loop_has_gone(start, project, path, folder):
    (state := folder / "state").mkdir()
    last_good.remember(state, project, STRIKE)
    project.write_text(STRIKE + "[bolt\n")
    guard = start("guard", project, path, STATE_DIRECTORY=str(state))
    guard.until("guarding the bolt")
    link = Link(path, CLOCK)
    reach(link)
    link.hold(None)
    eventually(lambda: look(path, PATIENCE_S).held)
    project.write_text(STRIKE)
    link.stop()
    guard.until("guarding the bolt")
    assert look(path, PATIENCE_S).fault == ""


def test_a_spoilt_project_file_without_an_earlier_one_is_an_error(start, project, path):
    project.write_text("[bolt]\nkind = 'rope'\n")
    process = start("guard", project, path)
    process.until("[bolt] kind = 'rope' does not exist")
    assert process.process.wait(PATIENCE_S) != 0


def test_a_mistake_elsewhere_in_the_project_file_is_none_of_the_guards_business(start, project, path):
    project.write_text(STRIKE + "[camera]\nkind = 'crystal ball'\n[rule]\nthen = 'sing'\n")
    start("guard", project, path).until("guarding the bolt")


@pytest.mark.usefixtures("guard")
def test_a_loop_with_other_pins_than_the_guard_is_told(path):
    link, said = Link(path, CLOCK, "0123"), []
    link.tell(said.append)
    reach(link)
    assert said == [
        "the guard was started with other pins than the project file says now; start the device again"
    ]


def test_pins_that_the_project_file_has_changed_are_guarded_when_the_loop_has_gone(guard, project, path):
    before = look(path, PATIENCE_S).wiring
    link = Link(path, CLOCK)
    reach(link)
    link.hold(Lease(CLOCK.now(), 1000.0, "own cat"))
    guard.until(OPEN)
    project.write_text(STRIKE.replace("pin = 5", "pin = 6"))
    link.stop()
    guard.until("the project file tells of other pins")
    guard.until(SHUT)
    guard.until("guarding the bolt")
    assert look(path, PATIENCE_S).wiring != before
    reach(link)
    link.hold(Lease(CLOCK.now(), 5.0, "own cat"))
    guard.until("pin 6 1")


def test_a_loop_that_goes_leaves_the_guard_as_it_is_if_nothing_has_changed(guard, project, path):
    before = look(path, PATIENCE_S).guard
    for text in (STRIKE + "[door]\nhold = 3.0\n", "[bolt\n"):
        project.write_text(text)
        link = Link(path, CLOCK)
        reach(link)
        link.hold(None)
        eventually(lambda: look(path, PATIENCE_S).held)
        link.stop()
        eventually(lambda: not look(path, PATIENCE_S).held)
    guard.until("not valid TOML")
    assert look(path, PATIENCE_S).guard == before


SERVO = STRIKE.replace('kind = "relay"', 'kind = "servo"')


def test_after_a_guard_was_killed_its_pins_are_driven_to_rest(start, project):
    project.write_text(SERVO)
    process = start("guard", project, SERVICE_RESULT="signal")
    assert process.process.wait(PATIENCE_S) == 0
    process.until("the bolt is LOCKING")
    process.until("the bolt is LOCKED")


def test_after_a_guard_was_killed_the_pins_that_it_had_come_to_rest_and_not_those_of_a_newer_file(
    start, project, path, folder
):
    (state := folder / "state").mkdir()
    guard = start("guard", project, path, STATE_DIRECTORY=str(state))
    guard.until("guarding the bolt")
    guard.end(signal.SIGKILL)
    project.write_text(SERVO.replace("pin = 5", "pin = 6"))  # saved, and nobody has started the device again
    rest = start("guard", project, STATE_DIRECTORY=str(state), SERVICE_RESULT="signal")
    assert rest.process.wait(PATIENCE_S) == 0
    rest.until("bringing the bolt to rest")
    rest.until("the end")
    assert "LOCKING" not in "".join(rest.log), "the strike of before needs no time, the new servo would"


def test_a_guard_that_a_hangup_ended_did_not_come_to_rest_by_itself(start, project):
    project.write_text(SERVO)
    process = start("guard", project, SERVICE_RESULT="success", EXIT_CODE="killed")
    process.until("the bolt is LOCKED")


def test_after_a_guard_that_came_to_rest_by_itself_nothing_is_moved(start, project):
    project.write_text(SERVO)
    process = start("guard", project, SERVICE_RESULT="success", EXIT_CODE="exited")
    assert process.process.wait(PATIENCE_S) == 0
    process.until("the end")
    assert process.log == ["the end"]


def test_the_loop_goes_on_without_a_guard_and_says_so(path):
    link = Link(path, CLOCK)
    link.start(CLOCK)
    link.hold(Lease(CLOCK.now(), 5.0, "own cat"))
    seen = link.inputs()
    assert isinstance(seen, Inputs)
    assert not seen.answers
    assert "no guard answers at" in (seen.refusal or "")
    with pytest.raises(HardwareError, match="no guard answers"):
        link.panic()
