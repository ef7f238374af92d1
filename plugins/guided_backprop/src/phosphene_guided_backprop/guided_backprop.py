"""The gradient along nothing but what speaks for the answer."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.channels import REDUCTIONS, reduce_channels
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_gradient
from phosphene_core.options import option
from phosphene_core.technique import Attribution, Result
from phosphene_core.twin import with_rule


@attrs.frozen
class GuidedBackprop(Attribution):
    """The gradient, less what is negative on its way back.

    The gradient through a twin of the model whose rectifiers also stop what is negative on its way back. Springenberg
    et al. 2015.

    The map (N, H, W) is sharp, but says more about the picture's edges than about the model (Adebayo et al. 2018).
    """

    title: ClassVar[str] = "Guided backpropagation"
    paper: ClassVar[str] = "Springenberg, Dosovitskiy, Brox, Riedmiller 2015"

    channels: str = option(
        "max", "how the colours' gradients become one number: the largest magnitude, the signed sum, or the length",
        choices=REDUCTIONS,
    )  # fmt: skip

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        gradient, values = image_gradient(with_rule(model, "guided"), images, objective)
        return Result(reduce_channels(gradient, self.channels), values)
