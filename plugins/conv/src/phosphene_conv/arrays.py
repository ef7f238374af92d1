"""Checks that stand between a caller's arrays and the kernels, which trust what they are given."""

from typing import Any

import numpy as np

from phosphene_core.errors import ShapeError

Array = np.ndarray[Any, np.dtype[Any]]
FLOATS = (np.dtype(np.float32), np.dtype(np.float64))


def checked(name: str, array: Array, axes: str, like: Array | None = None) -> Array:
    """`array` itself, found fit for the kernels but for its layout.

    `axes` spells the axes, as in "NCHW". `ShapeError` for another number of axes, a number type that is neither
    float32 nor float64 or differs from `like`'s, foreign byte order, or a negative stride (a mirrored view: copy it).
    """
    if not isinstance(array, np.ndarray):
        raise ShapeError(f"{name} must be a numpy array, not {type(array).__name__}")
    if array.ndim != len(axes):
        raise ShapeError(f"{name} must have {len(axes)} axes ({', '.join(axes)}), not the shape {array.shape}")
    if array.dtype not in FLOATS or (like is not None and array.dtype != like.dtype):
        wanted = f"{like.dtype}, as the other arrays are" if like is not None else "float32 or float64"
        raise ShapeError(f"{name} must be {wanted}, not {array.dtype}")
    if min(array.strides) < 0 and any(s < 0 and n > 1 for s, n in zip(array.strides, array.shape, strict=True)):
        raise ShapeError(f"{name} has a negative stride (a mirrored view); pass numpy.ascontiguousarray of it")
    return array


def dense(array: Array) -> Array:
    """`array` as the kernels read it, C-contiguous and aligned; copied only if it is not."""
    flags = array.flags
    return array if flags.c_contiguous and flags.aligned else np.require(array, requirements=["C", "A"])


def expect(name: str, array: Array, shape: tuple[int, ...]) -> None:
    """`ShapeError` unless `array` has this shape."""
    if array.shape != tuple(shape):
        raise ShapeError(f"{name} must have the shape {tuple(shape)}, not {array.shape}")
