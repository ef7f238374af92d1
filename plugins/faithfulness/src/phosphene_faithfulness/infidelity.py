"""Whether the map foretells what happens when a part of the picture is covered."""

import numpy as np

from phosphene_core.layer import Array
from phosphene_core.objective import image_value
from phosphene_faithfulness.questions import Questions

SAMPLES = 60
SIDES = 1 / 8, 1 / 2
"""Least and greatest side of a covered square, as a share of the picture's smaller side."""


def infidelity(questions: Questions, maps: Array, rng: np.random.Generator, samples: int = SAMPLES) -> Array:
    """How badly the sums of the map (N, H, W) over random squares foretell by how much the objective falls when they are
    covered: (N,), the mean squared error over the mean squared fall. 0 is perfect, 1 no better than a map of zeros.

    Yeh et al. 2019, with square removal. A map's units are its technique's own, so that each map is scaled by the factor,
    not below 0, that suits it best. NaN where no square moves the objective.
    """
    count, _, height, width = questions.images.shape
    squares = _squares(samples, height, width, rng)
    foretold = np.tensordot(maps.astype(np.float64), squares.astype(np.float64), axes=((1, 2), (1, 2)))
    falls = np.zeros((count, samples))
    whole = image_value(questions.model, questions.images, questions.objective)
    for n in range(count):
        covered = np.where(squares[:, None], questions.covers[n], questions.images[n])
        falls[n] = whole[n] - image_value(questions.model, covered, questions.objective.select(np.full(samples, n)))
    together = np.maximum((foretold * falls).sum(axis=1), 0) ** 2
    own = np.square(foretold).sum(axis=1)
    fallen = np.square(falls).sum(axis=1)
    share = np.divide(together, own * fallen, out=np.zeros(count), where=own * fallen > 0)
    return np.where(fallen > 0, 1 - share, np.nan)


def _squares(samples: int, height: int, width: int, rng: np.random.Generator) -> Array:
    """Random squares as masks (samples, H, W)."""
    least, greatest = (max(1, round(share * min(height, width))) for share in SIDES)
    side = rng.integers(least, greatest + 1, samples)
    inside = []
    for size in (height, width):  # their centres lie anywhere in the picture
        start = rng.integers(0, size, samples) - side // 2
        place = np.arange(size)
        inside.append((place >= start[:, None]) & (place < (start + side)[:, None]))
    return np.asarray(inside[0][:, :, None] & inside[1][:, None, :])
