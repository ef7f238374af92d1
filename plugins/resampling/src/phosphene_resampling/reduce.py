"""A picture a whole number of times smaller."""

import numpy as np
from PIL import Image

from phosphene_core.layer import Array
from phosphene_resampling.engine import kernels

Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""


def reduce(picture: Array, down: int, across: int, box: Box) -> Array:
    """The part of a picture (H, W, 3) uint8 in `box`: boxes of `down` × `across` pixels, fewer at
    its lower and right edges, become their rounded means. What Pillow's `reduce` gives, which does it where no compiler was."""
    engine = kernels()
    if engine is None:
        return np.asarray(Image.fromarray(picture).reduce((across, down), box))
    left, top, right, bottom = box
    height, width = -(-(bottom - top) // down), -(-(right - left) // across)
    reduced = np.empty(height * width * 3 + 1, np.uint8)
    engine.reduce(np.ascontiguousarray(picture), box, down, across, reduced)
    return reduced[:-1].reshape(height, width, 3)
