"""How strongly one neuron answers."""

from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option
from phosphene_objectives.activation import checked_channel, place, settled


@attrs.frozen
class Neuron(Objective):
    """One channel at one place (Erhan et al. 2009); by default the place in the middle."""

    layer: str | None = option(None, "layer by name, such as conv4; none: one in the upper middle of the network")
    channel: int = option(0, "channel of the layer, from 0", ge=0)
    y: int | None = option(None, "row in the layer's map, from the top; none: the middle", ge=0)
    x: int | None = option(None, "column in the layer's map, from the left; none: the middle", ge=0)

    @classmethod
    def example(cls, rng: np.random.Generator) -> Self:
        return cls("conv2", 1)

    def bound(self, model: Any, images: Array) -> Self:
        return attrs.evolve(self, layer=settled(self.layer, model, 2 / 3))

    def upto(self, model: Any) -> str:
        return settled(self.layer, model, 2 / 3)

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        if self.layer is None:
            raise PhospheneError("the layer is not settled yet: call objective.bound(model, images) first")
        a = trace[self.layer]
        at = (slice(None), checked_channel(a, self.layer, self.channel), *place(a, self.layer, self.y, self.x))
        seed = np.zeros_like(a)
        seed[at] = 1
        return a[at], {self.layer: seed}

    def describe(self, model: Any) -> str:
        where = "" if self.y is None and self.x is None else f" at row {self.y}, column {self.x}"
        return f"{self.layer}, neuron of channel {self.channel}{where}"
