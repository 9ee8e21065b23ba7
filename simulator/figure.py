"""One figure of `latchlens bench`, and how long is waited before any is taken."""

from __future__ import annotations

from dataclasses import dataclass

WARM_UP = 20
"""Frames before the clock starts: the interpreter and the caches settle."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value with the most it may be."""

    name: str
    value: float
    unit: str
    budget: float | None = None
