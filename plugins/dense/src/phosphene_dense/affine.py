"""The fully connected layer."""

import math
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
from phosphene_core.options import option
from phosphene_dense.product import product


@attrs.frozen
class Affine(Layer):
    """x (N, ...), flattened to (N, D), times W (D, units), plus b (units,): y (N, units).

    W starts from N(0, 1) * sqrt(2 / D) (He et al. 2015), b from 0.
    """

    units: int = option(help="number of outputs", ge=1)

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        inputs = math.prod(shape)
        if inputs < 1:
            raise ShapeError(f"affine wants inputs with at least one number each, not the shape {shape}")
        w = rng.standard_normal((inputs, self.units), np.float32)
        w *= np.float32(math.sqrt(2 / inputs))
        return {"W": w, "b": np.zeros(self.units, np.float32)}, (self.units,)

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        w, need, shape = params["W"], run.need, x.shape
        if math.prod(shape[1:]) != len(w):
            raise ShapeError(
                f"affine has weights {w.shape} for {len(w)} inputs; {shape[1:]} holds {math.prod(shape[1:])}"
            )
        rows = x.reshape(len(x), len(w))
        y = product(rows, w, params["b"])
        if need is Need.NOTHING:
            return y, no_backward
        kept = rows if Need.PARAMS in need else None

        def backward(dy: Array) -> tuple[Array | None, Grads]:
            grads: Grads = {}
            if kept is not None:
                grads = {"W": product(kept, dy, a_turned=True), "b": dy.sum(axis=0)}
            return product(dy, w, b_turned=True).reshape(shape) if Need.INPUT in need else None, grads

        return y, backward
