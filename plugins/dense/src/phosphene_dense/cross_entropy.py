"""The softmax loss."""

import numpy as np

from phosphene_core.errors import PhospheneError, ShapeError
from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_dense import twins
from phosphene_dense.arrays import checked
from phosphene_dense.engine import kernels


def softmax_cross_entropy(
    scores: Array, labels: Array, label_smoothing: float = 0.0, divisor: float | None = None, overwrite: bool = False
) -> tuple[float, Array, Array]:
    """Mean over the batch of -log softmax(scores)[label]: (loss, its gradient by scores (N, C), correct (N,) bool).

    `scores` (N, C) are unnormalized, `labels` (N,) integers from 0. With `label_smoothing` s the target is 1 - s for
    the label and s / C more for every class (Szegedy et al. 2016). `correct`: the label has the largest score. A batch
    of none has loss 0. `divisor`: what the sum over the rows is divided by, if not by N. `overwrite`: the gradient may be
    made where the scores are. `ShapeError` for wrong shapes, `PhospheneError` for a label that is no class.
    """
    scores = checked("scores", scores)
    if scores.ndim != 2 or scores.shape[1] < 1:
        raise ShapeError(f"scores must be (N, classes), not of shape {scores.shape}")
    labels = np.asarray(labels)
    if labels.shape != scores.shape[:1] or (labels.size and labels.dtype.kind not in "iu"):
        raise ShapeError(f"labels must be {len(scores)} integers, not {labels.dtype} of shape {labels.shape}")
    count, classes = scores.shape
    if not count:
        return 0.0, np.zeros_like(scores), np.zeros(0, bool)
    if not 0 <= labels.min() <= labels.max() < classes:
        wrong = labels.min() if labels.min() < 0 else labels.max()
        raise PhospheneError(f"there is no class {wrong}: the scores are of classes 0 to {classes - 1}")
    divisor = count if divisor is None else divisor
    if (compiled := kernels()) is None:
        losses, gradient, correct = twins.cross_entropy(scores, labels, label_smoothing)
        gradient /= scores.dtype.type(divisor)
        return float(losses.sum(dtype=np.float64) / divisor), gradient, correct
    losses, gradient, correct = (
        np.empty(count),
        scores if overwrite and scores.flags.writeable else np.empty_like(scores),
        np.empty(count, bool),
    )
    compiled.cross_entropy(scores, np.ascontiguousarray(labels, np.intp), label_smoothing, divisor, losses, gradient,
                           correct.view(np.uint8), threads())  # fmt: skip
    return float(losses.sum() / divisor), gradient, correct
