"""Dropout."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Backward, Layer, Need, Params, Pass, no_backward
from phosphene_core.options import option


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
        kept = run.rng.random(x.shape, np.float32) >= np.float32(self.rate)
        growth = x.dtype.type(1 / (1 - self.rate))
        y = np.where(kept, x * growth, x.dtype.type(0))
        if Need.INPUT not in run.need:
            return y, no_backward if run.need is Need.NOTHING else lambda dy: (None, {})
        return y, lambda dy: (np.where(kept, dy * growth, dy.dtype.type(0)), {})
