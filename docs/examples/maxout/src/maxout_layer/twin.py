"""The kernel in plain numpy: what it must compute."""

import numpy as np
from phosphene_core import Array


def largest(x: Array, pieces: int) -> tuple[Array, Array]:
    """x (N, C, P) to the largest of every `pieces` channels (N, C / pieces, P), and which of them it was (uint8)."""
    grouped = x.reshape(x.shape[0], -1, pieces, x.shape[2])
    return grouped.max(axis=2), grouped.argmax(axis=2).astype("uint8")


def spread(dy: Array, which: Array, pieces: int) -> Array:
    """The way back: dy (N, C / pieces, P) goes to the channels that were the largest, 0 to the others."""
    dx = np.zeros((*dy.shape[:2], pieces, dy.shape[2]), dy.dtype)
    np.put_along_axis(dx, which[:, :, None].astype(np.intp), dy[:, :, None], axis=2)
    return dx.reshape(dy.shape[0], -1, dy.shape[2])
