"""The layer: shapes and settings here, numbers in the kernel."""

import math
from typing import Any

import attrs
import numpy as np
from phosphene_core import Array, Backward, Grads, Layer, Need, Params, Pass, ShapeError, option
from phosphene_core.layer import no_backward

from maxout_layer import twin

try:
    from maxout_layer import _kernel as kernel  # type: ignore[attr-defined]
except ImportError:
    kernel = twin

COMPILED = kernel is not twin


@attrs.frozen
class Maxout(Layer):
    """The largest of every `pieces` neighbouring channels: x (N, C, ...) to y (N, C / pieces, ...).

    After a convolution or an affine layer it is a rectifier whose form is learned. Goodfellow et al. 2013.
    `ShapeError` unless the number of channels is a multiple of `pieces`.
    """

    pieces: int = option(2, "channels that compete with one another", ge=2, le=255)

    @classmethod
    def example(cls, rng: np.random.Generator) -> Any:
        return cls(3), rng.standard_normal((2, 6, 4, 5))

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        if not isinstance(shape, tuple) or not shape or shape[0] % self.pieces:
            raise ShapeError(f"maxout wants channels in a multiple of {self.pieces}, not {shape}")
        return {}, (shape[0] // self.pieces, *shape[1:])

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        count, channels, *rest = x.shape
        y, which = kernel.largest(np.ascontiguousarray(x).reshape(count, channels, math.prod(rest)), self.pieces)
        if run.need is Need.NOTHING:
            return y.reshape(count, channels // self.pieces, *rest), no_backward

        def backward(dy: Array) -> tuple[Array, Grads]:
            dx = kernel.spread(np.ascontiguousarray(dy).reshape(which.shape), which, self.pieces)
            return dx.reshape(x.shape), {}

        return y.reshape(count, channels // self.pieces, *rest), backward
