"""Lockouts as remaining seconds, so that a power cut or a wrong clock neither ends nor prolongs one."""

from __future__ import annotations

from collections.abc import Mapping

ANYONE = "anyone"
"""Whom a lockout concerns when the animal was not known by name."""


ROUNDING = 1e-6
"""Seconds by which times that were added up may differ."""


def whom_it_concerns(names: Mapping[str, bool | None]) -> list[str]:
    """Whom a lockout is for, of the household: the one that is proven, else those that it may be.

    None of them by name, which stands for everyone, where it may be any.
    """
    proven = [name for name, known in names.items() if known]
    may_be = [name for name, known in names.items() if known is not False]
    return proven[:1] or (may_be if len(may_be) < len(names) else [])


class Lockouts:
    """Who may not come in for how long; time passes only through `advance`."""

    def __init__(self, remaining: Mapping[str, float] | None = None) -> None:
        self._remaining = {who: float(left) for who, left in (remaining or {}).items() if left > 0}

    def advance(self, seconds: float) -> tuple[str, ...]:
        """Let time pass; the names whose lockout ended."""
        left = {who: remaining - seconds for who, remaining in self._remaining.items()}
        self._remaining = {who: remaining for who, remaining in left.items() if remaining > ROUNDING}
        return tuple(who for who in left if who not in self._remaining)

    def begin(self, who: str | None, seconds: float) -> None:
        """Lock out `who` (anyone if None); a longer lockout in force stays."""
        key = who or ANYONE
        self._remaining[key] = max(seconds, self._remaining.get(key, 0.0))

    def concerns(self, names: Mapping[str, bool | None]) -> tuple[str, float] | None:
        """The lockout that holds for an animal of which `names` is known, with its remaining seconds.

        An animal proven to be another one of the household goes free; as long as it may be the one
        that is locked out, it counts as that one.
        """
        proven = {name for name, known in names.items() if known}
        for who, left in self._remaining.items():
            if who == ANYONE or who in proven or not proven:
                return who, left
        return None

    def exact(self) -> dict[str, float]:
        """Seconds left by whom, to go on from."""
        return dict(self._remaining)

    def remaining(self) -> dict[str, float]:
        """Seconds left by whom, rounded to a millisecond."""
        return {who: round(left, 3) for who, left in self._remaining.items()}
