"""What stands in for systemd in a scene: when it ends a process, and how soon it starts the next.

On the device a process that ended is started again after RESTART_S, one whose loop has not turned for
WATCHDOG_S is killed.
"""

from __future__ import annotations

from simulator.faults import DeviceFault

RESTART_S = 5.0
"""How long after its end a process is started again: RestartSec of the service."""
WATCHDOG_S = 12.0
"""How long a loop may be silent before its process is killed: WatchdogSec of the service."""
LOAD_S = 4.0
"""How long a process takes from its start, when its guard begins, to the first pass of its loop."""
BOOT_S = 15.0
"""How long the computer takes from power to the start of the service."""


class Killed(Exception):  # noqa: N818 - nothing of the device's, and nothing of it may catch this
    """The process is gone at once."""

    def __init__(self, fault: DeviceFault) -> None:
        super().__init__(fault.what)
        self.fault = fault
