"""The appliance in the virtual machine, and what surrounds its door: camera, contacts, a look at its pin."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.hardware.vm.guest import ACCELERATOR, Guest, GuestError

INSTALLED, OPEN = "installed", "open"
"""Saved states: everything runs and nobody is before the door; and the bolt is driven open for a cat."""
LOOP, GUARD = "latchlens.service", "latchlens-guard.service"
FOREVER_S = 600.0
"""An emulated processor on a busy machine takes its time."""
SLOW = 10 if ACCELERATOR.startswith("tcg") else 1
"""How many times as long as on a Pi a service may take before its watchdog ends it."""
LINES = 8
"""So many of the log are told with a fault."""
BOLT_PIN = "/sys/devices/platform/gpio-sim.*/gpiochip*/sim_gpio18/value"
NOW = "read now rest </proc/uptime; echo $now"


def first(log: Sequence[tuple[float, bool]], is_open: bool, since: float) -> float | None:
    """Seconds from `since` until the bolt was so, 0 if it was already; None if it never was."""
    before = [level for at, level in log if at <= since]
    if before and before[-1] is is_open:
        return 0.0
    return next((at - since for at, level in log if at > since and level is is_open), None)


@dataclass(frozen=True, slots=True)
class Appliance:
    """What checks ask of it; every time is in seconds of the guest's CLOCK_BOOTTIME."""

    guest: Guest

    def furnish(self) -> None:
        """Pins and a camera, as the kernel has them, before anything is installed."""
        self.guest.run(f"sh /media/program/inside/furnish.sh {SLOW}")

    def show(self, film: str) -> None:
        """What the camera sees from now on: "empty", "visit" or "none"."""
        self.guest.run(f"echo {film} >/run/door/show")

    def press_panic(self, pressed: bool) -> float:
        """Press or release the button; returns when."""
        inputs = f"printf '17=0\\n22={0 if pressed else 1}\\n' >/run/door/inputs"
        return float(self.guest.run(f"{NOW}; {inputs}").output)

    def now(self) -> float:
        return float(self.guest.run(NOW).output)

    def bolt(self) -> list[tuple[float, bool]]:
        """How the bolt's pin was driven from when on: open or not."""
        lines = (line.split() for line in self.guest.run("cat /run/door/log").output.splitlines())
        return [(float(at), level == "1") for at, level in lines]

    def wait_for_bolt(self, is_open: bool, since: float, patience: float = FOREVER_S) -> float:
        """Seconds from `since` until the bolt is so, by the log of the pin: asking late costs nothing."""
        what = f"the bolt's pin is not driven {'open' if is_open else 'to rest'}"
        return float(self.wait(lambda: first(self.bolt(), is_open, since), what, patience))

    def wait(self, found: Callable[[], Any], otherwise: str, patience: float = FOREVER_S) -> Any:
        """What `found` answers once it is not None."""
        end = time.monotonic() + patience
        while (answer := found()) is None:
            if time.monotonic() > end:
                raise AssertionError(f"{otherwise} after {patience:.0f} s; {self.last_words()}")
            time.sleep(0.5)
        return answer

    def unit(self, unit: str, what: str) -> str:
        """One property of a unit."""
        return self.guest.run(f"systemctl show {unit} --property {what} --value").output.strip()

    def process(self, unit: str) -> int:
        return int(self.unit(unit, "MainPID"))

    def kill_while_open(self, signal: str, *units: str) -> float:
        """Send the signal to the main processes of the units once the bolt is driven open; returns when.

        The log of the pin must say so, too: it is written a moment later.
        """
        pids = " ".join(str(self.process(unit)) for unit in units)
        is_open = f'[ "$(cat {BOLT_PIN})$(tail -n 1 /run/door/log | cut -d " " -f 2)" = 11 ]'
        return float(
            self.guest.run(f"until {is_open}; do sleep 0.1; done; {NOW}; kill -{signal} {pids}").output
        )

    def wait_for_restart(self, unit: str, before: int, patience: float = FOREVER_S) -> int:
        """Until systemd has another process for the unit that is ready; how often it was started again."""

        def ready() -> int | None:
            if self.process(unit) in (0, before) or self.unit(unit, "ActiveState") != "active":
                return None
            return int(self.unit(unit, "NRestarts"))

        return int(self.wait(ready, f"{unit} has not come back", patience))

    def visits(self) -> list[dict[str, Any]]:
        found = self.guest.run("latchlens visits list --json").output
        return [json.loads(line) for line in found.splitlines() if line.startswith("{")]

    def last_words(self) -> str:
        """What the services said last."""
        command = f"journalctl --no-pager --output cat -u {LOOP} -u {GUARD} -n {LINES}"
        try:
            return "the log ends with: " + " / ".join(self.guest.run(command).output.splitlines())
        except GuestError as error:
            return str(error)
