"""A picture that a model reacts to most: what class and feature visualization have in common."""

from collections.abc import Iterator
from typing import ClassVar, Literal

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.options import option
from phosphene_core.technique import Frame, Generation
from phosphene_imageopt.ascent import ascend
from phosphene_imageopt.canvas import Canvas, PixelCanvas
from phosphene_imageopt.cutouts import CutoutCanvas
from phosphene_imageopt.fourier import FourierCanvas
from phosphene_imageopt.regularizers import AlphaNorm, TotalVariation
from phosphene_imageopt.transforms import Affine, Jitter, Transform

DECAY = 1.25
"""Spectra that fall off a little faster than a photograph's: a network of strided convolutions asks for more than its
share of the fine grid."""


def ordered(pair: tuple[float, float]) -> str | None:
    """What is wrong with a range of factors, if anything."""
    return None if pair[0] <= pair[1] else "must be the smaller factor, then the larger one"


@attrs.frozen
class Visualization(Generation):
    """Gradient ascent from noise to a picture that raises the objective, whatever it is. The shape of the pictures that
    are given counts, not their content."""

    picture: ClassVar[Literal["square", "whole", "none"]] = "none"

    steps: int = option(100, "steps of ascent", ge=1)
    learning_rate: float = option(0.035, "length of a step of Adam", gt=0)
    basis: str = option("fourier", "what is climbed in: the spectrum with decorrelated colour, pixels, or cut-outs of paper",
                        choices=("fourier", "pixels", "cutouts"))  # fmt: skip
    l1: float = option(0.0, "weight of the absolute distance from the mean picture", ge=0)
    l2: float = option(0.0, "weight of the squared distance from the mean picture", ge=0)
    total_variation: float = option(0.4, "weight of the differences between neighbouring pixels", ge=0)
    blur: float = option(0.0, "Gaussian blur after each step, in pixels", ge=0)
    jitter: int = option(6, "the picture is moved by up to so many pixels each step", ge=0)
    scale: tuple[float, float] = option(
        (0.7, 1.4), "the picture is enlarged by a factor between these each step", gt=0, check=ordered
    )
    rotate: float = option(15.0, "the picture is turned by up to so many degrees each step", ge=0, le=180)

    @property
    def transforms(self) -> list[Transform]:
        """How the picture is shaken each step."""
        if self.rotate or self.scale != (1.0, 1.0):
            return [Affine(self.scale, self.rotate, self.jitter)]
        return [Jitter(self.jitter)] if self.jitter else []

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        from phosphene_optimizers import Adam

        low, high = model.pixel_range(images)
        canvas: Canvas
        if self.basis == "fourier":
            canvas = FourierCanvas(low, high, DECAY)
        else:
            canvas = CutoutCanvas(low, high) if self.basis == "cutouts" else PixelCanvas(low, high)
        edges = 1.0 if self.basis == "cutouts" else 2.0  # paper has edges, and should have few
        return ascend(
            model, objective, canvas, canvas.noise(images, rng), Adam(learning_rate=self.learning_rate), self.steps, rng,
            transforms=self.transforms, blur=self.blur, relative=True,
            regularizers=(
                (self.l1, AlphaNorm(1.0)), (self.l2, AlphaNorm(2.0)), (self.total_variation, TotalVariation(edges)),
            ),
        )  # fmt: skip
