"""What pattern in the picture made the answer."""

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
class Deconvnet(Attribution):
    """The network run backwards, from an answer to pixels.

    The network run backwards, as a deconvolutional network: the gradient through a twin of the model whose rectifiers
    rectify what comes back, whatever went up through them. Zeiler and Fergus 2014.

    The map (N, H, W) shows the pattern that a unit answers to, in the places where the max-pools found it.
    """

    paper: ClassVar[str] = "Zeiler, Fergus 2014"

    channels: str = option(
        "max", "how the colours' gradients become one number: the largest magnitude, the signed sum, or the length",
        choices=REDUCTIONS,
    )  # fmt: skip

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        gradient, values = image_gradient(with_rule(model, "deconvnet"), images, objective)
        return Result(reduce_channels(gradient, self.channels), values)
