"""The owner's settings over the store: what they are, how they change, and what holds if they are lost."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from threading import Lock

from device.errors import StoreError
from device.messages import Mode, Settings
from device.tell.atomic import write_whole
from device.tell.records import Records
from device.tell.store import Store

log = logging.getLogger(__name__)

MARKER = "ever-enforced"
"""A file beside the database that outlives it: from its making on, missing settings are lost settings."""
MARKER_TEXT = b"Enforcing was set here. While this file exists, lost settings keep entry locked.\n"
MODES = {mode.value: mode for mode in Mode}
ENFORCE = {"true": True, "false": False}
LOST = Settings(mode=Mode.NORMAL, enforce=True, lost=True)
"""Entry locked, exit free, until the owner sets a mode again."""


def recovered(raw: Mapping[str, str] | None, ever_enforced: bool) -> Settings:
    """The settings that the stored values amount to; `raw` is None if the store could not be read.

    The two values are always stored together. If one is missing or damaged, both are lost once
    enforcing was ever set, and before that both are the defaults, under which the bolt stays locked.
    """
    values = raw or {}
    mode, enforce = MODES.get(values.get("mode", "")), ENFORCE.get(values.get("enforce", ""))
    if mode is not None and enforce is not None:
        return Settings(mode, enforce)
    return LOST if ever_enforced or enforce else Settings()


def ever_enforced(folder: Path) -> bool:
    """Whether enforcing was ever set in this state directory; a marker that cannot be asked after counts."""
    try:
        (folder / MARKER).stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


class StoredSettings:
    """Implements interfaces.SettingsSource; `current` is for one thread, the setters are for any.

    Once read, settings stay in force though the database should fail: only a start can lose them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._records: Records | None = None
        self._changes: int | None = None
        self._said = ""
        self._setting = Lock()
        """The page and the broker may set at once, and neither may undo what the other sets."""
        self._settings = recovered(None, ever_enforced(folder))
        if self.current().lost:
            log.critical("%s: the stored settings were lost; entry stays locked until a mode is set", folder)

    def current(self) -> Settings:
        """The settings in force; the tables are read only after something was written to them."""
        try:
            records = self._reader()
            changes = records.changes()
            raw = records.settings() if changes != self._changes else {}
            self._changes = changes
        except StoreError as error:
            self._say_once(str(error))
            return self._settings
        if raw.keys() & {"mode", "enforce"}:
            self._settings = recovered(raw, ever_enforced(self._folder))
        return self._settings

    def set_mode(self, mode: Mode, wall: float | None = None) -> None:
        """Set what the door does; raises StoreError if that cannot be stored, and then nothing changes."""
        self._set(wall, mode=mode)

    def set_enforce(self, enforce: bool, wall: float | None = None) -> None:
        """Set whether the bolt obeys; errors as in `set_mode`."""
        self._set(wall, enforce=enforce)

    def close(self) -> None:
        if self._records is not None:
            self._records.close()

    def _reader(self) -> Records:
        """The reader of the database that is there now, whatever became of the one before."""
        if self._records is not None and self._records.replaced:
            self._records.close()
            self._records, self._changes = None, None
        self._records = self._records or Records(self._folder)
        return self._records

    def _set(self, wall: float | None, mode: Mode | None = None, enforce: bool | None = None) -> None:
        """Both values are written each time, so that one that is missing later is known to be lost."""
        with self._setting, closing(Store(self._folder, wall)) as store:
            stored = store.settings()
            before = recovered(stored, ever_enforced(self._folder))
            after = Settings(mode or before.mode, before.enforce if enforce is None else enforce)
            if after.enforce:
                write_whole(self._folder / MARKER, MARKER_TEXT)
            values = {"mode": after.mode.value, "enforce": str(after.enforce).lower()}
            if not values.items() <= stored.items():  # told twice is set once
                store.set_settings(values, wall)

    def _say_once(self, fault: str) -> None:
        if fault != self._said:
            self._said = fault
            log.warning("%s; the settings stay as they were", fault)
