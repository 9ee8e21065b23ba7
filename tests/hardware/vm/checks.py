"""The appliance in a virtual Debian 13 under systemd: installed, killed, filled, updated; run by test.sh.

Each check begins from a saved state, so that none suffers from the one before. Times are the guest's own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.hardware.report import Report
from tests.hardware.vm.appliance import FOREVER_S, GUARD, INSTALLED, LOOP, OPEN, SLOW, Appliance
from tests.hardware.vm.guest import Guest, read_only_disk

LEASE_S = 10.0
"""[guard] max_lease_s of the project: the bolt rests at the latest so long after the loop's last word."""
SLOW_S = 0.5 * SLOW
"""What an emulated processor adds to it."""
WATCHDOG_S = {LOOP: 12.0 * SLOW, GUARD: 5.0 * SLOW}
"""WatchdogSec= of the two units."""
RESERVE = "/var/lib/latchlens/reserve"
Measured = list[str]


def check_install(door: Appliance, measured: Measured) -> None:
    began = time.monotonic()
    said = door.guest.run(
        "cd /media/program && ./checkout/firmware-config/install.sh --no-apt --wheelhouse /media "
        "--wheel latchlens-*.whl --project project.toml --trust maker.pub",
        timeout=3 * FOREVER_S,
        check=False,
    )
    measured.append(f"{time.monotonic() - began:.0f} s")
    assert said.status == 0, f"install.sh ended with {said.status}: {said.output[-1500:]}"
    measured.append(said.output.strip().splitlines()[-1])


def check_ready(door: Appliance, measured: Measured) -> None:
    for unit in (GUARD, LOOP):
        door.wait(
            lambda unit=unit: door.unit(unit, "ActiveState") == "active" or None, f"{unit} is not ready"
        )
        measured.append(f"{unit} ready, started again {door.unit(unit, 'NRestarts')} times")
    assert not door.bolt()[-1][1], "the bolt does not rest"


def check_unlock(door: Appliance, measured: Measured) -> None:
    """Pictures of the household's cat; and no network was ever there."""
    began = door.now()
    door.show("visit")
    seconds = door.wait_for_bolt(is_open=True, since=began)
    door.guest.save(OPEN)
    links = door.guest.run("ls /sys/class/net").output.split()
    assert links == ["lo"], f"there is a network: {links}"
    measured.append(f"open {seconds:.0f} s after the cat came into view (it walks for 20), with no network")
    door.wait_for_bolt(is_open=True, since=door.now())  # saving has stopped its clock, and leases with it
    door.show("empty")
    left = door.now()
    measured.append(f"at rest {door.wait_for_bolt(is_open=False, since=left):.1f} s after it was gone")
    found = door.wait(lambda: door.visits() or None, "no visit was kept")
    assert found[0]["who"] == "mimi", found[0]
    measured.append(f"kept as a visit of {found[0]['who']}: {found[0]['reason']}")


def check_loop_killed(door: Appliance, measured: Measured) -> None:
    before = door.process(LOOP)
    seconds = _until_rest(door, "KILL", LOOP)
    measured.append(f"at rest after {seconds:.2f} s")
    assert seconds <= SLOW_S, f"its line is closed, and the bolt rests only after {seconds:.1f} s"
    measured.append(f"started again {door.wait_for_restart(LOOP, before)} time(s)")


def check_loop_stopped(door: Appliance, measured: Measured) -> None:
    before = door.process(LOOP)
    seconds = _until_rest(door, "STOP", LOOP)
    measured.append(f"at rest after {seconds:.2f} s, lease at most {LEASE_S:g} s")
    assert seconds <= LEASE_S + SLOW_S, f"only after {seconds:.1f} s"
    restarts = door.wait_for_restart(LOOP, before)
    result = door.guest.run(f"journalctl --no-pager --output cat -u {LOOP} | grep -ci watchdog", check=False)
    assert int(result.output or 0), "systemd says nothing of a watchdog"
    measured.append(f"ended by the watchdog of {WATCHDOG_S[LOOP]:g} s, started again {restarts} time(s)")


def check_guard_killed(door: Appliance, measured: Measured) -> None:
    before = door.process(GUARD)
    seconds = _until_rest(door, "KILL", GUARD)
    restarts = door.wait_for_restart(GUARD, before)
    measured.append(
        f"at rest after {seconds:.2f} s (a simulated pin falls by itself), started again {restarts} time(s)"
    )
    _brought_to_rest(door)


