"""The mean of each channel, whole and in the parts that the cells of coarse grids have in it: what is in the picture, and
roughly where."""

from functools import lru_cache
from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array, Backward, Grads, Layer, Need, Params, Pass, no_backward
from phosphene_core.options import option


def _positive(levels: tuple[int, ...]) -> str | None:
    return None if levels and min(levels) >= 1 else "must hold at least one number, each at least 1"


@attrs.frozen
class SpatialPyramidPool(Layer):
    """x (N, C, H, W) to y (N, C * (1 + 4 + 16)) with levels 1, 2, 4: the mean over the picture, and how much of it comes
    from each quarter and each sixteenth (each level adds up to the mean), whatever H and W are; channel by channel, coarse
    cells first (Lazebnik, Schmid and Ponce 2006; He et al. 2014, with the maximum). What comes after learns of a thing at
    one place from things at all the others, for the mean weighs no less than its many parts; and it still knows where.
    """

    levels: tuple[int, ...] = option((1, 2, 4), "cells on a side of each grid", check=_positive)

    @property
    def cells(self) -> int:
        """How many numbers stand for a channel."""
        return sum(n * n for n in self.levels)

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        if len(shape) != 3 or min(shape) < 1:
            raise ShapeError(f"spatial_pyramid_pool wants images (channels, height, width), not {shape}")
        return {}, (shape[0] * self.cells,)

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        if x.ndim != 4 or min(x.shape[1:]) < 1:
            raise ShapeError(f"spatial_pyramid_pool wants images (N, C, H, W), not the shape {x.shape}")
        n, c, h, w = x.shape
        shares = _shares(self.levels, h, w).astype(x.dtype, copy=False)
        y = (x.reshape(n * c, h * w) @ shares.T).reshape(n, c * len(shares))
        if run.need is Need.NOTHING:
            return y, no_backward

        def backward(dy: Array) -> tuple[Array | None, Grads]:
            if Need.INPUT not in run.need:
                return None, {}
            return (dy.reshape(n * c, len(shares)) @ shares).reshape(n, c, h, w), {}

        return y, backward


@lru_cache(64)
def _shares(levels: tuple[int, ...], height: int, width: int) -> Array:
    """The share (cells, H * W) of each pixel in each cell's part; cells overlap where a side does not divide."""
    rows = []
    for level in levels:
        across = [_cells(level, side) for side in (height, width)]
        rows.append(np.einsum("ih,jw->ijhw", *across).reshape(level * level, height * width) / level**2)
    return np.concatenate(rows).astype(np.float32)


def _cells(count: int, side: int) -> Array:
    """The share (count, side) of each place along a side in each cell's mean."""
    place = np.arange(side)
    first = np.arange(count)[:, None] * side // count
    last = -(-(np.arange(count)[:, None] + 1) * side // count)
    inside = (place >= first) & (place < last)
    return np.asarray(inside / inside.sum(axis=1, keepdims=True))
