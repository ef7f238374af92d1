"""More of a picture's texture, made from noise."""

from collections.abc import Iterator
from typing import ClassVar, Literal

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.options import option
from phosphene_core.technique import Frame, Generation
from phosphene_imageopt import FourierCanvas, TotalVariation, ascend
from phosphene_objectives import GramMatch
from phosphene_texture.balance import balanced


@attrs.frozen
class Texture(Generation):
    """A picture's texture, made again from noise.

    Looks, from noise, for a picture in which the same features occur together as in the one that is given, wherever
    they are (Gatys, Ecker and Bethge 2015). What comes out has the texture and none of the arrangement; it may be
    larger than the sample. The value is minus the relative squared distance, 0 at a perfect match.
    """

    paper: ClassVar[str] = "Gatys, Ecker, Bethge 2015"
    objective: ClassVar[str] = "gram_match"
    picture: ClassVar[Literal["square", "whole", "none"]] = "whole"

    steps: int = option(300, "steps of the search", ge=1)
    learning_rate: float = option(0.04, "length of the first steps", gt=0)
    total_variation: float = option(0.1, "weight of the differences between neighbouring pixels", ge=0)
    height: int | None = option(None, "height of the result in pixels; none: the sample's", ge=16)
    width: int | None = option(None, "width of the result in pixels; none: the sample's", ge=16)

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        from phosphene_optimizers import Adam

        shape = (*images.shape[:2], self.height or images.shape[2], self.width or images.shape[3])
        blank = np.zeros(shape, images.dtype)
        if isinstance(objective, GramMatch):
            objective = balanced(objective)
        # Nearly flat at first: large blotches of noise would stay, for no layer sees that far.
        canvas = FourierCanvas(*model.pixel_range(blank), decay=1.25, amount=0.01, soft=False)
        return ascend(
            model, objective, canvas, canvas.noise(blank, rng), Adam(learning_rate=self.learning_rate), self.steps, rng,
            regularizers=((self.total_variation, TotalVariation()),), anneal=True,
        )  # fmt: skip
