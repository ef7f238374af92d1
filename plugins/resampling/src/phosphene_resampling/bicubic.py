"""The bicubic filter's weights, as Pillow has them: how each pixel of a result is put together."""

import functools

import attrs
import numpy as np

from phosphene_core.layer import Array

WEIGHT_BITS = 22
"""A weight of 1 is 1 << 22: a sum of bytes fits into 32 bits, with two to spare for weights beside it below zero."""
SUPPORT = 2.0
"""How far from its centre the filter reaches, in pixels of the larger pitch."""


@attrs.frozen(eq=False)
class Taps:
    """Along one axis, result i is the sum of the `length[i]` (n,) pixels from `first[i]` (n,) on, times `weights[i]`
    (n, taps), zeros after so many. All int32."""

    first: Array
    length: Array
    weights: Array


@functools.lru_cache(4096)
def taps(size: int, start: float, stop: float, count: int) -> Taps:
    """From the part start .. stop of `size` pixels to `count`. Where these are fewer, the filter is as much wider, so that
    every pixel counts (antialiasing); pixels around the part count too, where there are any."""
    scale = float(np.float32(stop) - np.float32(start)) / count
    pitch = max(scale, 1.0)
    centre = float(np.float32(start)) + (np.arange(count) + 0.5) * scale
    first = np.maximum((centre - SUPPORT * pitch + 0.5).astype(np.int32), 0)
    length = np.minimum((centre + SUPPORT * pitch + 0.5).astype(np.int32), size) - first
    place = np.arange(length.max())
    weights = _cubic((place + first[:, None] - centre[:, None] + 0.5) * (1 / pitch))
    weights[place >= length[:, None]] = 0
    weights /= np.cumsum(weights, axis=1)[:, -1:]  # one after another, as Pillow adds them
    whole = np.trunc(weights * (1 << WEIGHT_BITS) + np.copysign(0.5, weights)).astype(np.int32)
    return Taps(first, length, whole)


def _cubic(x: Array) -> Array:
    """Keys 1981, with a = -1/2."""
    x, a = np.abs(x), -0.5
    near, far = ((a + 2) * x - (a + 3)) * x * x + 1, (((x - 5) * x + 8) * x - 4) * a
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))
