"""Checks that stand between a caller's arrays and the kernels, which trust what they are given."""

from typing import Any

import numpy as np

from phosphene_core.errors import ShapeError

Array = np.ndarray[Any, np.dtype[Any]]
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def checked(
    name: str,
    array: Array,
    like: Array | None = None,
    shape: tuple[int, ...] | None = None,
) -> Array:
    """`array` as the kernels want it: C-contiguous and aligned; copied only if it is not.

    `ShapeError` unless it is float32 or float64 (`like`'s, if given) in native byte order, and has `shape` (if given).
    """
    if not isinstance(array, np.ndarray):
        raise ShapeError(f"{name} must be a numpy array, not {type(array).__name__}")
    if array.dtype not in FLOATS or (like is not None and array.dtype != like.dtype):
        wanted = f"{like.dtype}, as the other arrays are" if like is not None else "float32 or float64"
        raise ShapeError(f"{name} must be {wanted}, not {array.dtype}")
    if shape is not None and array.shape != shape:
        raise ShapeError(f"{name} must have the shape {shape}, not {array.shape}")
    if array.flags.c_contiguous and array.flags.aligned:
        return array
    return np.require(array, requirements=["C", "A"])
