"""How the answer falls when a part of the picture is covered."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.baseline import BASELINES, baseline
from phosphene_core.errors import SettingError
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_value
from phosphene_core.options import option
from phosphene_core.technique import Attribution, Result


@attrs.frozen
class Occlusion(Attribution):
    """How far the answer falls when a window is covered.

    A pixel's number is the mean over all windows that cover it. Zeiler and Fergus 2014.

    The map (N, H, W) is in units of the objective, signed: below zero where covering helps.
    """

    paper: ClassVar[str] = "Zeiler, Fergus 2014"

    window: int = option(15, "height and width of the window in pixels", ge=1)
    stride: int = option(4, "pixels from one window to the next", ge=1)
    cover: str = option("blur", "what the window is covered with; the paper: mean", choices=BASELINES)
    batch_size: int = option(64, "covered copies that are looked at in one go; fewer need less memory", ge=1)

    def __attrs_post_init__(self) -> None:
        if self.stride > self.window:
            raise SettingError(f"a stride of {self.stride} leaves pixels between windows of {self.window}; at most that much")

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        values = image_value(model, images, objective)
        covers = baseline(model, images, self.cover)
        rows, columns = (places(size, self.window, self.stride) for size in images.shape[2:])
        windows = [(slice(y, y + self.window), slice(x, x + self.window)) for y in rows for x in columns]
        falls = np.zeros((len(images), *images.shape[2:]))
        covered_by = np.zeros(images.shape[2:])
        for window in windows:
            covered_by[window] += 1
        total = len(images) * len(windows)
        for first in range(0, total, self.batch_size):
            picture, which = np.divmod(np.arange(first, min(first + self.batch_size, total)), len(windows))
            copies = images[picture]
            for copy, n, w in zip(copies, picture, which, strict=True):
                copy[:, *windows[w]] = covers[n][:, *windows[w]]
            fall = values[picture] - image_value(model, copies, objective.select(picture))
            for n, w, f in zip(picture, which, fall, strict=True):
                falls[n][windows[w]] += f
        return Result((falls / covered_by).astype(images.dtype), values)


def places(size: int, window: int, stride: int) -> list[int]:
    """Where windows start along one side; the last one ends at the edge, so that every pixel is covered."""
    last = max(size - window, 0)
    return [*range(0, last, stride), last]
