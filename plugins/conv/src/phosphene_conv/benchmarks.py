"""What `phosphene bench` measures here: the nine convolutions of the course's network, and pooling."""

from functools import partial
from typing import Any

import numpy as np

from phosphene_conv.convolution import conv2d, conv2d_backward_data, conv2d_backward_weights
from phosphene_conv.pooling import max_pool2d, max_pool2d_backward

LAYERS = (  # channels, side, filters, size, stride, pad
    (3, 64, 64, 5, 2, 2),
    (64, 32, 64, 3, 1, 1),
    (64, 32, 128, 3, 2, 1),
    (128, 16, 128, 3, 1, 1),
    (128, 16, 256, 3, 2, 1),
    (256, 8, 256, 3, 1, 1),
    (256, 8, 512, 3, 2, 1),
    (512, 4, 512, 3, 1, 1),
    (512, 4, 1024, 3, 2, 1),
)


def add(register: Any) -> None:
    """Offer the cases."""
    for images in (32, 1):
        for number, (channels, side, filters, size, stride, pad) in enumerate(LAYERS, 1):
            out = (side + 2 * pad - size) // stride + 1
            products = 2.0 * images * filters * out * out * channels * size * size
            made = partial(_convolution, images, channels, side, filters, size, stride, pad)
            register("kernel", f"conv{number}, N={images}, forward", partial(made, back=False), products)
            register("kernel", f"conv{number}, N={images}, backward", partial(made, back=True), 2 * products)
    for back in (False, True):
        way = "backward" if back else "forward"
        register("kernel", f"max pool 2x2, 32x64x32x32, {way}", partial(_pooling, back))


def _convolution(
    images: int, channels: int, side: int, filters: int, size: int, stride: int, pad: int, back: bool
) -> Any:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((images, channels, side, side), np.float32)
    w, b = rng.standard_normal((filters, channels, size, size), np.float32), rng.standard_normal(filters, np.float32)
    if not back:
        return lambda: conv2d(x, w, b, stride=stride, pad=pad)
    dy = np.ones_like(conv2d(x, w, b, stride=stride, pad=pad))

    def backward() -> None:
        conv2d_backward_data(dy, w, x.shape, stride=stride, pad=pad)
        conv2d_backward_weights(dy, x, w.shape, stride=stride, pad=pad)

    return backward


def _pooling(back: bool) -> Any:
    x = np.random.default_rng(0).standard_normal((32, 64, 32, 32), np.float32)
    if not back:
        return lambda: max_pool2d(x, 2)
    y, where = max_pool2d(x, 2)
    return lambda: max_pool2d_backward(y, where, x.shape, 2)
