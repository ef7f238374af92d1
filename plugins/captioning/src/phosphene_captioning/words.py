"""Words in and words out: the embedding's gradient, and the masked softmax loss over the words that are there."""

import numpy as np

from phosphene_core.layer import Array


def embedding_gradient(words: Array, dvectors: Array, size: int) -> Array:
    """The gradient of the table E (size, W) of `E[words]`: words (M,) indexes, dvectors (M, W).

    Rows of one word are brought together by sorting and summed in one pass; `np.add.at` is many times slower.
    """
    gradient = np.zeros((size, dvectors.shape[1]), dvectors.dtype)
    if len(words):
        order = np.argsort(words, kind="stable")
        ranked = words[order]
        starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
        gradient[ranked[starts]] = np.add.reduceat(dvectors[order], starts, axis=0)
    return gradient


def word_loss(scores: Array, targets: Array, batch_size: int) -> tuple[float, Array, int]:
    """Softmax loss summed over the words that are there and averaged over the batch (the course's definition).

    scores (M, V) and targets (M,) hold only positions that are not <NULL>. Returns the loss, the gradient of the
    scores (which are overwritten), and how many words the scores had right.
    """
    if not len(targets):
        return 0.0, scores, 0
    rows = np.arange(len(targets))
    right = int((scores.argmax(axis=1) == targets).sum())
    scores -= scores.max(axis=1, keepdims=True)
    picked = scores[rows, targets]
    np.exp(scores, out=scores)
    total = scores.sum(axis=1, keepdims=True)
    loss = float((np.log(total[:, 0]) - picked).sum() / batch_size)
    scores /= total * batch_size
    scores[rows, targets] -= 1 / batch_size
    return loss, scores, right
