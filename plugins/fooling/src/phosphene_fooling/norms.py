"""The two ways to measure a change (N, 3, H, W): its largest pixel (linf), or its Euclidean length (l2)."""

import numpy as np

from phosphene_core.layer import Array

NORMS = ("linf", "l2")


def length(change: Array, norm: str) -> Array:
    """The size of each change (N,), in pixel values."""
    flat = change.reshape(len(change), int(np.prod(change.shape[1:])))
    return np.abs(flat).max(axis=1, initial=0) if norm == "linf" else np.sqrt(np.square(flat).sum(axis=1))


def steepest(gradient: Array, norm: str) -> Array:
    """The change of size 1 that raises the objective fastest; of size 0 where the gradient is 0."""
    if norm == "linf":
        return np.sign(gradient)
    size = length(gradient, norm)
    return gradient / np.where(size > 0, size, 1).astype(gradient.dtype)[:, None, None, None]


def project(change: Array, norm: str, bound: Array) -> Array:
    """The nearest change whose size is at most `bound` (N,)."""
    bound = np.asarray(bound, change.dtype)[:, None, None, None]
    if norm == "linf":
        return np.clip(change, -bound, bound)
    size = length(change, norm)[:, None, None, None]
    return change * np.minimum(1, bound / np.maximum(size, 1e-12)).astype(change.dtype)
