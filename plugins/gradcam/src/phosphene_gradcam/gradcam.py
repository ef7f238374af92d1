"""Where a late layer found the answer."""

from typing import ClassVar

import attrs
import numpy as np

from phosphene_core.chain import Trace
from phosphene_core.errors import PhospheneError, ShapeError
from phosphene_core.image import resize
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_core.objective import Objective, image_gradient
from phosphene_core.options import option
from phosphene_core.technique import Attribution, Result
from phosphene_core.twin import with_rule

PLACES = 4


@attrs.frozen
class GradCAM(Attribution):
    """A layer's channels, weighted by how much each counts.

    A channel's weight is its mean gradient: how much the objective wants it. Selvaraju et al. 2017.

    `gradcam++` weights places where a channel's gradient is positive (Chattopadhay et al. 2018); `layercam` weights
    each place by its own gradient, so that earlier layers give finer maps (Jiang et al. 2021). With `guided`, guided
    backpropagation's map is masked with it (guided Grad-CAM, Selvaraju et al. 2017).

    The map (N, H, W) is the layer's own map, brought to the picture's size; that small one is in the facts (`cam`).
    """

    title: ClassVar[str] = "Grad-CAM"
    paper: ClassVar[str] = "Selvaraju et al. 2017; Chattopadhay et al. 2018; Jiang et al. 2021"

    layer: str | None = option(None, f"layer by name; none: the last one of {PLACES}×{PLACES} places or more")
    variant: str = option("gradcam", "how channels are weighted", choices=("gradcam", "gradcam++", "layercam"))
    guided: bool = option(False, "mask guided backpropagation's map with it, for detail")
    rectify: bool = option(True, "keep what speaks for the objective only; otherwise the map is signed")

    def attribute(self, model: ImageModel, images: Array, objective: Objective, rng: np.random.Generator) -> Result:
        trace = model.trace(images, upto=objective.upto(model))
        values, seeds = objective(trace)
        layer = self.layer or best_layer(trace, min(seeds, key=trace.names.index))
        a = trace[layer]
        if a.ndim != 4:
            raise ShapeError(f"{layer} has no height and width; Grad-CAM wants a layer that has, such as conv1")
        gradient = trace.backward(seeds, to=layer)[0]
        cam = WEIGHINGS[self.variant](a, gradient)
        if not np.isfinite(cam).all():
            raise PhospheneError(f"the gradient of {objective.describe(model)} at {layer} is not finite (NaN)")
        if self.rectify:
            cam = np.maximum(cam, 0)
        height, width = images.shape[2:]
        maps = np.stack([resize(c, height, width) for c in cam]) if len(cam) else images[:, 0]
        if self.guided:
            maps = maps * image_gradient(with_rule(model, "guided"), images, objective)[0].sum(axis=1)
        return Result(maps, values, {"layer": layer, "cam": cam})


def best_layer(trace: Trace, upto: str) -> str:
    """The last layer up to `upto` with `PLACES` rows and columns, or else the last one with any."""
    names = trace.names[1 : trace.names.index(upto) + 1]
    maps = [n for n in names if trace[n].ndim == 4]
    if not maps:
        raise PhospheneError(f"no layer up to {upto} keeps a height and a width; Grad-CAM needs one")
    return next((n for n in reversed(maps) if min(trace[n].shape[2:]) >= PLACES), maps[-1])


def gradcam(a: Array, gradient: Array) -> Array:
    """Channels weighted by their mean gradient: (N, C, H, W) to (N, H, W)."""
    return np.asarray((a * gradient.mean(axis=(2, 3), keepdims=True)).sum(axis=1))


def gradcam_plus_plus(a: Array, gradient: Array) -> Array:
    """Channels weighted by their positive gradients, each by its share among the places (equation 19)."""
    square = gradient**2
    below = 2 * square + gradient**3 * a.sum(axis=(2, 3), keepdims=True)
    share = square / np.where(below != 0, below, 1)
    weights = (share * np.maximum(gradient, 0)).sum(axis=(2, 3), keepdims=True)
    return np.asarray((a * weights).sum(axis=1))


def layercam(a: Array, gradient: Array) -> Array:
    """Every place weighted by its own positive gradient."""
    return np.asarray((a * np.maximum(gradient, 0)).sum(axis=1))


WEIGHINGS = {"gradcam": gradcam, "gradcam++": gradcam_plus_plus, "layercam": layercam}
