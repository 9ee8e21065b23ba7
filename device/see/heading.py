"""Tells whether a tracked animal is coming in or going out, from its way across a line."""

from __future__ import annotations

import math
from typing import Literal

from device.messages import Heading

Point = tuple[float, float]
"""x and y in ratios of the picture, from the top left."""

Side = Literal["down", "up", "left", "right"]

DIRECTIONS: dict[Side, Point] = {"down": (0, 1), "up": (0, -1), "left": (-1, 0), "right": (1, 0)}


class Line:
    """The line of the door in the picture, with the side on which the house lies."""

    def __init__(self, ends: tuple[Point, Point], inward: Side) -> None:
        """Raises ValueError if the ends coincide or if moving `inward` would not cross the line."""
        (x1, y1), (x2, y2) = ends
        length = math.hypot(x2 - x1, y2 - y1)
        if length < 0.01:
            raise ValueError(f"line {ends} needs two different points, such as [[0.0, 0.6], [1.0, 0.6]]")
        normal = (y1 - y2) / length, (x2 - x1) / length
        direction = DIRECTIONS[inward]
        slant = normal[0] * direction[0] + normal[1] * direction[1]
        if abs(slant) < 0.1:
            other = "down or up" if inward in ("left", "right") else "left or right"
            raise ValueError(f"inward {inward!r} runs along the line {ends}; use {other}")
        sign = math.copysign(1.0, slant)
        self._normal = normal[0] * sign, normal[1] * sign
        self._origin = x1, y1

    def depth(self, point: Point) -> float:
        """How far `point` lies inward of the line, in ratios of the picture; negative before it."""
        (right, down), (x, y) = self._normal, self._origin
        return right * (point[0] - x) + down * (point[1] - y)


class Way:
    """One animal's way over the line; its heading changes only with a clear movement.

    The heading is set by crossing from `hysteresis` before the line to `hysteresis` behind it or
    back, and by coming `approach` nearer or going that far away since the last turning point. A
    waiting animal keeps the heading with which it came.
    """

    def __init__(self, line: Line, hysteresis: float, approach: float, start: Point) -> None:
        self._line = line
        self._hysteresis = hysteresis
        self._approach = approach
        depth = line.depth(start)
        self._furthest_in = self._furthest_out = depth
        self._inside = self._side(depth)
        self.heading = Heading.UNCLEAR

    def move(self, point: Point) -> None:
        """Take the next position of the animal."""
        depth = self._line.depth(point)
        self._furthest_in = max(self._furthest_in, depth)
        self._furthest_out = min(self._furthest_out, depth)
        inside = self._side(depth)
        crossed = inside is not None and self._inside is not None and inside != self._inside
        self._inside = self._inside if inside is None else inside
        if crossed:
            self._turn(Heading.IN if inside else Heading.OUT, depth)
        elif self._furthest_in - depth >= self._approach:
            self._turn(Heading.OUT, depth)
        elif depth - self._furthest_out >= self._approach:
            self._turn(Heading.IN, depth)

    def _turn(self, heading: Heading, depth: float) -> None:
        """From here on only the movement against `heading` counts."""
        self.heading = heading
        self._furthest_in = self._furthest_out = depth

    def _side(self, depth: float) -> bool | None:
        """True behind the line, False before it, None within the hysteresis."""
        return None if abs(depth) < self._hysteresis else depth > 0
