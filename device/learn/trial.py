"""A head on trial: what it would have put right and wrong, when it may replace another, when it must go back.

Visits are compared as decided by the head in use and by the one in shadow, which judged the same embeddings.
A head may be promoted when it lets in no bad visit that the other kept out. A head in use is looked at after
30, 50 and 100 visits of those who may enter: if it locked out more of them than it promised, beyond what
chance explains, it goes back. The looks share the probability of a false alarm (Bonferroni).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from device.learn.bounds import at_least

LOOKS = (30, 50, 100)
"""Numbers of visits after which a head in use is looked at."""
FALSE_ALARM = 0.05
"""Probability that a head as good as promised is sent back, over all looks."""
FEWEST = 10
"""Fewer visits with a known truth say nothing about a head on trial."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One visit as two heads decided it, and what it was."""

    visit: str
    live: bool
    """The head in use let it in."""
    shadow: bool
    """The head in shadow would have."""
    may_enter: bool | None
    """What the owner said: an own animal, mouth empty. None if nobody said."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two heads on the same visits, by the visits' ids."""

    visits: int
    known: int
    """Visits whose truth is known."""
    put_right: tuple[str, ...]
    put_wrong: tuple[str, ...]
    bad_let_in: tuple[str, ...]
    """Of those put wrong, the bad visits that only the head in shadow lets in."""
    differ: tuple[str, ...]
    """Visits of unknown truth on which the two differ: worth a label."""
    golden: int = 0
    """Bad visits of the album that both heads were shown again."""
    golden_let_in: tuple[str, ...] = ()
    """Of those, the ones that only the head in shadow lets in."""

    @property
    def objection(self) -> str | None:
        """Why the head in shadow may not be promoted; None if it may."""
        if self.bad_let_in:
            return (
                f"it would have let in {len(self.bad_let_in)} bad visit(s): {', '.join(self.bad_let_in[:5])}"
            )
        if self.golden_let_in:
            return (
                f"it would let in {len(self.golden_let_in)} bad visit(s) of the album that the head in use "
                f"keeps out: {', '.join(self.golden_let_in[:5])}"
            )
        if self.known < FEWEST:
            return f"only {self.known} visits are labelled since the trial began; {FEWEST} are needed"
        if len(self.put_wrong) > len(self.put_right):
            return f"it puts {len(self.put_wrong)} visits wrong and only {len(self.put_right)} right"
        return None


def compare(judged: Iterable[Judged]) -> Comparison:
    """What a head in shadow would have changed."""
    found = list(judged)
    changed = [each for each in found if each.live is not each.shadow]
    right = [each for each in changed if each.may_enter is not None and each.shadow is each.may_enter]
    wrong = [each for each in changed if each.may_enter is not None and each.shadow is not each.may_enter]
    return Comparison(
        visits=len(found),
        known=sum(each.may_enter is not None for each in found),
        put_right=_ids(right),
        put_wrong=_ids(wrong),
        bad_let_in=_ids(each for each in wrong if each.shadow),
        differ=_ids(each for each in changed if each.may_enter is None),
    )


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a head in use found."""

    visits: int
    """Visits of those who may enter since it came into use, as far as they were looked at."""
    locked_out: int
    at_least: float
    """Lower bound of the true rate, at the confidence of one look."""
    promised: float

    @property
    def must_go_back(self) -> bool:
        """Whether it locks out more than it promised, beyond chance."""
        return self.at_least > self.promised

    def in_words(self) -> str:
        return (
            f"{self.locked_out} of {self.visits} visits of those who may enter were locked out: at least "
            f"{self.at_least:.1%}, promised were at most {self.promised:.1%}"
        )


def look(let_in: Sequence[bool], promised: float) -> Look | None:
    """The latest look that is due, after visits of those who may enter, in order; None before the first."""
    due = [number for number in LOOKS if number <= len(let_in)]
    if not due:
        return None
    visits = due[-1]
    locked_out = sum(not each for each in let_in[:visits])
    bound = at_least(locked_out, visits, 1 - FALSE_ALARM / len(LOOKS))
    return Look(visits, locked_out, bound, promised)


def goes_back(let_in: Sequence[bool], promised: float) -> Look | None:
    """The first look at which a head must go back, None if none is."""
    looks = (look(let_in[:number], promised) for number in LOOKS if number <= len(let_in))
    return next((each for each in looks if each is not None and each.must_go_back), None)


def _ids(judged: Iterable[Judged]) -> tuple[str, ...]:
    return tuple(each.visit for each in judged)
