"""How far a change that nobody sees can move the map."""

import numpy as np

from phosphene_core.layer import Array
from phosphene_faithfulness.questions import Maps, Questions

RADIUS, SAMPLES = 0.02, 10


def max_sensitivity(
    questions: Questions, maps: Maps, rng: np.random.Generator, radius: float = RADIUS, samples: int = SAMPLES
) -> Array:
    """The largest distance between the map of a picture and that of a version of it, over the length of the map: (N,).
    Versions differ by uniform noise of at most `radius` of the range of pixels in every value. Yeh et al. 2019.

    NaN for a map that is zero everywhere.
    """
    images = questions.images
    low, high = questions.model.pixel_range(images)
    original = maps(questions.model, images, questions.objective)
    length = _length(original)
    furthest = np.zeros(len(images))
    for _ in range(samples):
        noise = np.asarray(rng.uniform(-radius, radius, images.shape) * (high - low), images.dtype)
        moved = maps(questions.model, images + noise, questions.objective)
        furthest = np.maximum(furthest, _length(moved - original))
    return np.divide(furthest, length, out=np.full(len(images), np.nan), where=length > 0)


def _length(maps: Array) -> Array:
    return np.sqrt(np.square(maps, dtype=np.float64).sum(axis=(1, 2)))
