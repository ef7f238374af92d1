"""The change between two pictures that look the same, made visible."""

import numpy as np

from phosphene_core.layer import Array

MIDDLE = 127
SUBTLE = 32
"""Changes of at most so many pixel values are hard to see, and want to be enlarged."""


def enlarged_change(before: Array, after: Array) -> tuple[Array, int] | None:
    """What was changed, around mid-grey, as a picture (H, W, 3) uint8; and how many times it is enlarged, a whole number
    that brings the largest change to the end of the range.

    None where there is nothing to enlarge: pictures of different sizes, equal ones, and those whose difference is seen.
    """
    if before.shape != after.shape:
        return None
    change = after.astype(np.int16) - before
    largest = int(np.abs(change).max(initial=0))
    if not 0 < largest <= SUBTLE:
        return None
    times = MIDDLE // largest
    return (MIDDLE + times * change).astype(np.uint8), times
