"""Show a network a photograph, and let it have more of whatever it sees there."""

from collections.abc import Iterator
from typing import ClassVar, Literal

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.image import blur
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective
from phosphene_core.options import option
from phosphene_core.technique import Frame, Generation
from phosphene_deepdream.guide import Guided
from phosphene_deepdream.tiles import tiled_gradient
from phosphene_imageopt import resample
from phosphene_imageopt.colour import TO_RGB, mix

SMALLEST = 32
"""Octaves whose shorter side would have fewer pixels are left out: too little is left to see anything in."""

SOFTER = (1.0, 2.0)
"""Blurs in pixels that are added to the gradient, so that larger shapes grow as fast as fine ones."""


@attrs.frozen
class DeepDream(Generation):
    """More of what a layer sees, at several scales.

    Amplifies what a layer already sees, at several scales (octaves), the smallest first (Mordvintsev, Olah and Tyka
    2015). The photograph keeps its size and shape; the network looks at one tile of it at a time, so that memory does
    not grow with it. `guide` lets the features of another picture be dreamt into it; `zoom_frames` goes on into the
    picture, dreaming, for a film.
    """

    paper: ClassVar[str] = "Mordvintsev, Olah, Tyka 2015"
    objective: ClassVar[str] = "layer_activation"
    picture: ClassVar[Literal["square", "whole", "none"]] = "whole"

    steps: int = option(10, "steps in each octave", ge=1)
    octaves: int = option(4, "scales at which it dreams", ge=1)
    scale: float = option(1.7, "how much larger each octave is than the one before", gt=1)
    step: float = option(1.5, "mean change of a pixel in a step", gt=0)
    jitter: int = option(32, "the picture is rolled by up to so many pixels each step", ge=0)
    tile: int = option(384, "largest side of the part that the network looks at at once", ge=SMALLEST)
    guide: str | None = option(None, "picture file whose features are dreamt into the photograph")
    zoom_frames: int = option(0, "further frames, each a little deeper in the picture", ge=0)
    zoom: float = option(1.04, "how much each of these frames enlarges the one before", gt=1)

    def frames(
        self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator
    ) -> Iterator[Frame]:
        if self.guide is not None:
            objective = Guided.by(self.guide, model, objective)
        low, high = (np.broadcast_to(v, images.shape[1:])[None] for v in model.pixel_range(images))
        sizes = self._sizes(*images.shape[2:])
        total = len(sizes) * self.steps + self.zoom_frames
        done = 0
        detail = np.zeros_like(images)
        for size in sizes:
            base = resample(images, *size)
            bounds = resample(low, *size), resample(high, *size)
            dreamt = np.clip(base + resample(detail, *size), *bounds)
            for _ in range(self.steps):
                dreamt, values = self._step(model, dreamt, objective, bounds, rng, first=not done)
                done += 1
                detail = dreamt - base
                shown = dreamt if size == sizes[-1] else images + resample(detail, *images.shape[2:])
                yield Frame(done, total, np.clip(shown, low, high), values)
        for _ in range(self.zoom_frames):
            dreamt, values = self._step(model, _closer(dreamt, self.zoom), objective, (low, high), rng)
            done += 1
            yield Frame(done, total, dreamt, values)

    def _sizes(self, height: int, width: int) -> list[tuple[int, int]]:
        """Height and width of each octave, the photograph's own last."""
        factors = [self.scale**-i for i in range(self.octaves)]
        kept = [f for f in factors if f == 1 or min(height, width) * f >= SMALLEST]
        return [(max(1, round(height * f)), max(1, round(width * f))) for f in reversed(kept)]

    def _step(
        self, model: ImageModel, images: Array, objective: Objective, bounds: tuple[Array, Array],
        rng: np.random.Generator, first: bool = False,
    ) -> tuple[Array, Array]:  # fmt: skip
        """One step uphill, and the value before it. The step's length is the same whatever the gradient's."""
        shift = tuple(int(v) for v in rng.integers(-self.jitter, self.jitter + 1, 2))
        gradient, values = tiled_gradient(model, np.roll(images, shift, (2, 3)), objective, self.tile, rng)
        gradient = natural(np.roll(gradient, (-shift[0], -shift[1]), (2, 3)))
        size = np.abs(gradient).mean(axis=(1, 2, 3), keepdims=True)
        if first and gradient.size and not size.any():
            raise PhospheneError(
                f"the gradient of {objective.describe(model)} is zero: the layer sees nothing in this picture; "
                "ask about another layer"
            )
        moved = images + gradient * (self.step / np.maximum(size, np.finfo(size.dtype).tiny))
        return np.clip(moved, *bounds).astype(images.dtype), values


def natural(gradient: Array) -> Array:
    """The gradient with the colours and scales of photographs: less of what would be rainbows and fine noise. Each part
    is a positive operator, so a small step still goes uphill."""
    coloured = mix(TO_RGB @ TO_RGB.T, gradient)
    return np.asarray(coloured + sum(sigma * blur(coloured, sigma) for sigma in SOFTER))


def _closer(images: Array, factor: float) -> Array:
    """The middle of the pictures, enlarged to their size."""
    height, width = images.shape[-2:]
    inner_height, inner_width = max(1, round(height / factor)), max(1, round(width / factor))
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    return resample(images[..., top : top + inner_height, left : left + inner_width], height, width)
