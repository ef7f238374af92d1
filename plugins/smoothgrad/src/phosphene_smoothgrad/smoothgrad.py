"""An attribution that noise does not shake."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_value
from phosphene_core.options import option
from phosphene_core.technique import Attribution, Result
from phosphene_saliency import Saliency


@attrs.frozen
class SmoothGrad(Attribution):
    """Another attribution, averaged over noisy copies.

    Another attribution's maps for noisy copies of the picture, made into one: their mean (Smilkov et al. 2017), the
    mean of their squares (Hooker et al. 2019), or their variance (VarGrad, Adebayo et al. 2018).

    The map (N, H, W) is in the units of the other attribution, or in their square.
    """

    title: ClassVar[str] = "SmoothGrad"
    paper: ClassVar[str] = "Smilkov, Thorat, Kim, Viégas, Wattenberg 2017; Adebayo et al. 2018"

    of: Attribution = option(Saliency(), "the attribution to smooth")
    variant: str = option(
        "mean", "what becomes of the noisy maps: their mean, the mean of their squares, or their variance",
        choices=("mean", "squared", "vargrad"),
    )  # fmt: skip
    samples: int = option(25, "noisy copies of each picture", ge=1)
    noise: float = option(0.1, "standard deviation of the noise, as a fraction of the picture's range", gt=0)
    batch_size: int = option(50, "copies that are looked at in one go; fewer need less memory", ge=1)

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        count, total = len(images), self.samples * len(images)
        noise_rng, inner_rng = rng.spawn(2)  # two streams: the noise does not depend on the batch size
        spread = self.noise * np.ptp(images, axis=(1, 2, 3), keepdims=True) if count else images[:, :1, :1, :1]
        mean, squares = np.zeros((2, count, *images.shape[2:]))
        for first in range(0, total, self.batch_size):
            picture = np.arange(first, min(first + self.batch_size, total)) // self.samples
            noise = noise_rng.standard_normal((len(picture), *images.shape[1:]), np.float32) * spread[picture]
            noisy = (images[picture] + noise).astype(images.dtype)
            maps = self.of.attribute(model, noisy, objective.select(picture), inner_rng).maps
            np.add.at(mean, picture, maps / self.samples)
            np.add.at(squares, picture, np.square(maps, dtype=np.float64) / self.samples)
        made = {"mean": mean, "squared": squares, "vargrad": np.maximum(squares - mean**2, 0)}[self.variant]
        return Result(made.astype(images.dtype), image_value(model, images, objective))