def check_guard_stopped(door: Appliance, measured: Measured) -> None:
    before = door.process(GUARD)
    seconds = _until_rest(door, "STOP", GUARD)
    measured.append(f"ended by its watchdog of {WATCHDOG_S[GUARD]:g} s, at rest after {seconds:.1f} s")
    assert seconds <= WATCHDOG_S[GUARD] + 2 * SLOW_S, f"only after {seconds:.1f} s"
    measured.append(f"started again {door.wait_for_restart(GUARD, before)} time(s)")


def check_both_killed(door: Appliance, measured: Measured) -> None:
    loop, guard = door.process(LOOP), door.process(GUARD)
    measured.append(f"at rest after {_until_rest(door, 'KILL', LOOP, GUARD):.2f} s")
    door.wait_for_restart(GUARD, guard)
    _brought_to_rest(door)
    door.wait_for_restart(LOOP, loop)
    measured.append("both came back")


def check_panic(door: Appliance, measured: Measured) -> None:
    door.guest.run(f"systemctl stop {LOOP}")
    pressed = door.press_panic(True)
    seconds = door.wait_for_bolt(is_open=True, since=pressed)
    measured.append(f"open {seconds:.2f} s after the button, with the loop stopped")
    assert seconds < SLOW_S, f"only after {seconds:.1f} s"
    released = door.press_panic(False)
    held = door.wait_for_bolt(is_open=False, since=released)
    measured.append(f"at rest {held:.0f} s after its release")
    assert 55 < held < 70, "alarm_s is 60"


def check_disk_full(door: Appliance, measured: Measured) -> None:
    # Not by root: what ext4 keeps back for root comes before any file that others give up.
    room = "$(df --output=avail -B1 / | tail -n 1)"
    fill = f"fallocate -l {room} /var/tmp/fill || true; cat /dev/zero >>/var/tmp/rest"
    door.guest.run(f"runuser -u latchlens -- sh -c '{fill}'; sync", check=False)
    free = int(door.guest.run("df --output=avail -B1 / | tail -n 1").output)
    assert free < 100_000, f"{free} bytes are free: the disk was not filled"
    measured.append(f"{free} bytes free")
    _opens_for_the_cat(door, measured)


def check_restart_on_full_disk(door: Appliance, measured: Measured) -> None:
    check_disk_full(door, measured)
    door.show("empty")
    door.wait_for_bolt(is_open=False, since=door.now())
    door.guest.run(f"systemctl restart {LOOP}", check=False)
    door.wait(lambda: door.unit(LOOP, "ActiveState") == "active" or None, "it does not start on a full disk")
    taken = door.guest.run(f"ls {RESERVE}", check=False).status != 0
    measured.append(f"started on a full disk, its reserve {'taken' if taken else 'not needed'}")
    _opens_for_the_cat(door, measured)


def check_clock(door: Appliance, measured: Measured) -> None:
    door.guest.run("date -s '1970-01-01 00:02' >/dev/null")
    door.guest.run(f"systemctl restart {GUARD} {LOOP}")
    year = door.guest.run("date +%Y").output.strip()
    assert year == "1970", f"the clock went on to {year}"
    measured.append(f"restarted in {year}")
    _opens_for_the_cat(door, measured)


def check_sandbox(unit: str, allowed: set[str], door: Appliance, measured: Measured) -> None:
    found = json.loads(door.guest.run(f"sh /media/program/inside/probe.sh {unit}").output)
    done = {what for what, refused in found.items() if not refused}
    measured.append(
        f"{len(found) - len(done)} of {len(found)} refused, done were: {', '.join(sorted(done)) or 'none'}"
    )
    assert done == allowed, (
        f"more than {sorted(allowed)}" if done - allowed else f"{sorted(allowed - done)} was refused: {found}"
    )


