"""Which pixels would move the answer most if they changed a little."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.channels import REDUCTIONS, reduce_channels
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_gradient
from phosphene_core.options import option
from phosphene_core.technique import Attribution, Result


@attrs.frozen
class Saliency(Attribution):
    """The gradient of the objective by each pixel.

    Simonyan, Vedaldi and Zisserman 2014. The map (N, H, W) is in units of the objective per step of pixel value
    (0..255), unsigned with `max` and `norm`.
    """

    paper: ClassVar[str] = "Simonyan, Vedaldi, Zisserman 2014"

    channels: str = option(
        "max", "how the colours' gradients become one number: the largest magnitude, the signed sum, or the length",
        choices=REDUCTIONS,
    )  # fmt: skip

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        gradient, values = image_gradient(model, images, objective)
        return Result(reduce_channels(gradient, self.channels), values)
