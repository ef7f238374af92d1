"""Shapes as signed distances: below 0 inside, above 0 outside, in units of the shape's reach.

Each takes u (right) and v (down) from the centre; all of the shape lies within distance 1 of it.
"""

from collections.abc import Callable

import numpy as np

from phosphene_core.layer import Array

Distance = Callable[[Array, Array], Array]


def circle(u: Array, v: Array) -> Array:
    return np.hypot(u, v) - 1


def ring(u: Array, v: Array) -> Array:
    return np.abs(np.hypot(u, v) - 0.75) - 0.25


def moon(u: Array, v: Array) -> Array:
    return np.maximum(np.hypot(u, v) - 1, 0.8 - np.hypot(u - 0.5, v))


def cross(u: Array, v: Array) -> Array:
    u, v = np.abs(u), np.abs(v)
    long, wide = np.maximum(u, v), np.minimum(u, v)
    return np.maximum(long - 0.95, wide - 0.3)


def diamond(u: Array, v: Array) -> Array:
    return (np.abs(u) + 0.65 * np.abs(v) - 0.65) / np.hypot(1, 0.65)


def radial(points: int, inner: float, turn: float = 0.0) -> Distance:
    """A star with so many points at distance 1, upwards, and as many corners between them at distance `inner`. A
    regular polygon where `inner` is the distance of its sides: cos(π/points)."""
    step = np.pi / points
    edge = np.array([inner * np.cos(step) - 1, inner * np.sin(step)])
    normal = np.array([edge[1], -edge[0]]) / np.hypot(*edge)

    def distance(u: Array, v: Array) -> Array:
        angle = np.arctan2(u, -v) + np.float32(turn + step)
        angle = np.abs(angle % np.float32(2 * step) - np.float32(step))  # all wedges folded into one half
        far = np.hypot(u, v)
        return np.float32(normal[0]) * (far * np.cos(angle) - 1) + np.float32(normal[1]) * (far * np.sin(angle))

    return distance


SHAPES: dict[str, tuple[float, Distance]] = {
    "circle": (1.0, circle),
    "square": (1.15, radial(4, np.cos(np.pi / 4), np.pi / 4)),
    "triangle": (1.25, radial(3, 0.5)),
    "star": (1.25, radial(5, 0.45)),
    "cross": (1.15, cross),
    "diamond": (1.25, diamond),
    "ring": (1.1, ring),
    "moon": (1.1, moon),
}
"""A shape's reach by the radius of its size (so that all look about equally large), and its signed distance."""