def check_broken_update(door: Appliance, measured: Measured) -> None:
    runs = json.loads(door.guest.run("latchlens update --status --json").output)["current"]
    began = time.monotonic()
    told = door.guest.run(
        "latchlens update /media/program/broken.latchlens", timeout=3 * FOREVER_S, check=False
    )
    measured.append(f"{time.monotonic() - began:.0f} s")
    status = json.loads(door.guest.run("latchlens update --status --json").output)
    assert told.status != 0, f"the broken release was kept: {status}"
    assert status["current"] == runs, f"{status['current']} runs, not {runs}: {told.output[-500:]}"
    assert status["last_update"]["stage"] == "came back", f"{status['last_update']}; {told.output[-500:]}"
    measured.append(f"{status['last_update']['before']} came back: {status['last_update']['reason']}")
    for unit in (GUARD, LOOP):
        door.wait(
            lambda unit=unit: door.unit(unit, "ActiveState") == "active" or None, f"{unit} does not run"
        )
    measured.append("both services run")


def _until_rest(door: Appliance, signal: str, *units: str) -> float:
    """Seconds from when the open bolt's units got the signal until it rests."""
    return door.wait_for_bolt(is_open=False, since=door.kill_while_open(signal, *units))


def _brought_to_rest(door: Appliance) -> None:
    ended = door.unit(GUARD, "ExecStopPost")
    assert "status=0" in ended, f"ExecStopPost, which brings the bolt to rest, failed: {ended}"


def _opens_for_the_cat(door: Appliance, measured: Measured) -> None:
    began = door.now()
    door.show("visit")
    measured.append(
        f"open {door.wait_for_bolt(is_open=True, since=began):.0f} s after the cat came into view"
    )


LOOP_MAY = {"write /var/lib/latchlens/probe", "write /tmp/probe", "open the camera", "use the network"}
GUARD_MAY = {"write /var/lib/latchlens-guard/probe", "write /tmp/probe", "open the pins", "open a console"}
CHECKS: list[tuple[str, str, Callable[[Appliance, Measured], None]]] = [
    (OPEN, "the loop is killed (SIGKILL) while the bolt is open", check_loop_killed),
    (OPEN, "the loop hangs (SIGSTOP) while the bolt is open", check_loop_stopped),
    (OPEN, "the guard is killed (SIGKILL) while the bolt is open", check_guard_killed),
    (OPEN, "the guard hangs (SIGSTOP) while the bolt is open", check_guard_stopped),
    (OPEN, "both are killed at once while the bolt is open", check_both_killed),
    (INSTALLED, "the panic button works with the loop stopped", check_panic),
    (INSTALLED, "the disk is full: decisions go on, also after a restart", check_restart_on_full_disk),
    (INSTALLED, "the clock stands at 1970", check_clock),
    (
        INSTALLED,
        "what the loop's unit may not do is refused",
        lambda door, measured: check_sandbox(LOOP, LOOP_MAY, door, measured),
    ),
    (
        INSTALLED,
        "what the guard's unit may not do is refused",
        lambda door, measured: check_sandbox(GUARD, GUARD_MAY, door, measured),
    ),
    (INSTALLED, "an update to a release that dies on trial comes back by itself", check_broken_update),
]


def prepare(report: Report, door: Appliance) -> None:
    """Install, enforce, and see a first cat; what everything else begins from is saved."""
    with report.check("install.sh installs the wheel, offline") as measured:
        check_install(door, measured)
    with report.check("both services are ready, the bolt at rest") as measured:
        door.guest.run("latchlens settings --enforce")
        check_ready(door, measured)
        door.guest.save(INSTALLED)
    with report.check(
        "pictures through a V4L2 camera drive the bolt's pin, and a cat that has left lets it rest"
    ) as measured:
        check_unlock(door, measured)


def main(image: Path, folder: Path, disks: list[Path], chosen: list[str]) -> int:
    """`chosen` are words of the checks to make, all if there are none."""
    report, began = Report(), time.monotonic()
    extra = [word for disk in disks for word in read_only_disk(disk)]
    with Guest(image, folder, extra) as guest:
        door = Appliance(guest)
        print(
            f"Debian 13, {guest.run('uname -r').output.strip()}: booted in {time.monotonic() - began:.0f} s",
            flush=True,
        )
        door.furnish()
        prepare(report, door)
        for state, name, check in CHECKS:
            if chosen and not any(word in name for word in chosen):
                continue
            with report.check(name) as measured:
                guest.restore(state)
                check(door, measured)
        print(f"{time.monotonic() - began:.0f} s in all", flush=True)
    return report.end()


if __name__ == "__main__":
    sys.exit(
        main(
            Path(sys.argv[1]),
            Path(sys.argv[2]),
            [Path(each) for each in sys.argv[3].split(":")],
            sys.argv[4:],
        )
    )
