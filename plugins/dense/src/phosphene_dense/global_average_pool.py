"""The mean of each channel over all pixels."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import (
    Array,
    Backward,
    Grads,
    Layer,
    Need,
    Params,
    Pass,
    no_backward,
)


@attrs.frozen
class GlobalAveragePool(Layer):
    """x (N, C, H, W) to y (N, C): the mean over H and W, whatever they are (Lin, Chen, Yan 2014)."""

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        if len(shape) != 3 or min(shape) < 1:
            raise ShapeError(f"global_average_pool wants images (channels, height, width), not {shape}")
        return {}, shape[:1]

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        if x.ndim != 4 or min(x.shape[1:]) < 1:
            raise ShapeError(f"global_average_pool wants images (N, C, H, W), not the shape {x.shape}")
        shape, need = x.shape, run.need
        y = x.reshape(*shape[:2], -1 if x.size else shape[2] * shape[3]).mean(axis=2)
        if need is Need.NOTHING:
            return y, no_backward

        def backward(dy: Array) -> tuple[Array | None, Grads]:
            if Need.INPUT not in need:
                return None, {}
            dx = np.empty(shape, dy.dtype)
            dx[...] = (dy / (shape[2] * shape[3]))[:, :, None, None]
            return dx, {}

        return y, backward
