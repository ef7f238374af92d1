"""The largest numbers of each row, and their log softmax."""

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
    scores = _rows(scores, count)
    if (compiled := kernels()) is None:
        return twins.largest(scores, count)
    out = np.empty((len(scores), count), np.intp)
    compiled.largest(scores, out, None, threads())
    return out


def likeliest(scores: Array, count: int) -> tuple[Array, Array]:
    """`largest`, and the log softmax of these: both (N, count)."""
    scores = _rows(scores, count)
    if (compiled := kernels()) is None:
        places = twins.largest(scores, count)
        return places, np.take_along_axis(twins.log_softmax(scores), places, axis=1)
    places, log_probs = np.empty((len(scores), count), np.intp), np.empty((len(scores), count), scores.dtype)
    compiled.largest(scores, places, log_probs, threads())
    return places, log_probs


def _rows(scores: Array, count: int) -> Array:
    scores = checked("scores", scores)
    if scores.ndim != 2 or not 0 < count <= scores.shape[1]:
        raise ShapeError(f"of scores {scores.shape} there are no {count} largest in a row")
    return scores
