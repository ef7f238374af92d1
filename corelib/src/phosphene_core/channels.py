"""From one number per channel of a pixel to one number per pixel: the reductions that the literature uses."""

import numpy as np

from phosphene_core.errors import unknown
from phosphene_core.layer import Array

REDUCTIONS = ("sum", "max", "norm")


def reduce_channels(values: Array, how: str) -> Array:
    """(N, C, H, W) as (N, H, W). `sum` keeps the sign and what the numbers add up to; `max` is the largest magnitude
    (Simonyan et al. 2014); `norm` is the Euclidean length."""
    if how == "sum":
        return np.asarray(values.sum(axis=1))
    if how == "max":
        return np.asarray(np.abs(values).max(axis=1))
    if how == "norm":
        return np.sqrt(np.square(values).sum(axis=1))
    raise unknown("reduction", how, REDUCTIONS)
