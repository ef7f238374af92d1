"""How far a layer's activation points in some direction."""

from typing import Any, Self

import attrs
import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array
from phosphene_core.objective import Objective, Traced
from phosphene_core.options import option
from phosphene_objectives.activation import known


@attrs.frozen(eq=False)
class Direction(Objective):
    """The activation's length along a direction (Szegedy et al. 2014; Kim et al. 2018): a combination of channels.

    `direction` has one number per channel (C,), and then counts alike at every place, as a mean; or it has the
    activation's own shape (C, H, W). Its length does not matter.
    """

    layer: str = option(help="layer by name, such as conv4")
    direction: tuple[float, ...] | Array = option(help="one number per channel of the layer")

    @classmethod
    def example(cls, rng: np.random.Generator) -> Self:
        return cls("conv2", rng.standard_normal(6))

    def bound(self, model: Any, images: Array) -> Self:
        known(self.layer, model)
        return self

    def upto(self, model: Any) -> str:
        return self.layer

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        a = trace[self.layer]
        direction = np.asarray(self.direction, dtype=a.dtype)
        length = np.sqrt(np.square(direction).sum())
        if not length > 0:
            raise ShapeError(f"the direction in {self.layer} must hold a number other than 0")
        direction = direction / length
        if direction.shape == a.shape[1:2]:
            places = int(np.prod(a.shape[2:]))
            direction = np.broadcast_to(direction.reshape(-1, *[1] * (a.ndim - 2)) / places, a.shape[1:])
        if direction.shape != a.shape[1:]:
            raise ShapeError(
                f"the direction has shape {direction.shape}; {self.layer} wants one number for each of its "
                f"{a.shape[1]} channels, or its own shape {a.shape[1:]}"
            )
        value = (a * direction).reshape(len(a), int(np.prod(a.shape[1:]))).sum(axis=1)
        return value, {self.layer: np.broadcast_to(direction, a.shape).astype(a.dtype)}

    def describe(self, model: Any) -> str:
        return f"a direction in {self.layer}"
