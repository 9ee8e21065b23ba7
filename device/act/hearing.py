"""Whom the guard hears: of many connections at most one may hold the bolt, in order, and for this life only.

Pure: bytes come in with the name of the line they came on, and what they ask for goes out, or why they are
dropped. A message is obeyed if all of this is true, and dropped and counted otherwise:

    it is an order of this version                                        else "malformed"
    it names the line that it came on, so it was written for this one     else "of another line"
    its number is higher than any before on this line                     else "out of order"
    for what concerns leases: no other line is heard                      else "another holds the bolt"
    its lease was given after this line was opened                        else "an old lease"

The guard names each line by chance when it is opened. So nothing that was said to an earlier guard, or before
a connection was lost, means anything now: whoever comes back begins without a lease. The first line that says
anything about leases is heard until it closes. Anybody may look, and press panic.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from device.act.protocol import NotUnderstoodError, Order, Word, order_of


class Drop(StrEnum):
    """Why a message was not obeyed."""

    MALFORMED = "malformed"
    FOREIGN = "of another line"
    OLD = "out of order"
    TAKEN = "another holds the bolt"
    OLD_LEASE = "an old lease"


@dataclass(slots=True)
class Line:
    """One connection."""

    name: bytes
    since: float
    """When it was opened."""
    number: int = 0
    """Of its latest order."""


class Hearing:
    """All lines there are, and which of them is heard."""

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self._heard: Line | None = None

    @property
    def held(self) -> bool:
        """Whether some line's words about leases are heard."""
        return self._heard is not None

    def hears(self, line: Line) -> bool:
        """Whether it is this one."""
        return self._heard is line

    def close(self, line: Line) -> bool:
        """A line has ended; true if it was the one heard, so that its lease ends as well."""
        was_heard = self._heard is line
        if was_heard:
            self._heard = None
        return was_heard

    def hear(self, line: Line, message: bytes) -> Order | None:
        """The order to obey, or None if the message was dropped."""
        try:
            order = order_of(message)
        except NotUnderstoodError:
            self.dropped[Drop.MALFORMED] += 1
            return None
        why = self._refuses(line, order)
        if why is not None:
            self.dropped[why] += 1
            return None
        line.number = order.number
        if order.word is not Word.PANIC:
            self._heard = line
        return order

    def _refuses(self, line: Line, order: Order) -> Drop | None:
        if order.line != line.name:
            return Drop.FOREIGN
        if order.number <= line.number:
            return Drop.OLD
        if order.word is not Word.PANIC and self._heard not in (None, line):
            return Drop.TAKEN
        if order.lease is not None and order.lease.time < line.since:
            return Drop.OLD_LEASE
        return None
