"""The rectifier, and the three ways back through it."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.epilogue import RULES, Epilogue
from phosphene_core.layer import Array, Backward, Layer, Need, Params, Pass, no_backward
from phosphene_core.options import option
from phosphene_core.threads import threads
from phosphene_dense import twins
from phosphene_dense.arrays import checked
from phosphene_dense.engine import kernels


@attrs.frozen
class ReLU(Layer):
    """y = max(0, x), for x of any shape.

    `rule` says what goes back: `gradient` what is true (dy where x > 0); `deconvnet` dy where dy > 0 (Zeiler, Fergus
    2014); `guided` dy where both are (Springenberg et al. 2015). Guided backpropagation is the same network with
    another rule.
    """

    rule: str = option("gradient", "what its backward pass lets through", choices=RULES)

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        return {}, shape

    def as_epilogue(self, params: Params, run: Pass) -> Epilogue | None:
        return Epilogue(rule=self.rule)

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        y = rectify(x)
        if Need.INPUT not in run.need:
            return y, no_backward if run.need is Need.NOTHING else lambda dy: (None, {})
        return y, lambda dy: (rectify_backward(dy, y, self.rule), {})


def rectify(x: Array) -> Array:
    """max(0, x); a NaN stays one."""
    x = checked("x", x)
    if (compiled := kernels()) is None:
        return twins.rectify(x)
    y = np.empty(x.shape, x.dtype)
    compiled.rectify(x, y, threads())
    return y


def rectify_backward(dy: Array, y: Array, rule: str = "gradient") -> Array:
    """dx from dy and the rectifier's output y, by one of `RULES`."""
    y = checked("y", y)
    dy = checked("dy", dy, y, y.shape)
    if (compiled := kernels()) is None:
        return twins.rectify_backward(dy, y, rule)
    dx = np.empty(y.shape, y.dtype)
    compiled.rectify_backward(dy, y, dx, 1 + RULES.index(rule), threads())
    return dx
