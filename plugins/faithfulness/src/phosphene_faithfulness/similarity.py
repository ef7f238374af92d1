"""How alike two maps look."""

import numpy as np

from phosphene_core.image import blur
from phosphene_core.layer import Array

SIGMA, RADIUS, C1, C2 = 1.5, 5, 0.01**2, 0.03**2
PERCENTILE = 99.5


def similarity(first: Array, second: Array) -> Array:
    """The structural similarity of the magnitudes of maps (N, H, W), pair by pair: (N,), 1 for the same picture, about 0
    for pictures that have nothing to do with each other. Wang, Bovik, Sheikh and Simoncelli 2004.

    Each map is scaled as it is drawn, by the 99.5th percentile of its magnitudes: a map's units do not matter.
    """
    a, b = normalized(first), normalized(second)
    mean_a, mean_b = blur(a, SIGMA), blur(b, SIGMA)
    var_a, var_b = blur(a * a, SIGMA) - mean_a**2, blur(b * b, SIGMA) - mean_b**2
    together = blur(a * b, SIGMA) - mean_a * mean_b
    alike = (2 * mean_a * mean_b + C1) * (2 * together + C2)
    alike /= (mean_a**2 + mean_b**2 + C1) * (var_a + var_b + C2)
    edge = RADIUS if min(first.shape[1:]) > 2 * RADIUS else 0  # where the window would reach out of the map
    height, width = first.shape[1:]
    return np.asarray(alike[:, edge : height - edge, edge : width - edge].mean(axis=(1, 2)))


def normalized(maps: Array) -> Array:
    """Magnitudes (N, H, W) as 0..1; zeros where a map is zero everywhere."""
    size = np.abs(np.asarray(maps, np.float64))
    largest = size.max(axis=(1, 2), keepdims=True, initial=0)
    high = np.percentile(size, PERCENTILE, axis=(1, 2), keepdims=True) if len(size) else largest
    high = np.where(high > 1e-6 * largest, high, largest)  # nearly all of it is zero
    return np.clip(np.divide(size, high, out=np.zeros_like(size), where=high > 0), 0, 1)
