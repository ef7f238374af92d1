"""The largest numbers of each row."""

import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_dense import twins
from phosphene_dense.arrays import checked
from phosphene_dense.engine import kernels


def largest(scores: Array, count: int) -> Array:
    """The places of the `count` largest numbers in each row of scores (N, C), largest first: (N, count). Of equal numbers the
    first comes first. `ShapeError` for a wrong shape or more than C."""
    scores = checked("scores", scores)
    if scores.ndim != 2 or not 0 < count <= scores.shape[1]:
        raise ShapeError(f"of scores {scores.shape} there are no {count} largest in a row")
    if (compiled := kernels()) is None:
        return twins.largest(scores, count)
    out = np.empty((len(scores), count), np.intp)
    compiled.largest(scores, out, threads())
    return out
