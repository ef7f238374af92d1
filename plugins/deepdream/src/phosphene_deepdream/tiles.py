"""The gradient of a large picture, window by window, so that memory does not grow with the picture."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import Objective, image_gradient

Span = tuple[int, int]

MARGIN = 32
"""Pixels at the edges of a window that are seen but not used; an eighth of small windows."""


def tiled_gradient(
    model: Any, images: Array, objective: Objective, tile: int, rng: np.random.Generator, shift: Span = (0, 0)
) -> tuple[Array, Array]:
    """The gradient (N, 3, H, W) and the value (N,) of an objective that looks at a place and its surroundings.

    The picture is cut along a grid at a random place, new at each call, so that no seam has time to show. Windows reach
    beyond the part that is taken from them, for near its edges a network sees the edge; all have one size. A picture no
    larger than a tile is seen whole. The value is the sum over the windows, each in proportion to its part.
    What is asked about is the picture rolled down and right by `shift`, and the gradient is that by the picture as it is; the
    rolled one is never made.
    """
    gradient = np.empty_like(images)
    values = np.zeros(len(images))
    height, width = images.shape[-2:]
    rows, columns = (list(_windows(size, tile, rng)) for size in (height, width))
    for (top, bottom), (first, last) in rows:
        for (left, right), (start, end) in columns:
            down, across = np.arange(top, bottom) - shift[0], np.arange(left, right) - shift[1]
            window = images.take(down, axis=-2, mode="wrap").take(across, axis=-1, mode="wrap")
            own, value = image_gradient(model, window, objective)
            there = (np.arange(first, last) - shift[0]) % height, (np.arange(start, end) - shift[1]) % width
            gradient[..., there[0][:, None], there[1]] = own[
                ..., first - top : last - top, start - left : end - left
            ]
            values += value * ((last - first) * (end - start) / (window.shape[-2] * window.shape[-1]))
    return gradient, values


def _windows(size: int, tile: int, rng: np.random.Generator) -> Iterator[tuple[Span, Span]]:
    """Along one side: windows of `tile`, and the part that each answers for; the parts cover the side once."""
    if size <= tile:
        yield (0, size), (0, size)
        return
    part = tile - 2 * min(MARGIN, tile // 8)
    cuts = [0, *range(int(rng.integers(1, part + 1)), size, part), size]
    for first, last in zip(cuts, cuts[1:], strict=False):
        middle = (first + last) // 2
        begin = min(max(0, middle - tile // 2), size - tile)
        yield (begin, begin + tile), (first, last)
