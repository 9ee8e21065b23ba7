"""Draws every figure that has a limit as a bar beside that limit, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from benchmarks.report import Run, number
from simulator.figure import Figure

WIDTH, LEFT, BAR, LINE, TOP = 900, 470, 380, 24, 44
FARTHEST = 2.0
"""A bar ends at twice its limit; the figure beside it tells the rest."""
MET, MISSED = "#0072b2", "#d55e00"
"""Okabe and Ito's, told apart by colour-blind readers, too."""


def figure(runs: Sequence[Run]) -> str:
    """The picture as the text of an SVG file."""
    limited = [each for run in runs for each in run.report.figures if each.budget]
    height = TOP + LINE * len(limited) + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12" fill="#222">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        _text(16, 24, "Each figure beside what it may be at most", "start"),
    ]
    for place, each in enumerate(limited):
        parts += _bar(TOP + LINE * place, each)
    limit, bottom = LEFT + BAR / FARTHEST, TOP + LINE * len(limited)
    parts.append(f'<path d="M{limit} {TOP - 8}V{bottom}" stroke="#222" stroke-dasharray="5 4"/>')
    parts.append(_text(limit, bottom + 18, "the limit", "middle"))
    return "\n".join([*parts, "</svg>", ""])


def _bar(y: float, each: Figure) -> Iterable[str]:
    assert each.budget
    share = min(max(each.value / each.budget, 0.0), FARTHEST)
    colour = MET if each.value <= each.budget else MISSED
    wide = BAR * share / FARTHEST
    yield _text(LEFT - 8, y + 13, each.name, "end")
    yield f'<rect x="{LEFT}" y="{y}" width="{wide:.1f}" height="{LINE - 8}" fill="{colour}"/>'
    said = f"{number(each.value)} of {each.budget:g} {each.unit}"
    inside = wide > BAR * 0.7
    x = LEFT + wide + (-6 if inside else 6)
    yield _text(x, y + 13, said, "end" if inside else "start", "white" if inside else "#222")


def _text(x: float, y: float, words: str, anchor: str, fill: str = "#222") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'
