"""The largest value of each channel over all places."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array, Backward, Grads, Layer, Need, Params, Pass, no_backward


@attrs.frozen
class GlobalMaxPool(Layer):
    """x (N, C, H, W) to y (N, C): the maximum over H and W, whatever they are: "is it anywhere?" (Oquab, Bottou, Laptev
    and Sivic 2015). The gradient goes to the first place that holds it."""

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        if len(shape) != 3 or min(shape) < 1:
            raise ShapeError(f"global_max_pool wants images (channels, height, width), not {shape}")
        return {}, shape[:1]

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        if x.ndim != 4 or min(x.shape[1:]) < 1:
            raise ShapeError(f"global_max_pool wants images (N, C, H, W), not the shape {x.shape}")
        flat = x.reshape(*x.shape[:2], x.shape[2] * x.shape[3])
        place = flat.argmax(axis=2)[:, :, None]
        y = np.take_along_axis(flat, place, axis=2)[:, :, 0]
        if Need.INPUT not in run.need:
            return y, no_backward if not run.need else lambda dy: (None, {})
        shape = x.shape

        def backward(dy: Array) -> tuple[Array, Grads]:
            dx = np.zeros((*shape[:2], shape[2] * shape[3]), dy.dtype)
            np.put_along_axis(dx, place, dy[:, :, None], axis=2)
            return dx.reshape(shape), {}

        return y, backward
