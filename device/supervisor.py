"""Tells systemd how a service is; harmless where nothing supervises it."""

from __future__ import annotations

import os
import socket


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
