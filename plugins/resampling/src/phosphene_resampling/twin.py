"""The kernels in plain numpy: what they must give."""

import numpy as np

from phosphene_core.layer import Array
from phosphene_resampling.bicubic import WEIGHT_BITS, Taps


def resample(picture: Array, across: Taps, down: Taps, down_first: bool) -> Array:
    """A picture (H, W, 3) uint8 as planes (3, h, w): one axis after the other."""
    if down_first:
        return _along(_along(picture, down).transpose(1, 2, 0), across).transpose(1, 2, 0)
    return _along(_along(picture.transpose(1, 2, 0), across).transpose(2, 1, 0), down).transpose(1, 0, 2)


def _along(pixels: Array, taps: Taps) -> Array:
    """The first axis at its new size, rounded to bytes."""
    total = np.full((len(taps.first), *pixels.shape[1:]), 1 << (WEIGHT_BITS - 1), np.int32)
    for t, weight in enumerate(taps.weights.T):
        total += weight[:, None, None] * pixels[np.minimum(taps.first + t, len(pixels) - 1)]
    return (total >> WEIGHT_BITS).clip(0, 255).astype(np.uint8)


def reduce(picture: Array, down: int, across: int) -> Array:
    """A picture (H, W, 3) uint8 as boxes' means."""
    starts = np.arange(0, picture.shape[0], down), np.arange(0, picture.shape[1], across)
    sums = np.add.reduceat(np.add.reduceat(picture.astype(np.uint32), starts[0], axis=0), starts[1], axis=1)
    high, wide = (np.diff(s, append=n).astype(np.uint32) for s, n in zip(starts, picture.shape, strict=False))
    count = (high[:, None] * wide)[..., None]
    share = (np.float32(2**32) / (count * np.float32(256))).astype(np.uint32)  # the highest byte of the product is the mean
    return ((sums + count // 2) * share >> 24).astype(np.uint8)
