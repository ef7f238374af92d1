"""How much a whole layer sees: DeepDream's question."""

from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option
from phosphene_objectives.activation import settled

UPPER_MIDDLE = 2 / 3


@attrs.frozen
class LayerActivation(Objective):
    """Half the sum of squares of a layer's activation. Its gradient is the activation itself, so whatever the layer
    already sees a little of is asked for most (Mordvintsev, Olah and Tyka 2015)."""

    layer: str | None = option(None, "layer by name, such as conv4; none: one in the upper middle of the network")

    def bound(self, model: Any, images: Array) -> Self:
        return attrs.evolve(self, layer=settled(self.layer, model, UPPER_MIDDLE))

    def upto(self, model: Any) -> str | None:
        return self.layer

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        if self.layer is None:
            raise PhospheneError("the layer is not settled yet: call objective.bound(model, images) first")
        a = trace[self.layer]
        return 0.5 * np.square(a).reshape(len(a), int(np.prod(a.shape[1:]))).sum(axis=1), {self.layer: a}

    def describe(self, model: Any) -> str:
        return f"what {self.layer or 'a layer'} sees"
