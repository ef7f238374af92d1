"""Max and average pooling in plain numpy: what the kernels must compute, one place of the window at a time."""

import numpy as np

from phosphene_conv.arrays import Array
from phosphene_conv.convolution_twin import pad, taps
from phosphene_conv.window import Pair, Window


def max_forward(x: Array, size: Pair, window: Window) -> tuple[Array, Array]:
    """y, and where each maximum stands in its plane (row * W + column). The first one wins; a NaN beats all."""
    shape = (*x.shape[:2], *window.output(x.shape, size))
    places = np.broadcast_to(np.arange(x.shape[2] * x.shape[3], dtype=np.int32).reshape(1, 1, *x.shape[2:]), x.shape)
    y, where = np.full(shape, -np.inf, x.dtype), np.full(shape, -1, np.int32)
    pairs = zip(taps(pad(x, window, -np.inf), size, shape, window), taps(pad(places, window, -1), size, shape, window),
                strict=True)  # fmt: skip
    for (_, _, values), (_, _, here) in pairs:
        inside = here >= 0
        better = inside & ((where < 0) | (values > y) | (np.isnan(values) & ~np.isnan(y)))
        y[better], where[better] = values[better], here[better]
    return y, where


def max_backward(dy: Array, where: Array, x_shape: tuple[int, ...]) -> Array:
    """dx: each dy goes to the place that won."""
    dx = np.zeros((x_shape[0] * x_shape[1], x_shape[2] * x_shape[3]), dy.dtype)
    planes = np.arange(len(dx))[:, None]
    places = dy.shape[2] * dy.shape[3]
    np.add.at(dx, (planes, where.reshape(-1, places)), dy.reshape(-1, places))
    return dx.reshape(x_shape)


def average_forward(x: Array, size: Pair, window: Window, count_pad: bool) -> Array:
    """y: the sum over the window, by the number of its places (inside the image, unless `count_pad`)."""
    shape = (*x.shape[:2], *window.output(x.shape, size))
    y = np.zeros(shape, x.dtype)
    for _, _, values in taps(pad(x, window), size, shape, window):
        y += values
    return y * shares(x.shape, size, shape, window, count_pad).astype(x.dtype)


def average_backward(dy: Array, x_shape: tuple[int, ...], size: Pair, window: Window, count_pad: bool) -> Array:
    """dx: each place of the window gets the same part of dy."""
    dy = dy * shares(x_shape, size, dy.shape, window, count_pad).astype(dy.dtype)
    (top, left), (h, w) = window.pad, x_shape[2:]
    dx = np.zeros((*x_shape[:2], h + 2 * top, w + 2 * left), dy.dtype)
    for _, _, values in taps(dx, size, dy.shape, window):
        values += dy
    return np.ascontiguousarray(dx[:, :, top : top + h, left : left + w])


def shares(x_shape: tuple[int, ...], size: Pair, out: tuple[int, ...], window: Window, count_pad: bool) -> Array:
    """One over the number of places that each output averages, (OH, OW)."""
    if count_pad:
        return np.full(out[2:], 1 / (size[0] * size[1]))
    ones = pad(np.ones((1, 1, *x_shape[2:])), window)
    return 1 / np.sum([values[0, 0] for _, _, values in taps(ones, size, out, window)], axis=0)
