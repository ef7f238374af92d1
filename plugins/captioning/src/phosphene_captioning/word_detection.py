"""Which words a caption holds, told from the features at once, whatever their order."""

import numpy as np

from phosphene_captioning.decoding import pooled
from phosphene_captioning.vocabulary import UNKNOWN
from phosphene_core.layer import Array, Grads, Need, Params


def init(rng: np.random.Generator, features: int, words: int) -> dict[str, Array]:
    """W (D, V) and b (V,) of the detector."""
    w = rng.standard_normal((features, words)) / np.sqrt(features)
    return {"W": w.astype(np.float32), "b": np.zeros(words, np.float32)}


def detection_loss(
    params: Params, features: Array, captions: Array, weight: float, need: Need
) -> tuple[float, Array, Grads]:
    """`weight` times the binary cross-entropy of "the caption holds this word", σ(features W + b), summed over the
    vocabulary and averaged over the batch; its gradients by features (N, D) or (N, D, h, w), and by the parameters. Fang et
    al. 2015, section 3, with captions as the only teacher."""
    vectors = pooled(features)
    scores = vectors @ params["W"] + params["b"]
    there = np.zeros(scores.shape, bool)
    there[np.arange(len(captions))[:, None], captions] = True
    share = scores.dtype.type(weight / max(1, len(captions)))
    losses = np.logaddexp(0, scores) - there * scores
    dscores = (0.5 * (1 + np.tanh(0.5 * scores)) - there).astype(scores.dtype) * share
    for quantity in (losses, dscores):
        quantity[:, : UNKNOWN + 1] = 0  # <NULL>, <START>, <END> and <UNK> are no words
    grads = {"W": vectors.T @ dscores, "b": dscores.sum(axis=0)} if Need.PARAMS in need else {}
    back = dscores @ params["W"].T
    if features.ndim == 4:
        places = features.shape[2] * features.shape[3]
        back = np.broadcast_to((back / places)[:, :, None, None], features.shape)
    return float(losses.sum() * share), back, grads
