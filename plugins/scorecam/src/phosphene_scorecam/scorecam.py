"""Where a late layer found the answer, by asking with what each of its channels lets through."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.baseline import BASELINES, baseline
from phosphene_core.errors import ShapeError
from phosphene_core.image import resize
from phosphene_core.layer import Array, Need, Pass
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_value
from phosphene_core.options import option
from phosphene_core.technique import Attribution, Result
from phosphene_gradcam.gradcam import PLACES, best_layer


@attrs.frozen
class ScoreCAM(Attribution):
    """A layer's channels, weighted by the score of each.

    The channels of a layer, each weighted by the objective's value when the picture is seen only where that channel
    answers. Wang et al. 2020. Asks the model for values alone, never for a gradient.

    The map (N, H, W) is the layer's own map, brought to the picture's size, not below zero; that small one is in the
    facts (`cam`).
    """

    title: ClassVar[str] = "Score-CAM"
    paper: ClassVar[str] = "Wang et al. 2020"

    layer: str | None = option(None, f"layer by name; none: the last one of {PLACES}×{PLACES} places or more")
    cover: str = option("mean", "what is seen where the channel hides the picture", choices=BASELINES)
    batch_size: int = option(64, "masked copies that are looked at in one go; fewer need less memory", ge=1)

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        trace = model.trace(images, upto=objective.upto(model), run=Pass(need=Need.NOTHING))
        values, seeds = objective(trace)
        layer = self.layer or best_layer(trace, min(seeds, key=trace.names.index))
        a = trace[layer]
        if a.ndim != 4:
            raise ShapeError(f"{layer} has no height and width; Score-CAM wants a layer that has, such as conv1")
        covers = baseline(model, images, self.cover)
        image_value(model, images, objective)  # a NaN is told before the many copies
        cam = np.zeros((len(a), *a.shape[2:]), images.dtype)
        for n, channels in enumerate(a):
            answering = channels[np.ptp(channels, axis=(1, 2)) > 0]
            if len(answering):
                scores = self._values(model, images[n], covers[n], answering, objective, n)
                if np.ptp([*scores, values[n]]) > 0:  # else nothing that is hidden matters: the map stays blank
                    cam[n] = np.maximum(np.tensordot(_softmax(scores), answering, axes=1), 0)
        height, width = images.shape[2:]
        maps = np.stack([resize(c, height, width) for c in cam]) if len(cam) else images[:, 0]
        return Result(maps, values, {"layer": layer, "cam": cam})

    def _values(
        self, model: ImageModel, image: Array, cover: Array, channels: Array, objective: Objective, row: int
    ) -> Array:
        """The objective (C,) for the picture behind each channel's map, stretched to 0..1."""
        found = []
        for first in range(0, len(channels), self.batch_size):
            masks = np.stack([resize(c, *image.shape[1:]) for c in channels[first : first + self.batch_size]])
            low, high = (end(masks, axis=(1, 2), keepdims=True) for end in (np.min, np.max))
            masks = (masks - low) / np.where(high > low, high - low, 1)
            seen = cover + masks[:, None].astype(image.dtype) * (image - cover)
            found.append(image_value(model, seen, objective.select(np.full(len(masks), row))))
        return np.concatenate(found)


def _softmax(values: Array) -> Array:
    e = np.exp(values - values.max())
    return np.asarray(e / e.sum())
