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


BAND, REACH = 128, 8
"""Rows of a picture that are worked on at a time, and further ones that are seen: three times the widest blur and more."""


@attrs.frozen
class DeepDream(Generation):
    """More of what a layer sees, at several scales.

    Amplifies what a layer already sees, at several scales (octaves), the smallest first (Mordvintsev, Olah and Tyka
    2015). The photograph keeps its size and shape; the network looks at one tile of it at a time, so that memory does
    not grow with it. `guide` lets the features of another picture be dreamt into it; `zoom_frames` goes on into the
    picture, dreaming, for a film.
    """

    title: ClassVar[str] = "DeepDream"
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
        low, high = (_single(v) for v in model.pixel_range(images))
        sizes = self._sizes(*images.shape[2:])
        total = len(sizes) * self.steps + self.zoom_frames
        done = 0
        detail: Array | None = None
        for size in sizes:
            base = resample(images, *size)
            bounds = (low, high) if low.shape[-2:] == (1, 1) else (resample(low, *size), resample(high, *size))
            dreamt = base if detail is None else np.clip(base + resample(detail, *size), *bounds)
            detail = None
            for _ in range(self.steps):
                dreamt, values = self._step(model, dreamt, objective, bounds, rng, first=not done)
                done += 1
                shown = dreamt
                if size != sizes[-1]:
                    detail = dreamt - base
                    shown = resample(detail, *images.shape[2:])
                    shown += images
                    np.clip(shown, low, high, out=shown)
                yield Frame(done, total, shown, values)
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
        down, right = (int(v) for v in rng.integers(-self.jitter, self.jitter + 1, 2))
        gradient, values = tiled_gradient(model, images, objective, self.tile, rng, (down, right))
        gradient = natural(gradient)
        size = np.array([[np.abs(plane).sum() for plane in one] for one in gradient], gradient.dtype).sum(axis=1)
        size = size.reshape(-1, 1, 1, 1) / max(gradient[:1].size, 1)
        if first and gradient.size and not size.any():
            raise PhospheneError(
                f"the gradient of {objective.describe(model)} is zero: the layer sees nothing in this picture; "
                "ask about another layer"
            )
        gradient *= self.step / np.maximum(size, np.finfo(size.dtype).tiny)  # in place: a photograph may be large
        gradient += images
        return np.clip(gradient, *bounds, out=gradient), values


def natural(gradient: Array) -> Array:
    """The gradient with the colours and scales of photographs: less of what would be rainbows and fine noise. Each part
    is a positive operator, so a small step still goes uphill. It is made in bands, whose neighbours are seen as far as
    the blur reaches, so that no more than the result takes memory."""
    out = np.empty_like(gradient)
    height = gradient.shape[-2]
    for top in range(0, height, BAND):
        first, last = max(0, top - REACH), min(height, top + BAND + REACH)
        coloured = mix(TO_RGB @ TO_RGB.T, gradient[..., first:last, :])
        softer = coloured + sum(sigma * blur(coloured, sigma) for sigma in SOFTER)
        out[..., top : top + BAND, :] = softer[..., top - first : top - first + BAND, :]
    return out


def _single(values: Array) -> Array:
    """(3, H, W) as (1, 3, H, W), or as (1, 3, 1, 1) where it is the same everywhere."""
    one = values[:, :1, :1]
    return (one if (values == one).all() else values)[None]


def _closer(images: Array, factor: float) -> Array:
    """The middle of the pictures, enlarged to their size."""
    height, width = images.shape[-2:]
    inner_height, inner_width = max(1, round(height / factor)), max(1, round(width / factor))
    top, left = (height - inner_height) // 2, (width - inner_width) // 2
    return resample(images[..., top : top + inner_height, left : left + inner_width], height, width)
