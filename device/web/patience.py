"""Back-off on failed logins: each failure doubles the wait, for the address it came from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Lock

FREE = 3
"""So many failures cost nothing: people mistype."""
FREE_FOR_ALL = 30
"""The same for all addresses together, for an attacker may have many."""
LONGEST_S = 900.0
LONGEST_FOR_ALL_S = 30.0
"""So that nobody keeps the owner out by failing on purpose."""
FORGOTTEN_S = 3600.0
"""Failures older than this no longer count."""
MOST = 1000
"""Addresses that are remembered."""
EVERYONE = "everyone"


@dataclass(slots=True)
class Failures:
    count: int = 0
    last: float = 0.0


class Patience:
    """How long an address has to wait before its next try."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failures: OrderedDict[str, Failures] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, address: str) -> float:
        """Seconds until a login from `address` is looked at again; 0 if it is now."""
        with self._lock:
            mine = self._left(_neighbourhood(address), FREE, LONGEST_S)
            return max(mine, self._left(EVERYONE, FREE_FOR_ALL, LONGEST_FOR_ALL_S))

    def failed(self, address: str) -> None:
        """A login from `address` failed."""
        with self._lock:
            for key in (EVERYONE, _neighbourhood(address)):
                found = self._failures.setdefault(key, Failures())
                forgotten = self._now() - found.last > FORGOTTEN_S
                found.count = 1 if forgotten else found.count + 1
                found.last = self._now()
                self._failures.move_to_end(key)
            while len(self._failures) > MOST:
                self._failures.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """A login from `address` succeeded, and its failures are forgiven."""
        with self._lock:
            self._failures.pop(_neighbourhood(address), None)

    def _left(self, key: str, free: int, longest: float) -> float:
        found = self._failures.get(key)
        if found is None or found.count < free:
            return 0.0
        wait = min(2.0 ** min(found.count - free, 20), longest)
        return max(found.last + wait - self._now(), 0.0)


def _neighbourhood(address: str) -> str:
    """A household has a whole IPv6 network of 64 bits to ask from."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(IPv6Network((found, 64), strict=False)) if isinstance(found, IPv6Address) else str(found)
