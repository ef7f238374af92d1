"""Stochastic gradient descent with momentum."""

from typing import ClassVar

import attrs

from phosphene_core.options import option
from phosphene_optimizers.elementwise import ElementwiseOptimizer
from phosphene_optimizers.sgd import DECAY_VECTORS, WEIGHT_DECAY


@attrs.frozen
class Momentum(ElementwiseOptimizer):
    """Gradients add up to a velocity, v = momentum * v + g, and p -= learning_rate * v. Polyak 1964.

    `nesterov`: p -= learning_rate * (g + momentum * v), the gradient as if taken one step ahead (Nesterov 1983;
    Sutskever et al. 2013). The velocity is in units of the gradient, so a new learning rate acts at once.
    """

    rule: ClassVar[str] = "momentum"
    memory: ClassVar[tuple[str, ...]] = ("v",)

    learning_rate: float = option(1e-2, "size of a step", ge=0)
    momentum: float = option(0.9, "how much of the velocity stays from step to step", ge=0, lt=1)
    nesterov: bool = option(False, "look one step ahead (Nesterov)")
    weight_decay: float = option(0.0, WEIGHT_DECAY, ge=0)
    decay_vectors: bool = option(False, DECAY_VECTORS)

    def constants(self, step: int, rate: float) -> tuple[float, ...]:
        return rate, self.momentum, float(self.nesterov)
