"""What each detail adds to the answer as a blurred picture grows sharp."""

from typing import ClassVar

import attrs
import numpy as np
from phosphene_core import (
    REDUCTIONS,
    Array,
    Attribution,
    ImageModel,
    Objective,
    Result,
    image_gradient,
    image_value,
    option,
    reduce_channels,
)
from phosphene_core.image import blur


@attrs.frozen
class BlurPath(Attribution):
    """The gradient times the change of the picture, summed along the way from blurred to sharp.

    No baseline of a foreign colour is needed: what is added on the way is the picture's own detail. The map (N, H, W)
    is in units of the objective and, with `sum`, adds up to its rise from the blurred picture to the sharp one; the
    facts tell that `rise` and by how much the map misses it (`completeness_gap`), each (N,).
    """

    paper: ClassVar[str] = "Xu, Venugopalan, Sundararajan 2020"

    steps: int = option(40, "steps on the way from blurred to sharp", ge=1)
    sigma: float = option(0.1, "the first blur's standard deviation, as a share of the picture's height", gt=0, le=1)
    channels: str = option("sum", "how the colours' shares become one number", choices=REDUCTIONS)

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        widest = self.sigma * images.shape[2]
        sigmas = widest * (1 - np.arange(self.steps + 1) / self.steps)
        values = image_value(model, images, objective)
        here = blurred = blur(images, float(sigmas[0]))
        shares = np.zeros_like(images)
        for sigma in sigmas[1:]:
            there = blur(images, float(sigma))
            gradient, _ = image_gradient(model, (here + there) / 2, objective)
            shares += gradient * (there - here)
            here = there
        rise = values - image_value(model, blurred, objective)
        gap = np.abs(shares.sum(axis=(1, 2, 3)) - rise) / np.maximum(np.abs(rise), 1e-12)
        return Result(reduce_channels(shares, self.channels), values, {"rise": rise, "completeness_gap": gap})
