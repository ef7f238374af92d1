"""Questions about word vectors and the loss over words."""

from collections.abc import Iterator

import numpy as np

from phosphene_assignment.asking import Asked
from phosphene_assignment.comparing import array, equal, true
from phosphene_assignment.reference import captions as reference
from phosphene_assignment.rubric import Check, Item, Judge
from phosphene_core.layer import Array


def embedding_forward(asked: Asked, rng: np.random.Generator) -> Judge:
    words, table = _words(rng)
    (came,), _ = asked.call("rnn_layers.word_embedding_forward", words, table, keep=1)

    def judge() -> Iterator[Check]:
        yield equal("out", came, table[words], 2)

    return judge


def embedding_backward(asked: Asked, rng: np.random.Generator) -> Judge:
    words, table = _words(rng)
    once = rng.permutation(len(table))[: 2 * 3].reshape(2, 3)
    came = []
    douts = []
    for x in (once, words):
        _, cache = asked.call("rnn_layers.word_embedding_forward", x, table, keep=1)
        douts.append(rng.standard_normal((*x.shape, table.shape[1])))
        came.append(asked.call("rnn_layers.word_embedding_backward", douts[-1], cache))

    def judge() -> Iterator[Check]:
        yield equal("dW, every word once", came[0], reference.embedding_gradient(douts[0], once, len(table)), 1)
        last = np.zeros_like(table)
        last[words] = douts[1]
        yield equal("dW, words that come again", came[1], reference.embedding_gradient(douts[1], words, len(table)), 2,
                    {"a word's gradients overwrite each other instead of adding up": last})  # fmt: skip
        dw = array(came[1], table.shape)
        never = np.setdiff1d(np.arange(len(table)), words)
        yield true("dW of words that never come", dw is not None and dw.any() and not dw[never].any(), 1, "zero", "it is not")

    return judge


def softmax_loss(asked: Asked, rng: np.random.Generator) -> Judge:
    n, t, v = (int(k) for k in rng.choice(np.arange(3, 9), 3, replace=False))
    x, y = 3 * rng.standard_normal((n, t, v)), rng.integers(0, v, (n, t))
    mask = rng.random((n, t)) < 0.6
    mask[0, 0], mask[-1, -1] = True, False
    everywhere = np.ones((n, t), bool)
    came = [asked.call("rnn_layers.temporal_softmax_loss", *a) for a in ((x, y, everywhere), (x, y, mask), (1e3 * x, y, mask))]
    pairs = [c if isinstance(c, tuple) and len(c) == 2 else (c, c) for c in came]

    def judge() -> Iterator[Check]:
        whole = reference.softmax_loss(x, y, everywhere)
        part = reference.softmax_loss(x, y, mask)
        spread = {"it is averaged over the steps as well": whole[0] / t, "it is summed over the captions": whole[0] * n,
                  "it is averaged over the steps and not over the captions": whole[0] * n / t}  # fmt: skip
        yield equal("loss, nothing masked", pairs[0][0], whole[0], 1, spread)
        less = {"the mask is left out": whole[0], "it is averaged over the unmasked words": part[0] * n / mask.sum()}
        yield equal("loss, masked", pairs[1][0], part[0], 1, less | {m: w / whole[0] * part[0] for m, w in spread.items()})
        yield equal("dx", pairs[1][1], part[1], 2,
                    {"the mask is left out": whole[1], "it is averaged over the steps as well": part[1] / t})  # fmt: skip
        yield equal("loss of huge scores", pairs[2][0], reference.softmax_loss(1e3 * x, y, mask)[0], 1)

    return judge


def _words(rng: np.random.Generator) -> tuple[Array, Array]:
    """Words (N, T), many of them twice, some of the vocabulary never, and their vectors (V, D)."""
    v, d = int(rng.integers(9, 14)), int(rng.integers(3, 6))
    words = rng.integers(0, v - 2, (int(rng.integers(3, 6)), 7))
    words[:, 1] = words[:, 0]
    return words, rng.standard_normal((v, d))


ITEMS = (
    Item("word_embedding_forward", "rnn", 2, embedding_forward),
    Item("word_embedding_backward", "rnn", 4, embedding_backward, ("word_embedding_forward",)),
    Item("temporal_softmax_loss", "rnn", 5, softmax_loss),
)
