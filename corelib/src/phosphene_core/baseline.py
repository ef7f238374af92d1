"""The picture that stands for "nothing is there": where integrated gradients start, and what occlusion lays over."""

import numpy as np

from phosphene_core.errors import unknown
from phosphene_core.image import blur
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel

BASELINES = ("mean", "black", "white", "blur")


def baseline(model: ImageModel, images: Array, kind: str) -> Array:
    """Baselines (N, 3, H, W) for `images`, in the model's input space.

    `mean` is the model's mean picture (zeros in the input), `black` and `white` are those, `blur` is each picture
    itself, blurred by an eighth of its smaller side.
    """
    if kind == "mean":
        return np.zeros_like(images)
    if kind == "blur":
        return blur(images, min(images.shape[2:]) / 8)
    low, high = model.pixel_range(images)
    if kind not in ("black", "white"):
        raise unknown("baseline", kind, BASELINES)
    return np.broadcast_to(low if kind == "black" else high, images.shape).copy()
