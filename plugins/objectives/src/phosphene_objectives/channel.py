"""How strongly a channel of a layer answers."""

from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option
from phosphene_objectives.activation import checked_channel, settled


@attrs.frozen
class Channel(Objective):
    """The mean of one channel over all places (Olah, Mordvintsev and Schubert 2017): what one filter looks for."""

    layer: str | None = option(None, "layer by name, such as conv4; none: one in the upper middle of the network")
    channel: int | None = option(None, "channel of the layer, from 0; none: the one that answers most", ge=0)

    @classmethod
    def example(cls, rng: np.random.Generator) -> Self:
        return cls("conv2", 1)

    def bound(self, model: Any, images: Array) -> Self:
        layer, channel = settled(self.layer, model, 2 / 3), self.channel
        if channel is None:  # a channel taken blindly may be dead
            a = model.trace(images, upto=layer, run=Pass(need=Need.NOTHING))[layer]
            channel = int(a.mean(axis=(0, *range(2, a.ndim))).argmax()) if len(a) else 0
        return attrs.evolve(self, layer=layer, channel=channel)

    def upto(self, model: Any) -> str:
        return settled(self.layer, model, 2 / 3)

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        if self.layer is None or self.channel is None:
            raise PhospheneError("the layer is not settled yet: call objective.bound(model, images) first")
        a = trace[self.layer]
        channel = checked_channel(a, self.layer, self.channel)
        answers = a[:, channel].reshape(len(a), int(np.prod(a.shape[2:])))
        seed = np.zeros_like(a)
        seed[:, channel] = 1 / answers.shape[1]
        return answers.mean(axis=1), {self.layer: seed}

    def describe(self, model: Any) -> str:
        return f"{self.layer}, channel {self.channel}"
