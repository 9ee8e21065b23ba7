"""What the kernel tells of the computer itself: power supply, warmth, working memory, network.

Everything is read below a root folder, so that tests and the simulator give it another computer's; a file
that is not there, or holds something else, means that it is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from resource import getpagesize

TEMPERATURE = "class/thermal/thermal_zone0/temp"
"""Of the processor, in thousandths of a degree Celsius; the kernel's Documentation/driver-api/thermal."""
THROTTLED = "devices/platform/soc/soc:firmware/get_throttled"
"""The firmware's word as hexadecimal digits, on a Raspberry Pi; what `vcgencmd get_throttled` prints."""
UNDERVOLTAGE = "class/hwmon/*/in0_lcrit_alarm"
"""What the driver raspberrypi-hwmon says, on kernels without the firmware's word; Documentation/hwmon."""
DRIVER = "rpi_volt"
"""The name of that driver, in a file beside it."""
TOO_WEAK, CAPPED, THROTTLING, TOO_WARM = "undervoltage", "frequency capped", "throttled", "too warm"
NOW = {1 << 0: TOO_WEAK, 1 << 1: CAPPED, 1 << 2: THROTTLING, 1 << 3: TOO_WARM}
"""Bits of the firmware's word that tell how it is now; source: Raspberry Pi's documentation of vcgencmd."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The computer whose kernel speaks below `root`."""

    root: Path = Path("/")

    @property
    def sys(self) -> Path:
        return self.root / "sys"

    def temperature_c(self) -> float | None:
        """Of the processor."""
        return temperature_c(self.sys)

    def held_back(self) -> tuple[str, ...] | None:
        """Why the processor is held back now; empty if it is not."""
        return held_back(self.sys)

    def free_memory(self) -> tuple[int, int] | None:
        """Bytes of working memory that are there for whoever asks, and of all."""
        found = dict(_meminfo(_read(self.root / "proc/meminfo") or ""))
        left, most = found.get("MemAvailable"), found.get("MemTotal")
        return None if left is None or not most else (left, most)

    def resident_memory(self) -> int | None:
        """Bytes that this very process holds in memory."""
        pages = (_read(self.root / "proc/self/statm") or "").split()[1:2]
        return int(pages[0]) * getpagesize() if pages and pages[0].isdigit() else None

    def networks(self) -> dict[str, bool] | None:
        """Which network interfaces there are, and whether each is connected.

        Bridges and tunnels are connected even while nothing else is, so where there is hardware they do not
        count.
        """
        try:
            found = [each for each in sorted((self.sys / "class/net").iterdir()) if each.name != "lo"]
        except OSError:
            return None
        real = [each for each in found if (each / "device").exists()]
        return {each.name: _read(each / "operstate") == "up" for each in real or found}


def temperature_c(sys: Path) -> float | None:
    """Of the processor; `sys` is where /sys is mounted."""
    text = _read(sys / TEMPERATURE)
    return int(text) / 1000 if text and text.lstrip("-").isdigit() else None


def held_back(sys: Path) -> tuple[str, ...] | None:
    """Why the processor is held back now; empty if it is not."""
    word = _read(sys / THROTTLED)
    if word is not None:
        try:
            bits = int(word, 16)
        except ValueError:
            return None
        return tuple(text for bit, text in NOW.items() if bits & bit)
    alarms = [found for path in _alarms(sys) if (found := _read(path)) in ("0", "1")]
    return tuple([TOO_WEAK] if "1" in alarms else []) if alarms else None


def _alarms(sys: Path) -> Iterator[Path]:
    for path in sorted(sys.glob(UNDERVOLTAGE)):
        if _read(path.with_name("name")) in (None, DRIVER):
            yield path


def _meminfo(text: str) -> Iterator[tuple[str, int]]:
    for line in text.splitlines():
        name, _, amount = line.partition(":")
        number = amount.split()[:1]
        if number and number[0].isdigit():
            yield name, int(number[0]) * 1024


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
