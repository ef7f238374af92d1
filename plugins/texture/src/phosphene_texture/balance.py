"""Layers that weigh alike."""

import attrs
import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_objectives import GramMatch


def balanced(match: GramMatch) -> GramMatch:
    """The same style, with the distance in each layer relative to the style's own Gram matrix there, and weights that
    add up to 1: 0 at a perfect match, -1 for a picture in which the layers see nothing."""
    if not all(np.isfinite(g).all() for g in match.grams):
        raise PhospheneError(
            "the style is not finite (NaN or infinite): the model's weights or the picture hold such numbers, or the "
            "activations overflow"
        )
    weights = [(match.weights or (1.0,))[min(i, len(match.weights) - 1)] for i in range(len(match.layers))]
    total = max(sum(weights), 1e-12)
    # GramMatch divides by 4 C².
    scaled = [w / total * 4 * g.shape[1] ** 2 / max(float(np.square(g).mean(axis=0).sum()), 1e-12)
              for w, g in zip(weights, match.grams, strict=True)]  # fmt: skip
    return attrs.evolve(match, weights=tuple(scaled))
