"""How a layer hands relevance down: each rule wraps a layer and sends back relevance where it sent a gradient."""

from typing import Any

import attrs
import numpy as np

from phosphene_conv.layers import Conv2d
from phosphene_core.layer import Array, Backward, Grads, Layer, Need, Params, Pass
from phosphene_dense import Affine

LINEAR = (Conv2d, Affine)
"""Layers whose contributions are weight times input. All others (rectifiers, pools, normalization, dropout) take the
epsilon rule, which hands relevance straight through where the output is the input or a mean or maximum of it."""


STEADY = 1e-12
"""The epsilon of those others."""


@attrs.frozen
class Epsilon(Layer):
    """Relevance in proportion to each input's contribution z = w x, over the sum of them and a little `epsilon` of its
    sign (Bach et al. 2015, equation 58). For a layer of one degree in its input this is input times gradient."""

    layer: Layer
    epsilon: float = STEADY

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        return self.layer.init(rng, shape)

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        y, gradient = self.layer.forward(params, x, attrs.evolve(run, need=run.need & Need.INPUT))

        def backward(relevance: Array) -> tuple[Array, Grads]:
            return x * gradient(share(relevance, y, self.epsilon))[0], {}

        return y, backward


@attrs.frozen
class AlphaBeta(Layer):
    """`alpha` times the relevance in proportion to positive contributions, less `alpha - 1` times that in proportion to
    negative ones (Bach et al. 2015, equation 60). With alpha 1 and no bias this is the z-plus rule (Montavon et al.
    2017), which keeps all relevance and never makes any negative.
    """

    layer: Layer
    alpha: float = 2.0
    biased: bool = True

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        return self.layer.init(rng, shape)

    def forward(self, params: Params, x: Array, run: Pass) -> tuple[Array, Backward]:
        y, _ = self.layer.forward(params, x, attrs.evolve(run, need=Need.NOTHING))

        def backward(relevance: Array) -> tuple[Array, Grads]:
            beta = self.alpha - 1
            handed = self.alpha * self._handed(params, x, relevance, run, 1)
            return (handed - beta * self._handed(params, x, relevance, run, -1) if beta else handed), {}

        return y, backward

    def _handed(self, params: Params, x: Array, relevance: Array, run: Pass, sign: int) -> Array:
        """Relevance in proportion to the contributions of one sign: inputs and weights of like or of unlike sign."""
        total: Any = clipped(params["b"], sign) if self.biased else 0.0
        total = np.reshape(total, (-1, *[1] * (relevance.ndim - 2))) if self.biased else total
        ways = []
        for side in (1, -1) if x.min(initial=0) < 0 else (1,):
            part = clipped(x, side)
            weights = {**params, "W": clipped(params["W"], side * sign), "b": np.zeros_like(params["b"])}
            y, gradient = self.layer.forward(weights, part, attrs.evolve(run, need=Need.INPUT))
            total = total + y
            ways.append((part, gradient))
        shared = share(relevance, total, 0.0)
        return np.asarray(sum(part * gradient(shared)[0] for part, gradient in ways))


def share(relevance: Array, total: Array, epsilon: float) -> Array:
    """Relevance over the sum of contributions; nothing where there are none."""
    steady = total + np.where(total >= 0, epsilon, -epsilon).astype(total.dtype)
    return np.divide(relevance, steady, out=np.zeros_like(total), where=steady != 0)


def clipped(values: Array, sign: int) -> Array:
    """The values of this sign, others as zero."""
    return np.asarray(np.maximum(values, 0) if sign > 0 else np.minimum(values, 0))
