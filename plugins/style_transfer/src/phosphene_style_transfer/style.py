"""The style of a picture file, or of our own."""

from importlib.resources import files

import numpy as np

from phosphene_core.image import decode, resize
from phosphene_core.layer import Array
from phosphene_core.model import ImageModel
from phosphene_objectives import GramMatch

LARGEST = 2048


def style_match(
    model: ImageModel, path: str | None, longest: int, layers: tuple[str, ...], weights: tuple[float, ...]
) -> GramMatch:
    """How near a picture is to the style in a file: minus the weighted mean over the layers of the relative squared
    distance of their Gram matrices. `longest`: the longer side in pixels at which the style is looked at."""
    picture = decode(built_in() if path is None else path, max_side=LARGEST)
    factor = longest / max(picture.shape[:2])
    height, width = (max(1, round(side * factor)) for side in picture.shape[:2])
    images = model.preprocess([resize(picture, height, width)], square=False)
    raw = GramMatch.of(model, images, layers)
    repeated = [(weights or (1.0,))[min(i, len(weights) - 1)] for i in range(len(raw.layers))]
    # GramMatch divides by 4 C²; we divide by the style's own Gram matrix, so that all layers weigh alike.
    scaled = [w * _relative(g) / max(sum(repeated), 1e-12) for w, g in zip(repeated, raw.grams, strict=True)]
    return GramMatch(raw.layers, tuple(scaled), grams=raw.grams)


def _relative(gram: Array) -> float:
    return float(4 * gram.shape[1] ** 2 / max(float(np.square(gram).sum()), 1e-12))


def built_in() -> bytes:
    """The style picture inside this package."""
    return (files("phosphene_style_transfer") / "strokes.png").read_bytes()
