"""Small JSON files that only the device's own user may read: hashed passwords and tokens."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from device.errors import StoreError
from device.tell.atomic import write_whole

T = TypeVar("T")

FOLDER = "access"
"""In the state directory; nobody but its owner may enter."""


class SecretsFile(Generic[T]):
    """A list of `T` in one file with mode 0600; whoever asks always gets what is on the disk now."""

    def __init__(self, state: Path, name: str, kind: type[T]) -> None:
        self.path = state / FOLDER / name
        self._state = state
        self._adapter: TypeAdapter[tuple[T, ...]] = TypeAdapter(tuple[kind, ...])  # type: ignore[valid-type]
        self._known: tuple[tuple[int, int], tuple[T, ...]] | None = None

    def read(self) -> tuple[T, ...]:
        """What the file holds, nothing if it is absent; the file is read again only after it changed.

        Raises:
            StoreError: it cannot be read, or is damaged.
        """
        try:
            stat = self.path.stat()
            stamp = (stat.st_mtime_ns, stat.st_ino)
            if self._known is None or self._known[0] != stamp:
                self._known = (stamp, self._adapter.validate_json(self.path.read_bytes()))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(f"{self.path}: cannot be read: {error.strerror}; check who owns it") from None
        except ValidationError:
            raise StoreError(f"{self.path}: is damaged; delete it and set what was in it again") from None
        return self._known[1]

    def write(self, content: tuple[T, ...]) -> None:
        """Put `content` into the file, all or nothing; raises StoreError if that fails."""
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StoreError(f"{folder}: cannot be made: {error.strerror}; check who owns it") from None
        text = json.dumps(self._adapter.dump_python(content, mode="json"), indent=1) + "\n"
        write_whole(self.path, text.encode(), private=True)
        self._give_to_owner(folder)

    def _give_to_owner(self, folder: Path) -> None:
        """What root sets by `sudo latchlens password` must be readable for the user the device runs as."""
        if os.geteuid() != 0:
            return
        owner = self._state.stat()
        for path in (folder, self.path):
            os.chown(path, owner.st_uid, owner.st_gid)
