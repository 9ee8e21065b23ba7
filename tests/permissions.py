"""File permissions for tests that may be run by root, who may read and write whatever they say."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

VERSION = 0x20080522
"""Of the calls capget and capset: two words of each set. Source: capget(2)."""
OVERRIDES = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: what lets root pass over permissions."""


@contextmanager
def permissions_counting() -> Iterator[None]:
    """Root lays down its power to pass over file permissions for a while; others never had it."""
    if os.geteuid() != 0:
        yield
        return
    sets = (ctypes.c_uint32 * 6)()
    _capabilities("capget", sets)
    effective = sets[0]
    sets[0] = effective & ~OVERRIDES
    _capabilities("capset", sets)
    try:
        yield
    finally:
        sets[0] = effective
        _capabilities("capset", sets)


def _capabilities(call: str, sets: ctypes.Array[ctypes.c_uint32]) -> None:
    function = getattr(ctypes.CDLL(None, use_errno=True), call, None)
    header = (ctypes.c_uint32 * 2)(VERSION, 0)
    if function is None or function(header, sets) != 0:
        pytest.skip("root cannot lay down its power over file permissions here")


def seal(folder: Path) -> None:
    """Make a folder and everything in it read-only."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
