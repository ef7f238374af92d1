"""Each example as one row."""

import math
from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array, Backward, Layer, Params, Pass


@attrs.frozen
class Flatten(Layer):
    """x (N, ...) to y (N, D): the same numbers, each example in one row."""

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        return {}, (math.prod(shape),)

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        shape = x.shape
        return x.reshape(len(x), math.prod(shape[1:])), lambda dy: (
            dy.reshape(shape),
            {},
        )
