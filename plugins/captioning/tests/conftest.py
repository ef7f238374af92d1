"""A small captioner with a recurrent layer in plain numpy: no other plugin is needed."""

import attrs
import numpy as np
import pytest

from phosphene_captioning import Captioner, Vocabulary
from phosphene_captioning.vocabulary import SPECIAL
from phosphene_core import RecurrentLayer, option


@attrs.frozen
class Slow(RecurrentLayer):
    """h' = tanh(x Wx + h Wh + b), one step after the other."""

    hidden: int = option(6, "units")

    def init(self, rng, shape):
        (steps, size), _ = shape[0], shape[1]
        params = {"Wx": rng.standard_normal((size, self.hidden)) / 2, "Wh": rng.standard_normal((self.hidden, self.hidden)) / 2,
                  "b": np.zeros(self.hidden)}  # fmt: skip
        return {k: v.astype(np.float32) for k, v in params.items()}, (steps, self.hidden)

    def start(self, h0):
        return (h0,)

    def project(self, params, x):
        return x @ params["Wx"] + params["b"]

    def step(self, params, projected, state):
        h = np.tanh(projected + state[0] @ params["Wh"])
        return h, (h,)

    def forward(self, params, x, run):
        x, h0, *rest = x
        there = np.arange(x.shape[1]) < (rest[0] if rest else np.full(len(x), x.shape[1]))[:, None]
        hs, h = [], h0
        for t in range(x.shape[1]):
            h = np.where(there[:, t, None], np.tanh(x[:, t] @ params["Wx"] + h @ params["Wh"] + params["b"]), 0)
            hs.append(h)

        def backward(dh):
            dx, dnext = np.zeros_like(x), np.zeros_like(h0)
            grads = {k: np.zeros_like(v) for k, v in params.items()}
            for t in reversed(range(x.shape[1])):
                before = hs[t - 1] if t else h0
                da = np.where(there[:, t, None], (dh[:, t] + dnext) * (1 - hs[t] ** 2), 0)
                grads["Wx"] += x[:, t].T @ da
                grads["Wh"] += before.T @ da
                grads["b"] += da.sum(axis=0)
                dx[:, t], dnext = da @ params["Wx"].T, da @ params["Wh"].T
            return (dx, dnext, None) if rest else (dx, dnext), grads

        return np.stack(hs, axis=1) if hs else np.zeros((*x.shape[:2], self.hidden), x.dtype), backward


WORDS = (*SPECIAL, "a", "red", "blue", "circle", "square", "above")


@pytest.fixture
def slow():
    return Slow


@pytest.fixture
def words():
    return WORDS


@pytest.fixture
def captioner():
    model = Captioner(recurrent=Slow(), features=5, word_size=4, vocabulary_words=WORDS)
    return model.initialized(np.random.default_rng(0))


@pytest.fixture
def vocabulary():
    return Vocabulary(WORDS)


@pytest.fixture
def batch(vocabulary):
    sentences = ["a red circle", "a blue square above a red circle", "red"]
    captions = np.stack([vocabulary.encode(s.split(), 9) for s in sentences])
    return {"features": np.random.default_rng(1).standard_normal((3, 5)), "captions": captions}
