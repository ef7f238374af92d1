"""Central differences in float64: the specification of every gradient."""

from collections.abc import Callable

import numpy as np

from phosphene_core.layer import Array


def numeric_gradient(f: Callable[[], Array], x: Array, seed: Array, step: float = 1e-5) -> Array:
    """d sum(f() * seed) / dx by central differences; `f` reads `x` (float64), which is changed and put back."""
    gradient = np.zeros_like(x)
    flat, out = x.reshape(-1), gradient.reshape(-1)
    if flat.base is None and flat is not x:
        raise ValueError("x must be contiguous")
    for i in range(flat.size):
        kept = flat[i]
        flat[i] = kept + step
        high = float(np.sum(f() * seed))
        flat[i] = kept - step
        low = float(np.sum(f() * seed))
        flat[i] = kept
        out[i] = (high - low) / (2 * step)
    return gradient


def relative_error(a: Array, b: Array, floor: float = 1e-8) -> float:
    """The largest |a - b| / max(floor, |a| + |b|), the course's measure; 0 for empty arrays."""
    if a.size == 0:
        return 0.0
    return float(np.max(np.abs(a - b) / np.maximum(floor, np.abs(a) + np.abs(b))))
