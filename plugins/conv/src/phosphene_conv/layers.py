"""The plugin's layers: convolution, max pooling, average pooling."""

import math
from typing import Any

import attrs
import numpy as np

from phosphene_conv.convolution import conv2d, conv2d_backward_data, conv2d_backward_weights
from phosphene_conv.pooling import (
    avg_pool2d,
    avg_pool2d_backward,
    max_pool2d,
    max_pool2d_backward,
    sliding,
)
from phosphene_conv.whitening import whitened
from phosphene_conv.window import Window
from phosphene_core.epilogue import Epilogue
from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array, Backward, Grads, Layer, Need, Params, Pass, no_backward
from phosphene_core.options import option


def _image_shape(layer: str, shape: Any) -> tuple[int, int, int]:
    if not isinstance(shape, tuple) or len(shape) != 3 or min(shape) < 1:
        raise ShapeError(f"{layer} wants images (channels, height, width), not {shape}")
    return shape


@attrs.frozen
class Conv2d(Layer):
    """Convolution: x (N, C, H, W) to y (N, filters, OH, OW), OH = (H + 2 pad - dilation (size - 1) - 1) // stride + 1.

    Parameters W (filters, C, size, size), from N(0, 1) * sqrt(2 / fan_in) (He et al. 2015), or by `whitened`, and
    b (filters,), from 0.
    """

    filters: int = option(64, "number of filters", ge=1)
    size: int | tuple[int, int] = option(3, "height and width of each filter", ge=1)
    stride: int | tuple[int, int] = option(1, "pixels from one output to the next", ge=1)
    pad: int | tuple[int, int] = option(1, "rows and columns of zeros on each side", ge=0)
    dilation: int | tuple[int, int] = option(1, "pixels from one tap of a filter to the next", ge=1)
    winograd: bool = option(
        True, "quicker 3 x 3 filters at stride 1, by minimal filtering; off: smaller rounding errors"
    )

    whitened: bool = option(
        False, "filters start against whitened patches: for pixels, most of which are like their neighbours"
    )

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        channels, *image = _image_shape("conv2d", shape)
        size = self.size if isinstance(self.size, tuple) else (self.size, self.size)
        out = Window.of(self.stride, self.pad, self.dilation).output(tuple(image), size)
        w = rng.standard_normal((self.filters, channels, *size), np.float32)
        w *= np.float32(math.sqrt(2 / (channels * size[0] * size[1])))
        return {"W": whitened(w) if self.whitened else w, "b": np.zeros(self.filters, np.float32)}, (self.filters, *out)

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        how: dict[str, Any] = {"stride": self.stride, "pad": self.pad, "dilation": self.dilation}
        w, need, x_shape = params["W"], run.need, x.shape
        y = conv2d(x, w, params["b"], winograd=self.winograd, **how)
        if need is Need.NOTHING:
            return y, no_backward
        kept = x if Need.PARAMS in need else None

        def backward(dy: Array) -> tuple[Array | None, Grads]:
            grads: Grads = {}
            if kept is not None:
                grads["W"], grads["b"] = conv2d_backward_weights(dy, kept, w.shape, winograd=self.winograd, **how)
            if Need.INPUT not in need:
                return None, grads
            return conv2d_backward_data(dy, w, x_shape, winograd=self.winograd, **how), grads

        return y, backward

    def forward_with(self, params: Params, x: Array, run: Pass, epilogue: Epilogue) -> tuple[Array, Backward]:
        """In evaluation: bias, scale, shift and rectifier are applied while the output is in cache."""
        how: dict[str, Any] = {"stride": self.stride, "pad": self.pad, "dilation": self.dilation}
        w, b, scale, rule, x_shape = params["W"], params["b"], epilogue.scale, epilogue.rule, x.shape
        if scale is not None:
            b, scale = b * scale, scale.astype(x.dtype, copy=False)
        if epilogue.shift is not None:
            b = b + epilogue.shift
        y = conv2d(x, w, b.astype(x.dtype, copy=False), scale=scale, relu=rule is not None, winograd=self.winograd, **how)
        if Need.INPUT not in run.need:
            return y, no_backward

        def backward(dy: Array) -> tuple[Array, Grads]:
            back = {"scale": scale, "y": y, "rule": rule, "winograd": self.winograd, **how}
            return conv2d_backward_data(dy, w, x_shape, **back), {}

        return y, backward


@attrs.frozen
class _Pool(Layer):
    """What the two pools share: their settings and the shape of their output."""

    size: int | tuple[int, int] = option(2, "height and width of the window", ge=1)
    stride: int | tuple[int, int] | None = option(None, "pixels from one window to the next; none: the size", ge=1)
    pad: int | tuple[int, int] = option(0, "rows and columns on each side that hold nothing", ge=0)

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        channels, *image = _image_shape("pooling", shape)
        size, window = sliding(self.size, self.stride, self.pad)
        return {}, (channels, *window.output(tuple(image), size))


@attrs.frozen
class MaxPool2d(_Pool):
    """The largest value under each window: x (N, C, H, W) to y (N, C, OH, OW). No parameters."""

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        y, where = max_pool2d(x, self.size, stride=self.stride, pad=self.pad)
        if Need.INPUT not in run.need:
            return y, no_backward if run.need is Need.NOTHING else lambda dy: (None, {})
        shape = x.shape
        return y, lambda dy: (
            max_pool2d_backward(dy, where, shape, self.size, stride=self.stride, pad=self.pad), {})  # fmt: skip


@attrs.frozen
class AveragePool2d(_Pool):
    """The mean under each window: x (N, C, H, W) to y (N, C, OH, OW). No parameters."""

    count_pad: bool = option(True, "places in the pad count as zeros")

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        how: dict[str, Any] = {"stride": self.stride, "pad": self.pad, "count_pad": self.count_pad}
        y, shape = avg_pool2d(x, self.size, **how), x.shape
        if Need.INPUT not in run.need:
            return y, no_backward if run.need is Need.NOTHING else lambda dy: (None, {})
        return y, lambda dy: (avg_pool2d_backward(dy, shape, self.size, **how), {})
