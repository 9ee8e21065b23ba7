"""Tells systemd how a service is; harmless where nothing supervises it."""

from __future__ import annotations

import logging
import os
import socket
import sys

LEVELS = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}
"""The journal's numbers for them. Source: sd-daemon(3)."""


def tell(*states: str) -> None:
    """Send states such as "READY=1" or "WATCHDOG=1" (sd_notify(3)); a supervisor that is gone is no fault."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    name = f"\0{address[1:]}" if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as line:
            line.sendto("\n".join(states).encode(), name)
    except OSError:
        return


def watched_s() -> float | None:
    """After how many seconds of silence the supervisor ends this process; None if it does not watch."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    meant = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(microseconds) / 1e6 if microseconds.isdecimal() and meant else None


class Levelled(logging.Formatter):
    """Begins each line with its level, as the journal reads it, so that errors can be told from the rest."""

    def format(self, record: logging.LogRecord) -> str:
        prefix = f"<{LEVELS.get(record.levelno, 6)}>"
        return "\n".join(prefix + line for line in super().format(record).splitlines())


def log_with_levels() -> None:
    """Let the log say its levels if standard error is the journal's."""
    try:
        found = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return
    if os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}":
        for handler in logging.getLogger().handlers:
            handler.setFormatter(Levelled("%(message)s"))
