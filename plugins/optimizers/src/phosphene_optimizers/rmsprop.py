"""RMSProp."""

from typing import ClassVar

import attrs

from phosphene_core.options import option
from phosphene_optimizers.elementwise import ElementwiseOptimizer
from phosphene_optimizers.sgd import DECAY_VECTORS, WEIGHT_DECAY


@attrs.frozen
class RMSProp(ElementwiseOptimizer):
    """Steps of about one size: p -= learning_rate * g / (sqrt(v) + eps), v a running mean of g squared. Tieleman and
    Hinton 2012."""

    rule: ClassVar[str] = "rmsprop"
    memory: ClassVar[tuple[str, ...]] = ("v",)

    learning_rate: float = option(1e-2, "size of a step", ge=0)
    decay_rate: float = option(0.99, "how much of the mean square stays from step to step", ge=0, lt=1)
    eps: float = option(1e-8, "added to the root of the mean square", gt=0)
    weight_decay: float = option(0.0, WEIGHT_DECAY, ge=0)
    decay_vectors: bool = option(False, DECAY_VECTORS)

    def constants(self, step: int, rate: float) -> tuple[float, ...]:
        return rate, self.decay_rate, self.eps
