"""How much each pixel adds to the answer, to first order."""

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
class InputXGradient(Attribution):
    """The picture times the gradient.

    The picture, less the model's mean, times the objective's gradient by it. Shrikumar et al. 2016.

    The map (N, H, W) is in units of the objective, signed with `sum`: a first-order guess of what would be lost if
    the pixel took the mean picture's colour. In a network without biases the sums are exact.
    """

    title: ClassVar[str] = "Input × gradient"
    paper: ClassVar[str] = "Shrikumar, Greenside, Shcherbina, Kundaje 2016"

    channels: str = option(
        "sum", "how the colours' shares become one number: the signed sum, the largest magnitude, or the length",
        choices=REDUCTIONS,
    )  # fmt: skip

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        gradient, values = image_gradient(model, images, objective)
        return Result(reduce_channels(images * gradient, self.channels), values)
