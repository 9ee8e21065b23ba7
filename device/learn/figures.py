"""Draws the figures of evaluation as SVG: bars in groups, and curves of precision against recall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

COLOURS = ("#1b6e5a", "#d08a1e", "#b3372f", "#4d5bb0", "#7a7a7a", "#8c4f9f")
WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 44, 76


@dataclass(frozen=True, slots=True)
class Bars:
    """Rates 0..1 in groups, one bar for each series, and a line that should not be passed."""

    title: str
    series: tuple[str, ...]
    groups: tuple[tuple[str, tuple[float, ...]], ...]
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, y) in 0..1 of one label."""

    label: str
    points: tuple[tuple[float, float], ...]
    mark: tuple[float, float] | None = None
    """The point in use."""


def bars_svg(chart: Bars) -> str:
    """The chart as an SVG document."""
    span = (WIDTH - LEFT - RIGHT) / max(len(chart.groups), 1)
    width = span * 0.8 / max(len(chart.series), 1)
    parts = list(_axes(chart.title))
    for number, (name, values) in enumerate(chart.groups):
        start = LEFT + span * (number + 0.1)
        for place, value in enumerate(values):
            x, y = start + place * width, _y(value)
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width * 0.9:.1f}" '
                f'height="{_y(0) - y:.1f}" fill="{COLOURS[place % len(COLOURS)]}"/>'
            )
            parts.append(_text(x + width * 0.45, y - 4, f"{value:.1%}", "middle"))
        parts.append(_text(start + span * 0.4, _y(0) + 18, name, "middle"))
    if chart.limit is not None:
        y = _y(chart.limit)
        parts.append(
            f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#222" stroke-dasharray="5 4" fill="none"/>'
        )
    parts += _legend(chart.series)
    return _document(parts)


def curves_svg(title: str, curves: Sequence[Curve], across: str, up: str) -> str:
    """Curves with a mark where each is used, as an SVG document."""
    parts = list(_axes(title))
    for number, curve in enumerate(curves):
        colour = COLOURS[number % len(COLOURS)]
        line = " ".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in curve.points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if curve.mark:
            x, y = curve.mark
            parts.append(f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="4.5" fill="{colour}"/>')
    for tick in range(0, 101, 20):
        parts.append(_text(_x(tick / 100), _y(0) + 16, f"{tick} %", "middle"))
    parts.append(_text(WIDTH - RIGHT, _y(0) + 32, across, "end"))
    parts.append(_text(LEFT, TOP - 8, up, "start"))
    parts += _legend([curve.label for curve in curves])
    return _document(parts)


def _axes(title: str) -> Iterable[str]:
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    yield f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">{escape(title)}</text>'
    for tick in range(0, 101, 20):
        y = _y(tick / 100)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd" fill="none"/>'
        yield _text(LEFT - 6, y + 4, f"{tick} %", "end")


def _legend(names: Sequence[str]) -> Iterable[str]:
    span = (WIDTH - LEFT - RIGHT) / max(len(names), 1)
    for number, name in enumerate(names):
        x, y = LEFT + span * number, HEIGHT - 16
        colour = COLOURS[number % len(COLOURS)]
        yield f'<rect x="{x:.1f}" y="{y - 10}" width="10" height="10" fill="{colour}"/>'
        yield _text(x + 14, y, name, "start")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _x(ratio: float) -> float:
    return LEFT + ratio * (WIDTH - LEFT - RIGHT)


def _y(ratio: float) -> float:
    return HEIGHT - BOTTOM - ratio * (HEIGHT - BOTTOM - TOP)


def _document(parts: Iterable[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'font-family="sans-serif" font-size="11" fill="#222">\n' + "\n".join(parts) + "\n</svg>\n"
    )
