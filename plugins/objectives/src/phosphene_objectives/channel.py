"""How strongly a channel of a layer answers."""

from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option
from phosphene_objectives.activation import checked_channel, known


@attrs.frozen
class Channel(Objective):
    """The mean of one channel over all places (Olah, Mordvintsev and Schubert 2017): what one filter looks for."""

    layer: str = option(help="layer by name, such as conv4")
    channel: int = option(help="channel of the layer, from 0", ge=0)

    @classmethod
    def example(cls, rng: np.random.Generator) -> Self:
        return cls("conv2", 1)

    def bound(self, model: Any, images: Array) -> Self:
        known(self.layer, model)
        return self

    def upto(self, model: Any) -> str:
        return self.layer

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        a = trace[self.layer]
        channel = checked_channel(a, self.layer, self.channel)
        answers = a[:, channel].reshape(len(a), int(np.prod(a.shape[2:])))
        seed = np.zeros_like(a)
        seed[:, channel] = 1 / answers.shape[1]
        return answers.mean(axis=1), {self.layer: seed}

    def describe(self, model: Any) -> str:
        return f"{self.layer}, channel {self.channel}"
