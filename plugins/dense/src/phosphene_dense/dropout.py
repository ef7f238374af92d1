"""Dropout."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Backward, Layer, Need, Params, Pass, no_backward
from phosphene_core.options import option
from phosphene_core.threads import threads
from phosphene_dense import twins
from phosphene_dense.arrays import checked
from phosphene_dense.engine import kernels


@attrs.frozen
class Dropout(Layer):
    """In training, each number becomes 0 with probability `rate` and the rest grow by 1 / (1 - rate); else x itself.

    Srivastava et al. 2014, in the inverted form: nothing is left to scale in evaluation. Draws from the pass's `rng`.
    """

    rate: float = option(0.5, "share of the numbers that are dropped", ge=0, lt=1)

    @classmethod
    def example(cls, rng: np.random.Generator) -> tuple["Dropout", Array]:
        return cls(0.3), rng.standard_normal((3, 4, 5))

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        return {}, shape

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        if not run.train or self.rate == 0:
            return x, lambda dy: (dy, {})
        if run.rng is None:
            raise PhospheneError("dropout draws random numbers in training: give the pass an rng")
        key = run.rng.integers(0, 2**32, 2, np.uint32)
        y = drop(x, key, self.rate)
        if Need.INPUT not in run.need:
            return y, no_backward if run.need is Need.NOTHING else lambda dy: (None, {})
        return y, lambda dy: (drop(dy, key, self.rate), {})


def drop(x: Array, key: Array, rate: float) -> Array:
    """x / (1 - rate), or 0 with probability `rate`, by the number's place and `key`, (2,) uint32. The same key drops
    the same places, so there is no mask to keep."""
    x = checked("x", x)
    threshold, growth = min(round(rate * 2**32), 2**32 - 1), 1 / (1 - rate)
    if (compiled := kernels()) is None:
        return twins.drop(x, key, threshold, growth)
    y = np.empty(x.shape, x.dtype)
    compiled.drop(x, y, key, threshold, growth, threads())
    return y
