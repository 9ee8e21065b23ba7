"""The computer of a scene: what its kernel tells of power, warmth and network, as files of /sys and /proc."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from device.tell.machine import TEMPERATURE, THROTTLED, Machine

WELL = {
    f"sys/{THROTTLED}": "0",
    f"sys/{TEMPERATURE}": "48312",
    "sys/class/net/lo/operstate": "unknown",
    "sys/class/net/wlan0/operstate": "up",
    "proc/meminfo": "MemTotal:  1900000 kB\nMemAvailable:  1200000 kB",
}
"""The files of a Raspberry Pi that is well."""
ILL = {
    "undervoltage": {f"sys/{THROTTLED}": "50005"},
    "too warm": {f"sys/{THROTTLED}": "e0008", f"sys/{TEMPERATURE}": "83714"},
    "wi-fi": {"sys/class/net/wlan0/operstate": "down"},
}
"""What is otherwise while it is not, by the scene's faults."""


@dataclass(slots=True)
class Computer:
    """Writes the files below `root`, each time that something changes."""

    root: Path
    _now: dict[str, str] = field(default_factory=dict)

    @property
    def machine(self) -> Machine:
        """What the device reads of it."""
        return Machine(self.root)

    def suffer(self, faults: set[str]) -> None:
        """Be as ill as `faults` say, those that it does not know left aside."""
        wanted = dict(WELL)
        for fault in sorted(faults & ILL.keys()):
            wanted |= ILL[fault]
        for path, text in wanted.items():
            if self._now.get(path) != text:
                self._write(path, text)

    def _write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{text}\n", encoding="ascii")
        self._now[path] = text
