"""How near a layer's features are to those of a reference picture."""

from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError, ShapeError
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option
from phosphene_objectives.activation import settled

LOWER_HALF = 1 / 3


@attrs.frozen(eq=False)
class FeatureMatch(Objective):
    """Minus half the squared distance of a layer's features to a reference's, over the reference's squared length
    (Mahendran and Vedaldi 2015): 0 at a perfect match, -0.5 where the features are all zero.

    Without `features` (N or 1, ...), `bound` takes those of the pictures that it is bound to: a technique that starts
    from noise then finds its way back to them.
    """

    layer: str | None = option(None, "layer by name, such as conv4; none: one in the lower half of the network")
    features: Array | None = attrs.field(default=None, repr=False, kw_only=True)

    @classmethod
    def of(cls, model: Any, images: Array, layer: str | None) -> Self:
        """The match with the features of these pictures."""
        layer = settled(layer, model, LOWER_HALF)
        return cls(layer, features=model.trace(images, upto=layer, run=Pass(need=Need.NOTHING))[layer])

    @classmethod
    def example(cls, rng: np.random.Generator) -> Self:
        return cls("conv2", features=rng.standard_normal((1, 6, 12, 12)).astype(np.float32))

    def bound(self, model: Any, images: Array) -> Self:
        layer = settled(self.layer, model, LOWER_HALF)
        return self.of(model, images, layer) if self.features is None else attrs.evolve(self, layer=layer)

    def select(self, rows: Array) -> Self:
        if self.features is None or len(self.features) == 1:
            return self
        return attrs.evolve(self, features=self.features[rows])

    def upto(self, model: Any) -> str:
        return settled(self.layer, model, LOWER_HALF)

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        if self.features is None or self.layer is None:
            raise PhospheneError("the features are not settled yet: call objective.bound(model, images) first")
        a = trace[self.layer]
        if self.features.shape[1:] != a.shape[1:] or len(self.features) not in (1, len(a)):
            raise ShapeError(
                f"the reference's {self.layer} has shape {self.features.shape}; the picture's has {a.shape}"
            )
        axes = tuple(range(1, a.ndim))
        length = np.square(self.features).sum(axis=axes, keepdims=True)
        away = a - self.features
        scale = 1 / np.where(length > 0, length, 1)
        return (-0.5 * scale * np.square(away)).sum(axis=axes), {self.layer: -scale * away}

    def describe(self, model: Any) -> str:
        return f"the reference's {self.layer}"
