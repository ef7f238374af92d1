"""Deletion and insertion curves: take away what the map calls important first, or let only that be seen."""

import numpy as np

from phosphene_core.layer import Array
from phosphene_faithfulness.questions import Questions

STEPS = 24
FRACTIONS = np.linspace(0, 1, STEPS + 1) ** 2
"""The shares of pixels at which a curve is measured: close together where it falls."""


def deletion(questions: Questions, maps: Array, rng: np.random.Generator) -> Array:
    """The probability of the answer as pixels give way to the cover, those first that the map (N, H, W) puts highest:
    (N, STEPS + 1), at `FRACTIONS` of all pixels. A good map makes it fall early. Petsiuk, Das and Saenko 2018."""
    return _curve(questions, ranks(maps, rng), questions.images, questions.covers)


def insertion(questions: Questions, maps: Array, rng: np.random.Generator) -> Array:
    """The probability of the answer as pixels of the picture appear on the cover, as for `deletion`. A good map makes it
    rise early."""
    return _curve(questions, ranks(maps, rng), questions.covers, questions.images)


def area(curves: Array) -> Array:
    """The area under each curve (N, STEPS + 1): (N,), between 0 and 1."""
    return np.asarray(np.trapezoid(curves, FRACTIONS, axis=1))


def ranks(maps: Array, rng: np.random.Generator) -> Array:
    """Each pixel's place (N, H, W), 0 for the highest value of its map; equal ones in random order."""
    count, height, width = maps.shape
    flat = maps.reshape(count, height * width)
    order = np.lexsort((rng.random(flat.shape), -flat))
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.broadcast_to(np.arange(height * width), order.shape), axis=1)
    return places.reshape(maps.shape)


def _curve(questions: Questions, places: Array, before: Array, after: Array) -> Array:
    """The probability as the pixels of `before` become those of `after`, lowest places first."""
    counts = np.rint(FRACTIONS * places[0].size) if len(places) else FRACTIONS
    curves = []
    for n, place in enumerate(places):
        changed = (place < counts[:, None, None])[:, None]
        curves.append(questions.probability(np.where(changed, after[n], before[n]), np.full(len(counts), n)))
    return np.stack(curves) if curves else np.zeros((0, len(counts)))
