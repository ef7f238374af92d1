"""Max and average pooling over (N, C, H, W) arrays of float32 or float64, and their gradients."""

import numpy as np

from phosphene_conv import pooling_twin as twin
from phosphene_conv.arrays import Array, checked, dense, expect
from phosphene_conv.engine import kernels
from phosphene_conv.window import Pair, Window, pair
from phosphene_core.errors import SettingError, ShapeError
from phosphene_core.threads import threads


def max_pool2d(
    x: Array, size: int | Pair, *, stride: int | Pair | None = None, pad: int | Pair = 0
) -> tuple[Array, Array]:
    """y (N, C, OH, OW), and where each maximum stands in its plane (row * W + column), for the way back.

    The stride is the size unless given; the pad never wins; of equal values the first wins; a NaN beats every number.
    Errors: `ShapeError`, `SettingError`.
    """
    x, size, window, shape = _prepared(x, size, stride, pad)
    if (compiled := kernels()) is None:
        return twin.max_forward(x, size, window)
    y, where = np.empty(shape, x.dtype), np.empty(shape, np.int32)
    compiled.max_forward(dense(x), y, where, size, window, threads())
    return y, where


def max_pool2d_backward(
    dy: Array, where: Array, x_shape: tuple[int, ...], size: int | Pair, *, stride: int | Pair | None = None,
    pad: int | Pair = 0,
) -> Array:  # fmt: skip
    """dx of shape `x_shape` from dy (N, C, OH, OW) and the places that `max_pool2d` gave. Errors as there."""
    dy, size, window = _back(dy, x_shape, size, stride, pad)
    where = np.ascontiguousarray(where)
    if where.dtype != np.int32 or where.shape != dy.shape:
        raise ShapeError(f"where must be what max_pool2d gave, {np.dtype(np.int32)} of shape {dy.shape}")
    if where.size and not 0 <= where.min() <= where.max() < x_shape[2] * x_shape[3]:
        raise ShapeError(f"where names places outside planes of {x_shape[2]} x {x_shape[3]}")
    if (compiled := kernels()) is None:
        return twin.max_backward(dy, where, x_shape)
    dx = np.empty(x_shape, dy.dtype)
    compiled.max_backward(dense(dy), where, dx, size, window, threads())
    return dx


def avg_pool2d(
    x: Array, size: int | Pair, *, stride: int | Pair | None = None, pad: int | Pair = 0, count_pad: bool = True
) -> Array:
    """y (N, C, OH, OW): the mean of each window; places in the pad count as zeros unless `count_pad` is False.

    The stride is the size unless given. Errors: `ShapeError`, `SettingError`.
    """
    x, size, window, shape = _prepared(x, size, stride, pad)
    if (compiled := kernels()) is None:
        return twin.average_forward(x, size, window, count_pad)
    y = np.empty(shape, x.dtype)
    compiled.average_forward(dense(x), y, size, window, count_pad, threads())
    return y


def avg_pool2d_backward(
    dy: Array, x_shape: tuple[int, ...], size: int | Pair, *, stride: int | Pair | None = None, pad: int | Pair = 0,
    count_pad: bool = True,
) -> Array:  # fmt: skip
    """dx of shape `x_shape` from dy (N, C, OH, OW). Errors as `avg_pool2d`."""
    dy, size, window = _back(dy, x_shape, size, stride, pad)
    if (compiled := kernels()) is None:
        return twin.average_backward(dy, x_shape, size, window, count_pad)
    dx = np.empty(x_shape, dy.dtype)
    compiled.average_backward(dense(dy), dx, size, window, count_pad, threads())
    return dx


def sliding(size: int | Pair, stride: int | Pair | None, pad: int | Pair) -> tuple[Pair, Window]:
    """The pool's size and window. `SettingError` for a pad as large as the size: a window would see no image."""
    size = pair("size", size, 1)
    window = Window.of(size if stride is None else stride, pad)
    if any(p >= s for p, s in zip(window.pad, size, strict=True)):
        raise SettingError(f"the pad of a pool must be smaller than its size {size}, not {window.pad}")
    return size, window


def _prepared(
    x: Array, size: int | Pair, stride: int | Pair | None, pad: int | Pair
) -> tuple[Array, Pair, Window, tuple[int, ...]]:
    size, window = sliding(size, stride, pad)
    x = checked("x", x, "NCHW")
    if min(x.shape[1:]) < 1:
        raise ShapeError(f"images of shape {x.shape} must not be empty (only the batch may)")
    return x, size, window, (*x.shape[:2], *window.output(x.shape, size))


def _back(
    dy: Array, x_shape: tuple[int, ...], size: int | Pair, stride: int | Pair | None, pad: int | Pair
) -> tuple[Array, Pair, Window]:
    size, window = sliding(size, stride, pad)
    dy = checked("dy", dy, "NCHW")
    if len(x_shape) != 4 or min(x_shape[1:]) < 1:
        raise ShapeError(f"x_shape must be (N, C, H, W), not {x_shape}")
    expect("dy", dy, (*x_shape[:2], *window.output(x_shape, size)))
    return dy, size, window
