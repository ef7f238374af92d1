"""The logarithm of the softmax."""

import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_dense import twins
from phosphene_dense.arrays import checked
from phosphene_dense.engine import kernels


def log_softmax(scores: Array, overwrite: bool = False) -> Array:
    """log softmax of each row of unnormalized scores (N, C). `overwrite`: it may be made where the scores are. `ShapeError` for
    a wrong shape."""
    scores = checked("scores", scores)
    if scores.ndim != 2 or scores.shape[1] < 1:
        raise ShapeError(f"scores must be (N, classes), not of shape {scores.shape}")
    if (compiled := kernels()) is None or not len(scores):
        return twins.log_softmax(scores)
    out = scores if overwrite and scores.flags.writeable else np.empty_like(scores)
    compiled.log_softmax(scores, out, threads())
    return out
