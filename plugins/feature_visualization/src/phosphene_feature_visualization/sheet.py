"""A contact sheet: every channel of a layer, side by side on one picture."""

import math

import attrs
import numpy as np

from phosphene_core.errors import NotFoundError, PhospheneError, ShapeError
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, Traced

GAP = 2
"""White pixels between two pictures."""


@attrs.frozen(eq=False)
class EachChannel(Objective):
    """The mean activation of another channel for each picture: `numbers` (N,)."""

    layer: str
    numbers: Array

    def select(self, rows: Array) -> "EachChannel":
        return EachChannel(self.layer, self.numbers[rows])

    def upto(self, model: ImageModel) -> str:
        return self.layer

    def __call__(self, trace: Traced) -> tuple[Array, dict[str, Array]]:
        a = trace[self.layer]
        rows, places = np.arange(len(a)), int(np.prod(a.shape[2:]))
        seed = np.zeros_like(a)
        seed[rows, self.numbers] = 1 / places
        return a[rows, self.numbers].reshape(len(a), places).mean(axis=1), {self.layer: seed}

    def describe(self, model: ImageModel) -> str:
        return f"{self.layer}, channels {self.numbers[0]} to {self.numbers[-1]}"


def channels(model: ImageModel, images: Array, objective: Objective, first: int, count: int) -> tuple[str, Array]:
    """The layer that the objective asks about and the numbers of its channels, from `first`, `count` at most."""
    if len(images) != 1:
        raise ShapeError(f"a sheet is one picture; it cannot be drawn for {len(images)} at once")
    layer = objective.upto(model)
    if layer is None:
        seeds = objective(model.trace(images, run=Pass(need=Need.NOTHING)))[1]
        layer = max(seeds, key=model.activations.index, default=None)
    if layer is None:
        raise PhospheneError(f"{objective.describe(model)} asks about no layer, so there are no channels to draw")
    size = model.trace(images, upto=layer, run=Pass(need=Need.NOTHING))[layer].shape[1]
    if first >= size:
        raise NotFoundError(f"{layer} has no channel {first}; it has channels 0 to {size - 1}")
    return layer, np.arange(first, min(first + count, size))


def laid_out(model: ImageModel, cells: Array) -> Array:
    """Pictures (N, 3, H, W) in rows on one white picture (1, 3, H', W'), all in the model's input space."""
    count, colours, height, width = cells.shape
    columns = math.ceil(math.sqrt(count * height / width))
    rows = math.ceil(count / columns)
    sheet = np.full((1, colours, rows * (height + GAP) - GAP, columns * (width + GAP) - GAP), 255, cells.dtype)
    coloured = cells + model.mean_for(height, width)
    for i, cell in enumerate(coloured):
        row, column = divmod(i, columns)
        top, left = row * (height + GAP), column * (width + GAP)
        sheet[0, :, top : top + height, left : left + width] = cell
    return np.asarray(sheet - model.mean_for(*sheet.shape[2:]), cells.dtype)
