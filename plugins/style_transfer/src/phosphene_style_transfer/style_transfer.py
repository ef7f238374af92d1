"""A photograph in the style of another picture."""

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
from phosphene_style_transfer.style import style_match

LOWEST = 5
"""So many of the lowest layers make the style, unless they are named."""


@attrs.frozen
class StyleTransfer(Generation):
    """A photograph's content in another picture's style.

    Starts from a photograph and looks for a picture that keeps its content, the features of one layer, and takes the
    style of another one, which features occur together in several layers (Gatys, Ecker and Bethge 2016).

    The content is the objective, `feature_match` unless another is named; the value is the content's less the
    weighted style's. Both are relative, so that weights hold for all pictures: 0 at a perfect match.
    """

    paper: ClassVar[str] = "Gatys, Ecker, Bethge 2016"
    objective: ClassVar[str] = "feature_match"
    picture: ClassVar[Literal["square", "whole", "none"]] = "whole"

    style: str | None = option(None, "picture file whose style is taken; none: brush strokes of our own")
    style_weight: float = option(3.0, "weight of the style against the content", ge=0)
    style_layers: tuple[str, ...] = option((), "layers that make the style; none: the five lowest")
    layer_weights: tuple[float, ...] = option((1.0,), "weight of each of these layers, the last one repeated", ge=0)
    style_scale: float = option(1.0, "size of the style picture, where 1 is the photograph's own", gt=0, le=4)
    total_variation: float = option(1.0, "weight of the differences between neighbouring pixels", ge=0)
    steps: int = option(200, "steps of the search", ge=1)
    learning_rate: float = option(0.03, "length of the first steps", gt=0)

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        from phosphene_optimizers import Adam

        longest = round(max(images.shape[2:]) * self.style_scale)
        layers = self.style_layers or model.feature_maps[:LOWEST]
        style = style_match(model, self.style, longest, layers, self.layer_weights)
        # Steps in a steep spectrum change large shapes before fine ones: strokes, and not the strides' grid.
        canvas = FourierCanvas(*model.pixel_range(images), decay=1.25)
        return ascend(
            model, objective + self.style_weight * style, canvas, canvas.encode(images),
            Adam(learning_rate=self.learning_rate), self.steps, rng,
            regularizers=((self.total_variation, TotalVariation()),), anneal=True,
        )  # fmt: skip
