"""Words, their loss, and the captioning model, with gradients and greedy sampling."""

import numpy as np

from phosphene_assignment.reference.recurrent import lstm_step, rnn_step, sequence, sequence_gradients
from phosphene_core.layer import Array, Params

NULL, START, END = 0, 1, 2


def embedding_gradient(dout: Array, x: Array, rows: int) -> Array:
    """By W (V, D), of dout (N, T, D) for the words x (N, T): every word's gradients are added up."""
    picked = np.equal.outer(np.arange(rows), x).astype(np.float64)
    return np.einsum("vnt,ntd->vd", picked, dout)


def softmax_loss(x: Array, y: Array, mask: Array) -> tuple[float, Array]:
    """The loss of scores x (N, T, V) for words y (N, T) where mask is True, summed over time and averaged over the N
    captions; and its gradient by x."""
    shifted = x - x.max(axis=2, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    right = np.equal.outer(y, np.arange(x.shape[2]))
    weights = mask.astype(np.float64) / len(x)
    return float(-(log_p * right * weights[:, :, None]).sum()), (np.exp(log_p) - right) * weights[:, :, None]


def caption_loss(cell: str, p: Params, features: Array, captions: Array, masked: bool = True) -> tuple[float, dict[str, Array]]:
    """The captioning model's loss and the gradients of its parameters; without `masked`, <NULL> counts (a mistake)."""
    before, after = captions[:, :-1], captions[:, 1:]
    h0 = features @ p["W_proj"] + p["b_proj"]
    vectors = p["W_embed"][before]
    weights = p["Wx"], p["Wh"], p["b"]
    h = sequence(cell, vectors, h0, *weights)
    scores = h @ p["W_vocab"] + p["b_vocab"]
    loss, dscores = softmax_loss(scores, after, (after != NULL) | (not masked))
    dvectors, dh0, dwx, dwh, db = sequence_gradients(cell, dscores @ p["W_vocab"].T, vectors, h0, *weights)
    return loss, {
        "W_proj": features.T @ dh0, "b_proj": dh0.sum(axis=0), "Wx": dwx, "Wh": dwh, "b": db,
        "W_embed": embedding_gradient(dvectors, before, len(p["W_embed"])),
        "W_vocab": np.einsum("nth,ntv->hv", h, dscores), "b_vocab": dscores.sum(axis=(0, 1)),
    }  # fmt: skip


def caption_sample(cell: str, p: Params, features: Array, max_length: int) -> Array:
    """The likeliest word each time, (N, max_length), from <START> on, which is not in it; after <END> comes <NULL>."""
    words = np.full(len(features), START)
    h = features @ p["W_proj"] + p["b_proj"]
    c = np.zeros_like(h)
    out = np.full((len(features), max_length), NULL)
    going = np.ones(len(features), bool)
    for t in range(max_length):
        x = p["W_embed"][words]
        if cell == "rnn":
            h = rnn_step(x, h, p["Wx"], p["Wh"], p["b"])
        else:
            h, c = lstm_step(x, h, c, p["Wx"], p["Wh"], p["b"])
        words = (h @ p["W_vocab"] + p["b_vocab"]).argmax(axis=1)
        out[going, t] = words[going]
        going &= words != END
    return out
