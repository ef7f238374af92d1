"""Adam, and AdamW, its twin with decoupled weight decay."""

from typing import ClassVar

import attrs

from phosphene_core.options import option
from phosphene_optimizers.elementwise import ElementwiseOptimizer
from phosphene_optimizers.sgd import DECAY_VECTORS, WEIGHT_DECAY


@attrs.frozen
class Adam(ElementwiseOptimizer):
    """Momentum and RMSProp in one: p -= learning_rate * m / (sqrt(v) + eps), m and v the running means of g and of g
    squared, corrected for their start at zero. Kingma and Ba 2015."""

    rule: ClassVar[str] = "adam"
    memory: ClassVar[tuple[str, ...]] = ("m", "v")
    decoupled: ClassVar[bool] = False

    learning_rate: float = option(1e-3, "size of a step", ge=0)
    beta1: float = option(0.9, "how much of the mean gradient stays from step to step", ge=0, lt=1)
    beta2: float = option(0.999, "how much of the mean square stays from step to step", ge=0, lt=1)
    eps: float = option(1e-8, "added to the root of the mean square", gt=0)
    weight_decay: float = option(0.0, WEIGHT_DECAY, ge=0)
    decay_vectors: bool = option(False, DECAY_VECTORS)

    def constants(self, step: int, rate: float) -> tuple[float, ...]:
        corrections = 1 / (1 - self.beta1**step), 1 / (1 - self.beta2**step)
        return rate, self.beta1, self.beta2, self.eps, *corrections, float(self.decoupled)


@attrs.frozen
class AdamW(Adam):
    """Adam whose weight decay acts on the parameter and not on the gradient: p -= learning_rate * weight_decay * p,
    besides. Loshchilov and Hutter 2019."""

    decoupled: ClassVar[bool] = True

    weight_decay: float = option(1e-2, "weight decay, apart from the gradient", ge=0)
