"""Convolution in plain numpy: what the kernels must compute, tap by tap. One tap's patch is the largest temporary."""

from collections.abc import Iterator

import numpy as np

from phosphene_conv.arrays import Array
from phosphene_conv.window import Window


def forward(x: Array, w: Array, window: Window) -> Array:
    """y (N, F, OH, OW): the sum over taps of the tap's weights (F, C) times its patch (N, C, OH, OW)."""
    y = np.zeros((len(x), len(w), *window.output(x.shape, w.shape)), x.dtype)
    padded = pad(x, window)
    for i, j, patch in taps(padded, w.shape, y.shape, window):
        y += np.einsum("fc,nchw->nfhw", w[:, :, i, j], patch, optimize=True)
    return y


def backward_data(dy: Array, w: Array, x_shape: tuple[int, ...], window: Window) -> Array:
    """dx: each tap hands its share of dy back to the pixels that it saw."""
    (top, left), (h, width) = window.pad, x_shape[2:]
    dx = np.zeros((*x_shape[:2], h + 2 * top, width + 2 * left), dy.dtype)
    for i, j, patch in taps(dx, w.shape, dy.shape, window):
        patch += np.einsum("fc,nfhw->nchw", w[:, :, i, j], dy, optimize=True)
    return np.ascontiguousarray(dx[:, :, top : top + h, left : left + width])


def backward_weights(dy: Array, x: Array, w_shape: tuple[int, ...], window: Window) -> tuple[Array, Array]:
    """dw: each tap's weights meet dy times the tap's patch; db: the sum of dy over images and pixels."""
    dw = np.zeros(w_shape, x.dtype)
    for i, j, patch in taps(pad(x, window), w_shape, dy.shape, window):
        dw[:, :, i, j] = np.einsum("nfhw,nchw->fc", dy, patch, optimize=True)
    return dw, dy.sum(axis=(0, 2, 3))


def pad(x: Array, window: Window, value: float = 0) -> Array:
    """x with `window.pad` rows and columns of `value` on each side."""
    (top, left) = window.pad
    return np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)), constant_values=value)


def taps(
    padded: Array, size: tuple[int, ...], out: tuple[int, ...], window: Window
) -> Iterator[tuple[int, int, Array]]:
    """For each tap (i, j) of the window, the view (N, C, OH, OW) of the values that it meets."""
    (sy, sx), _, (dy, dx) = window
    for i in range(size[-2]):
        for j in range(size[-1]):
            rows = slice(i * dy, i * dy + sy * (out[2] - 1) + 1, sy)
            columns = slice(j * dx, j * dx + sx * (out[3] - 1) + 1, sx)
            yield i, j, padded[:, :, rows, columns]
