"""The last lines of the log, kept in memory for whoever asks the page for them; the system keeps all."""

from __future__ import annotations

import logging
from collections import deque
from datetime import UTC, datetime

MOST = 2000
LONGEST = 1000
"""Characters of a line."""


class Lines(logging.Handler):
    """Hears everything from the start of its life to `close`; a log that fails is never a reason to stop."""

    def __init__(self, most: int = MOST) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[str] = deque(maxlen=most)
        logging.getLogger().addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        try:
            at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
            text = " | ".join(self.format(record).splitlines())
        except Exception:  # as the library does: a line that cannot be made is left out
            self.handleError(record)
            return
        self._lines.append(f"{at} {record.levelname:8} {record.name}: {text}"[:LONGEST])

    def close(self) -> None:
        """Hear no more."""
        logging.getLogger().removeHandler(self)
        super().close()

    def text(self) -> str:
        """All lines, the oldest first."""
        return "".join(f"{line}\n" for line in list(self._lines))
