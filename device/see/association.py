"""Decides which of the boxes just detected belongs to which of the animals followed so far."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations


def associate(overlaps: Sequence[Sequence[float]], least: float) -> dict[int, int]:
    """Pairs of row and column with the greatest sum of `overlaps`, each row and column at most once.

    Pairs below `least` are never formed. The best pairs are taken first; then any two rows trade
    columns while that raises the sum. For two rows this is the optimum, for the handful of animals
    before a door it is so in practice, and equal input always gives equal output.
    """
    ranked = sorted(
        (-overlap, index, column)
        for index, row in enumerate(overlaps)
        for column, overlap in enumerate(row)
        if overlap >= least
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, row, column in ranked:
        if row not in pairs and column not in taken:
            pairs[row] = column
            taken.add(column)
    while len(ranked) > len(pairs) and _trade(overlaps, least, pairs):
        pass
    return pairs


def _trade(overlaps: Sequence[Sequence[float]], least: float, pairs: dict[int, int]) -> bool:
    """Make the first exchange between two rows that raises the sum; False if there is none.

    A row without a column takes part too: it may hand over the other's column for a free one.
    """
    free = set(range(len(overlaps[0]) if overlaps else 0)) - set(pairs.values())
    for one, other in combinations(range(len(overlaps)), 2):
        for giver, taker in ((one, other), (other, one)):
            if giver not in pairs:
                continue
            given = pairs[giver]
            if overlaps[taker][given] < least:
                continue
            before = overlaps[giver][given] + (overlaps[taker][pairs[taker]] if taker in pairs else 0.0)
            offers = sorted(free | ({pairs[taker]} if taker in pairs else set()))
            for offer in offers:
                after = overlaps[giver][offer] + overlaps[taker][given]
                if overlaps[giver][offer] >= least and after > before + 1e-9:
                    pairs[giver], pairs[taker] = offer, given
                    return True
    return False
