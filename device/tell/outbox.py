"""The outbox: letters that must reach the broker, on the disk until an hour after it has them.

A letter is committed together with the visit or event that it tells of, so neither exists without the
other. It is sent until the broker acknowledges it, and again if the broker turns out to have lost it:
at least once, never out of order within one connection, and with an id to know it again by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from device.messages import Event, Visit
from device.tell import database
from device.tell.database import plain_errors

KEEP_S = 3600.0
"""How long a letter stays after its acknowledgement: a broker may lose what it acknowledged."""

PUT = "INSERT INTO outbox (id, topic, payload) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"
NEXT = """
    SELECT id, topic, payload, number FROM outbox
    WHERE acknowledged IS NULL AND number > ? ORDER BY number LIMIT ?
"""
SIZE = "length(payload) + 100"
"""Bytes that a letter takes with its row."""
OVER_SIZE = f"""
    SELECT number FROM (
        SELECT number, sum({SIZE}) OVER (ORDER BY number DESC) AS total FROM outbox
    ) WHERE total > ?
"""
DROP = "DELETE FROM outbox WHERE number = ? RETURNING acknowledged"
COUNT = "INSERT INTO outbox_dropped VALUES (?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count"


@dataclass(frozen=True, slots=True)
class Letter:
    """Something to be delivered at least once."""

    id: str
    topic: str
    payload: str
    """A JSON object, with the id in it."""
    number: int = 0
    """The order of sending, given by the outbox."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How the outbox stands."""

    waiting: int
    delivered: str | None
    """The id of the last letter up to which the broker has acknowledged every one."""
    dropped: dict[str, int]
    """How many were given up, by reason: "too old", "no room"."""


Announce = Callable[[Iterable[Visit], Iterable[Event]], Sequence[Letter]]
"""What of visits and events must reach the broker."""


class Outbox:
    """The letters in the database of the state directory, read and ticked off by one thread.

    Ages count the seconds for which the device ran, since its clock may not be set and begins anew
    at each start: they go on from the greatest that was written.

    Raises:
        StoreError: from every method, when the database cannot be used.
    """

    def __init__(self, folder: Path, now: float, most_bytes: int, most_days: float) -> None:
        """Open the outbox at the monotonic time `now`; the store has made the database before."""
        self._folder = folder
        self._path = folder / database.NAME
        self._most_bytes = most_bytes
        self._most_s = most_days * 86400
        self._file = database.identity(folder)
        self._connection = database.open_beside(folder)
        with plain_errors(self._path):
            latest = "SELECT max(max(ifnull(noticed, 0), ifnull(acknowledged, 0))) FROM outbox"
            self._start = now - (self._connection.execute(latest).fetchone()[0] or 0.0)

    def waiting(self, after: int, limit: int) -> list[Letter]:
        """The next letters that the broker has not acknowledged, of those with a greater number."""
        with plain_errors(self._path):
            rows = self._connection.execute(NEXT, (after, limit)).fetchall()
        return [Letter(*row) for row in rows]

    def acknowledge(self, numbers: Iterable[int], now: float) -> None:
        """The broker has these; a power cut may forget that, and then they are sent once more."""
        when = now - self._start
        with plain_errors(self._path), self._connection as transaction:
            transaction.execute("BEGIN IMMEDIATE")
            transaction.executemany(
                "UPDATE outbox SET acknowledged = ? WHERE number = ?", [(when, each) for each in numbers]
            )

    def recover(self, delivered: str | None) -> int:
        """Send again what the broker acknowledged and lost; returns how many.

        Args:
            delivered: the last letter that the broker still knows to have got, None if none.
        """
        with plain_errors(self._path):
            row = self._connection.execute("SELECT number FROM outbox WHERE id = ?", (delivered,)).fetchone()
            return self._connection.execute(
                "UPDATE outbox SET acknowledged = NULL WHERE acknowledged IS NOT NULL AND number > ?",
                (row[0] if row else 0,),
            ).rowcount

    def tidy(self, now: float) -> int:
        """Forget what was delivered long ago, drop what is too old or too much; returns how many are lost."""
        running = now - self._start
        with plain_errors(self._path):
            run = self._connection.execute
            run("UPDATE outbox SET noticed = ? WHERE noticed IS NULL", (running,))
            run("DELETE FROM outbox WHERE acknowledged < ?", (running - KEEP_S,))
            old = run(
                "SELECT number FROM outbox WHERE acknowledged IS NULL AND noticed < ?",
                (running - self._most_s,),
            )
            dropped = self._drop("too old", old.fetchall())
            return dropped + self._drop("no room", run(OVER_SIZE, (self._most_bytes,)).fetchall())

    def tally(self) -> Tally:
        """How many wait, what was delivered last, and what was dropped since the database was made."""
        with plain_errors(self._path):
            run = self._connection.execute
            waiting = run("SELECT count(*) FROM outbox WHERE acknowledged IS NULL").fetchone()[0]
            first = "ifnull((SELECT min(number) FROM outbox WHERE acknowledged IS NULL), 9e18)"
            last = run(
                f"SELECT id FROM outbox WHERE number < {first} ORDER BY number DESC LIMIT 1"
            ).fetchone()
            dropped = dict(run("SELECT why, count FROM outbox_dropped ORDER BY why").fetchall())
        return Tally(waiting, last[0] if last else None, dropped)

    @property
    def replaced(self) -> bool:
        """Whether the database was set aside, deleted or exchanged: this outbox should be opened anew."""
        return database.identity(self._folder) != self._file

    def close(self) -> None:
        with plain_errors(self._path):
            self._connection.close()

    def _drop(self, why: str, rows: Sequence[tuple[int]]) -> int:
        """Delete letters; only those that the broker never had count as lost."""
        if not rows:
            return 0
        with self._connection as transaction:
            transaction.execute("BEGIN IMMEDIATE")
            lost = sum(transaction.execute(DROP, row).fetchone()[0] is None for row in rows)
            transaction.execute(COUNT, (why, lost))
        return lost
