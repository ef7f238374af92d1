"""The centre of a photograph at a network's size."""

import functools
import math

import numpy as np

from phosphene_core.image import center_box
from phosphene_core.layer import Array
from phosphene_resampling.bicubic import SUPPORT
from phosphene_resampling.reduce import Box, reduce
from phosphene_resampling.resample import resample

GAP = 2.0
"""A picture that is much larger is reduced first, by a whole number of times, to so many times the size at least."""


def fit(picture: Array, height: int, width: int) -> Array:
    """The largest centred part of a picture (H, W, 3) uint8 that has the shape wanted, at that size, as planes (3, height,
    width) uint8: what Pillow's `resize` gives with that box and a `reducing_gap` of 2."""
    rows, columns = picture.shape[:2]
    if (rows, columns) == (height, width):
        return np.ascontiguousarray(picture.transpose(2, 0, 1))
    first, down, across, box = _steps(rows, columns, height, width)
    return resample(reduce(picture, down, across, first) if first else picture, height, width, box)


@functools.lru_cache(4096)
def _steps(rows: int, columns: int, height: int, width: int) -> tuple[Box | None, int, int, tuple[float, ...]]:
    """What to reduce, and by how much, if anything; and the part of what is then there that is brought to its size."""
    left, top, right, bottom = center_box(rows, columns, height / width)
    pitch = (right - left) / width, (bottom - top) / height
    across, down = (max(1, int(p / GAP)) for p in pitch)
    if across == down == 1:
        return None, 1, 1, (left, top, right, bottom)
    reach = [(SUPPORT - 0.5) * p for p in pitch]  # of the filter, beyond the box
    outer = (
        max(0, int(left - reach[0])),
        max(0, int(top - reach[1])),
        min(columns, math.ceil(right + reach[0])),
        min(rows, math.ceil(bottom + reach[1])),
    )
    inner = (left - outer[0]) / across, (top - outer[1]) / down, (right - outer[0]) / across, (bottom - outer[1]) / down
    return outer, down, across, inner
