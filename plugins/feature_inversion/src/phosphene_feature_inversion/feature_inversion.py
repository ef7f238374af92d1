"""The picture back from a layer's features: what the network still knows there."""

from collections.abc import Iterator
from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.options import option
from phosphene_core.technique import Frame, Generation
from phosphene_imageopt import AlphaNorm, FourierCanvas, TotalVariation, ascend


@attrs.frozen
class FeatureInversion(Generation):
    """A picture, found again from what a layer kept of it.

    Starts from grey noise and looks for a picture with the same features in a layer (Mahendran and Vedaldi 2015).

    A low layer gives the picture back, a high one shows what has become indifferent. The value is minus half the
    squared distance of the features, over the squared length of those that are sought. The search is Adam's, in the
    spectrum; steps and weights fall to nothing towards the end, so that the features have the last word.
    """

    paper: ClassVar[str] = "Mahendran, Vedaldi 2015"
    objective: ClassVar[str] = "feature_match"

    steps: int = option(400, "steps of the search", ge=1)
    learning_rate: float = option(0.2, "length of the first steps", gt=0)
    total_variation: float = option(0.5, "weight of the differences between neighbouring pixels", ge=0)
    beta: float = option(2.0, "power of these differences: 2 is smooth, 1 keeps edges", ge=1)
    alpha_norm: float = option(0.01, "weight of the pixels' size, which holds back extreme colours", ge=0)
    alpha: float = option(6.0, "power of the pixels' size", ge=1)

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        from phosphene_optimizers import Adam

        # Natural spectra fall off quickly; starting nearly flat, the large shapes come first and the detail last.
        canvas = FourierCanvas(*model.pixel_range(images), decay=1.25, amount=0.01, soft=False)
        # Much momentum for long valleys, and a short memory of sizes, for the gradient shrinks on the way.
        adam = Adam(learning_rate=self.learning_rate, beta1=0.95, beta2=0.95)
        return ascend(
            model, objective, canvas, canvas.noise(images, rng), adam, self.steps, rng,
            regularizers=((self.total_variation, TotalVariation(self.beta)), (self.alpha_norm, AlphaNorm(self.alpha))),
            anneal=True,
        )  # fmt: skip
