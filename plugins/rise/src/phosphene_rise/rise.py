"""Which parts of the picture must be seen."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.baseline import BASELINES, baseline
from phosphene_core.image import resize
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_value
from phosphene_core.options import option
from phosphene_core.technique import Attribution, Result


@attrs.frozen
class RISE(Attribution):
    """What the answer gains from what random masks let see.

    How much higher the objective is than on average when a pixel is seen, over many random masks. Petsiuk, Das and
    Saenko 2018. Asks the model for values alone, never for a gradient.

    The map (N, H, W) is in units of the objective, signed. The paper's own map has the average left in it, which
    moves it by a constant and adds noise; `centred=False` gives that one.
    """

    title: ClassVar[str] = "RISE"
    paper: ClassVar[str] = "Petsiuk, Das, Saenko 2018"

    masks: int = option(1000, "random masks", ge=2)
    grid: int = option(7, "rows and columns of cells in a mask", ge=1)
    keep: float = option(0.5, "probability that a cell is seen", gt=0, lt=1)
    cover: str = option("mean", "what is seen where the mask hides the picture", choices=BASELINES)
    centred: bool = option(True, "measure against the mean over all masks")
    batch_size: int = option(64, "masked copies that are looked at in one go; fewer need less memory", ge=1)

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        count, size = len(images), images.shape[2:]
        covers = baseline(model, images, self.cover)
        seen, seen_values = np.zeros(size), np.zeros((count, *size))
        mean = np.zeros(count)
        streams = rng.spawn(2)  # cells and places apart: the masks do not depend on the batch size
        for first in range(0, self.masks, self.batch_size):
            masks = self.some_masks(min(self.batch_size, self.masks - first), size[0], size[1], *streams)
            seen += masks.sum(axis=0)
            for n in range(count):
                masked = covers[n] + masks[:, None].astype(images.dtype) * (images[n] - covers[n])
                values = image_value(model, masked, objective.select(np.full(len(masks), n)))
                seen_values[n] += np.tensordot(values, masks, axes=1)
                mean[n] += values.sum() / self.masks
        if self.centred:
            maps = seen_values / np.maximum(seen, 1e-12) - mean[:, None, None]
        else:
            maps = seen_values / (self.masks * self.keep)
        return Result(maps.astype(images.dtype), image_value(model, images, objective), {"mean": mean})

    def some_masks(
        self, count: int, height: int, width: int, cells: np.random.Generator, places: np.random.Generator
    ) -> Array:
        """Smooth random masks (count, H, W) in 0..1: a coarse grid, enlarged by one cell and cut out anywhere."""
        cell = -(-height // self.grid), -(-width // self.grid)
        coarse = (cells.random((count, self.grid + 1, self.grid + 1)) < self.keep).astype(np.float32)
        corners = places.integers(0, cell, (count, 2))
        large = (resize(c, (self.grid + 1) * cell[0], (self.grid + 1) * cell[1]) for c in coarse)
        return np.stack([m[y : y + height, x : x + width] for m, (y, x) in zip(large, corners, strict=True)])
