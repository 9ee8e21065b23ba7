"""Draws a sweep: false lockouts and prey let in against the mouth's threshold, with their bounds, as SVG.

Written by hand: two panels of lines need no plotting library, which would be the largest dependency of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape

from simulator.sweep import Point, Share

WIDTH, HEIGHT = 880, 420
LEFT, TOP, PANEL, GAP, DEPTH = 64, 62, 340, 96, 250
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's, told apart by colour-blind readers, too."""
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25)

Value = Callable[[Point], Share]


def figure(points: Sequence[Point]) -> str:
    """The figure as the text of an SVG file."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" fill="#222">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    names = ("Clean visits locked out", "Visits with prey let in")
    values: tuple[Value, Value] = (lambda each: each.false_lockouts, lambda each: each.prey_let_in)
    for number, (name, value) in enumerate(zip(names, values, strict=True)):
        parts += _panel(LEFT + number * (PANEL + GAP), name, value, points)
    parts += _legend(points)
    return "\n".join([*parts, "</svg>", ""])


def _panel(left: float, name: str, value: Value, points: Sequence[Point]) -> Iterable[str]:
    shown = [each for each in points if value(each).n]
    yield _text(left, TOP - 16, name, size=15, weight="bold")
    if not shown:
        yield _text(left + PANEL / 2, TOP + DEPTH / 2, "no such visit in these scenes", anchor="middle")
        return
    step = _step(max(value(each).high for each in shown))
    top = step * -(-max(value(each).high for each in shown) // step)
    thresholds = sorted({each.threshold for each in shown})
    x, y = _scale(thresholds, left), _heights(top)
    yield from _axes(left, thresholds, x, y, [step * n for n in range(round(top / step) + 1)])
    for number, (_, line) in enumerate(_lines(points)):
        here = [each for each in line if value(each).n]
        yield from _line(here, value, x, y, COLOURS[number % len(COLOURS)])


def _step(highest: float) -> float:
    """The distance of the marks: at most six of them."""
    return next((step for step in STEPS if highest / step <= 6), STEPS[-1])


def _scale(thresholds: Sequence[float], left: float) -> Callable[[float], float]:
    low, high = thresholds[0], thresholds[-1]
    if low == high:
        return lambda _: left + PANEL / 2
    return lambda value: left + 14 + (PANEL - 28) * (value - low) / (high - low)


def _heights(top: float) -> Callable[[float], float]:
    return lambda value: TOP + DEPTH * (1 - value / top)


def _axes(
    left: float,
    thresholds: Sequence[float],
    x: Callable[[float], float],
    y: Callable[[float], float],
    marks: Sequence[float],
) -> Iterable[str]:
    for mark in marks:
        yield f'<path d="M{left} {y(mark):.1f}h{PANEL}" stroke="#ddd"/>'
        yield _text(left - 8, y(mark) + 4, f"{100 * mark:g} %", anchor="end")
    yield f'<path d="M{left} {TOP + DEPTH}h{PANEL}" stroke="#222"/>'
    for threshold in thresholds:
        yield _text(x(threshold), TOP + DEPTH + 18, f"{threshold:g}", anchor="middle")
    yield _text(left + PANEL / 2, TOP + DEPTH + 38, "threshold of the mouth's meter", anchor="middle")


def _line(
    points: Sequence[Point],
    value: Value,
    x: Callable[[float], float],
    y: Callable[[float], float],
    colour: str,
) -> Iterable[str]:
    """A line through the shares, dots on it, and a shade between their bounds."""
    upper = [f"{x(each.threshold):.1f} {y(value(each).high):.1f}" for each in points]
    lower = [f"{x(each.threshold):.1f} {y(value(each).low):.1f}" for each in reversed(points)]
    middle = [f"{x(each.threshold):.1f} {y(value(each).rate or 0.0):.1f}" for each in points]
    if len(points) > 1:
        yield f'<path d="M{" L".join(upper + lower)}z" fill="{colour}" fill-opacity="0.12"/>'
        yield f'<path d="M{" L".join(middle)}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for each in points:
        share, across = value(each), x(each.threshold)
        yield f'<path d="M{across:.1f} {y(share.high):.1f}V{y(share.low):.1f}" stroke="{colour}"/>'
        yield (
            f'<circle cx="{across:.1f}" cy="{y(share.rate or 0.0):.1f}" r="3.5" fill="{colour}">'
            f"<title>{escape(str(share))}</title></circle>"
        )


def _lines(points: Sequence[Point]) -> list[tuple[str, list[Point]]]:
    """The points of equal conditions, by what they are called."""
    lines: dict[str, list[Point]] = {}
    for each in points:
        other = [word for word in (each.light, f"chip {each.chip}") if not word.endswith("as written")]
        lines.setdefault(", ".join([f"{each.rate:g} frames/s", *other]), []).append(each)
    return list(lines.items())


def _legend(points: Sequence[Point]) -> Iterable[str]:
    across, down = float(LEFT), TOP + DEPTH + 66
    for number, (name, _) in enumerate(_lines(points)):
        wide = 34 + 7.4 * len(name)
        if across + wide > WIDTH - 10:
            across, down = float(LEFT), down + 20
        colour = COLOURS[number % len(COLOURS)]
        yield f'<path d="M{across} {down - 4}h18" stroke="{colour}" stroke-width="3"/>'
        yield _text(across + 24, down, name)
        across += wide
    yield _text(
        LEFT, HEIGHT - 8, "Bars and shade: one-sided 95 % bounds each way (Clopper-Pearson).", size=11
    )


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", size: int = 13, weight: str = "normal"
) -> str:
    style = f'text-anchor="{anchor}" font-size="{size}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{escape(words)}</text>'
