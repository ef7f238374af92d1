"""Stochastic gradient descent."""

from typing import ClassVar

import attrs

from phosphene_core.options import option
from phosphene_optimizers.elementwise import ElementwiseOptimizer

WEIGHT_DECAY = "weight decay, added to the gradient"
DECAY_VECTORS = "decay one-dimensional parameters too: biases, and the scales and shifts of normalization"


@attrs.frozen
class SGD(ElementwiseOptimizer):
    """Each parameter goes against its gradient: p -= learning_rate * g. Robbins and Monro 1951."""

    rule: ClassVar[str] = "sgd"

    learning_rate: float = option(1e-2, "size of a step", ge=0)
    weight_decay: float = option(0.0, WEIGHT_DECAY, ge=0)
    decay_vectors: bool = option(False, DECAY_VECTORS)

    def constants(self, step: int, rate: float) -> tuple[float, ...]:
        return (rate,)
