"""What every technique must beat: a map of noise, and one that shows the picture's edges and asks no model."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_value
from phosphene_core.technique import Attribution, Result

SOBEL = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])


@attrs.frozen
class RandomMap(Attribution):
    """Noise."""

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        return Result(rng.random((len(images), *images.shape[2:])), image_value(model, images, objective))


@attrs.frozen
class Edges(Attribution):
    """Where brightness changes: the length of the picture's gradient. Sobel and Feldman 1968."""

    paper: ClassVar[str] = "Sobel, Feldman 1968"

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        grey = np.pad((images + model.mean_for(*images.shape[2:])).mean(axis=1), ((0, 0), (1, 1), (1, 1)), mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(grey, (3, 3), axis=(1, 2))
        across, down = (np.tensordot(windows, kernel, axes=2) for kernel in (SOBEL, SOBEL.T))
        return Result(np.hypot(across, down), image_value(model, images, objective))


RANDOM = "random map"
REFERENCES: dict[str, Attribution] = {RANDOM: RandomMap(), "edge detector": Edges()}
