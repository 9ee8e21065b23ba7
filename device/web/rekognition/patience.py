"""How often a key may ask, and that no signature is good twice."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from device.web.rekognition.faults import THROTTLED, RequestError
from device.web.rekognition.signature import WINDOW_S

RATE = 5.0
"""Requests a second that a key may go on asking."""
BURST = 20.0
"""Requests that it may ask at once before."""


@dataclass(slots=True)
class Allowance:
    """What a key has left."""

    left: float
    time: float


class Limits:
    """An allowance for each key that fills up again with time (a token bucket)."""

    def __init__(self, rate: float = RATE, burst: float = BURST) -> None:
        self._rate, self._burst = rate, burst
        self._allowances: dict[str, Allowance] = {}

    def take(self, key_id: str, now: float) -> None:
        """Count a request at `now`, in monotonic seconds; raises RequestError if there are too many."""
        found = self._allowances.setdefault(key_id, Allowance(self._burst, now))
        found.left = min(found.left + (now - found.time) * self._rate, self._burst)
        found.time = now
        if found.left < 1:
            wait = (1 - found.left) / self._rate
            raise RequestError(THROTTLED, f"a key may ask {self._rate:g} times a second", retry_s=wait)
        found.left -= 1


class Once:
    """Remembers the signatures that were good, for as long as they could be sent again.

    The SDK dates to the second and signs no random number: it gives two equal calls within a second the
    same signature. So whoever repeats one is told to wait; the SDK waits, signs anew, and its caller notices
    nothing.
    How many are remembered is bounded by the limits of the keys.
    """

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def refuse_again(self, signature: str, now: float) -> None:
        """Raise RequestError if a signature was kept before `now`, in monotonic seconds."""
        while self._seen and next(iter(self._seen.values()))[0] < now - 2 * WINDOW_S:
            self._seen.popitem(last=False)
        if signature in self._seen:
            first, repeats = self._seen[signature]
            self._seen[signature] = (first, repeats + 1)
            message = "this very request was answered before; sign it anew"
            raise RequestError(THROTTLED, message, retry_s=min(repeats + 1, 5))

    def keep(self, signature: str, now: float) -> None:
        """From now on it is not good any more."""
        self._seen[signature] = (now, 0)
