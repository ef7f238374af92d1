"""Filters that start out against whitened patches."""

import math

import numpy as np

from phosphene_core.layer import Array

NEIGHBOURS = 0.9
"""How alike two pixels side by side are thought to be, as a correlation; two steps apart, its square."""
CHANNELS = 0.7
"""How alike two channels of one pixel are."""
NOISE = 1e-3
"""What is added to every direction's variance, in shares of the largest: directions that hardly occur are not followed."""


def whitened(w: Array) -> Array:
    """Random filters (F, C, h, w) made to look along random directions of whitened patches, with the same root mean square.

    Pixels of a photograph, and its colours, are much like their neighbours, so that to random filters all patches are
    brightness. These are multiplied by the root of the inverse covariance of such patches: each direction then says as much
    as any other, edges and colours like brightness (LeCun et al. 1998, section 4.3; Coates, Lee and Ng 2011).
    """
    channels, *sides = w.shape[1:]
    covariance = np.full((channels, channels), CHANNELS)
    np.fill_diagonal(covariance, 1)
    for side in sides:
        apart = np.abs(np.subtract.outer(np.arange(side), np.arange(side)))
        covariance = np.kron(covariance, NEIGHBOURS**apart)
    variances, directions = np.linalg.eigh(covariance)
    root = directions / np.sqrt(variances + NOISE * variances[-1]) @ directions.T
    flat = w.reshape(len(w), -1).astype(float) @ root
    size = np.square(w, dtype=float).mean() / max(np.square(flat).mean(), np.finfo(float).tiny)
    return (flat * math.sqrt(size)).reshape(w.shape).astype(w.dtype)
