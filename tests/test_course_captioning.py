"""The course's checks of captioning: its inputs in even steps, what its notebooks expect, and the definitions once more in
plain numpy, independent of any layer."""

import numpy as np
import pytest

from phosphene_captioning import Captioner, greedy
from phosphene_captioning.vocabulary import SPECIAL
from phosphene_core import Need, Pass
from phosphene_core.lookup import table_gradient
from phosphene_lstm import LSTM
from phosphene_optimizers import Adam
from phosphene_rnn import VanillaRNN


def line(low, high, *shape):
    return np.linspace(low, high, int(np.prod(shape))).reshape(shape)


def sigma(x):
    return 1 / (1 + np.exp(-x))


def loss_by_definition(kind, p, features, captions):
    """h0 = features W_proj + b; words looked up; the cell; scores; softmax loss of the words that are there, a mean over the
    batch."""
    total, hidden = 0.0, len(p["recurrent.Wh"])
    for feature, caption in zip(features, captions, strict=True):
        h, c = feature @ p["W_proj"] + p["b_proj"], np.zeros(hidden)
        for word, target in zip(caption[:-1], caption[1:], strict=True):
            a = p["W_embed"][word] @ p["recurrent.Wx"] + h @ p["recurrent.Wh"] + p["recurrent.b"]
            if kind == "lstm":
                i, f, o, g = (a[k * hidden : (k + 1) * hidden] for k in range(4))
                c = sigma(f) * c + sigma(i) * np.tanh(g)
                h = sigma(o) * np.tanh(c)
            else:
                h = np.tanh(a)
            scores = h @ p["W_vocab"] + p["b_vocab"]
            total += (np.log(np.exp(scores - scores.max()).sum()) + scores.max() - scores[target]) * (target != 0)
    return total / len(captions)


@pytest.mark.parametrize(
    ("kind", "layer", "first", "last", "expected"),
    [("rnn", VanillaRNN(40), -1.5, 0.3, 9.83235591003), ("lstm", LSTM(40), -0.5, 1.7, 9.82445935443)],
)
def test_the_captioning_loss(kind, layer, first, last, expected):
    model = Captioner(recurrent=layer, features=20, word_size=30, vocabulary_words=("<NULL>", "cat", "dog"))
    params = {k: line(-1.4, 1.3, *v.shape) for k, v in model.initialized(np.random.default_rng(0)).params.items()}
    model = Captioner(recurrent=layer, features=20, word_size=30, vocabulary_words=model.vocabulary_words, params=params)
    features, captions = line(first, last, 10, 20), (np.arange(10 * 13) % 3).reshape(10, 13)
    loss, _, _ = model.loss({"features": features, "captions": captions}, Pass(need=Need.NOTHING))
    assert loss == pytest.approx(expected, abs=1e-10)
    assert loss == pytest.approx(loss_by_definition(kind, params, features, captions), rel=1e-13)


def test_word_embedding():
    """The course's lookup, seen through a layer whose step hands its input on."""
    table, words = line(0, 1, 5, 3), np.array([[0, 3, 1, 2], [2, 1, 0, 3]])
    want = [[[0.0, 0.07142857, 0.14285714], [0.64285714, 0.71428571, 0.78571429], [0.21428571, 0.28571429, 0.35714286],
             [0.42857143, 0.5, 0.57142857]],
            [[0.42857143, 0.5, 0.57142857], [0.21428571, 0.28571429, 0.35714286], [0.0, 0.07142857, 0.14285714],
             [0.64285714, 0.71428571, 0.78571429]]]  # fmt: skip
    params = {"Wx": np.eye(3), "Wh": np.zeros((3, 3)), "b": np.zeros(3)}
    h, backward = VanillaRNN(3).forward_words(params, (table, words, np.zeros((2, 3))), Pass())
    np.testing.assert_allclose(np.arctanh(h), want, rtol=0, atol=1e-8)
    dy = line(-1, 1, 2, 4, 3)
    (dtable, dwords, _), _ = backward(dy)
    assert dwords is None
    by_hand = np.zeros_like(table)
    np.add.at(by_hand, words, dy * (1 - h**2))
    np.testing.assert_allclose(dtable, by_hand, rtol=0, atol=1e-14)
    np.testing.assert_allclose(table_gradient(words.ravel(), (dy * (1 - h**2)).reshape(-1, 3), 5), by_hand, atol=1e-14)


def test_temporal_affine_and_the_masked_loss():
    """Scores of random words cost about log V a word, and <NULL> positions nothing (the course: 2.3, 23, 2.3)."""
    rng, v = np.random.default_rng(0), 10
    for t, there, want in ((1, 1.0, 2.3), (10, 1.0, 23), (5000 // 100, 0.1, 11.5)):
        model = Captioner(recurrent=VanillaRNN(4), features=3, word_size=2, vocabulary_words=tuple("abcdefghij"))
        model = model.initialized(rng)
        captions = rng.integers(1, v, (100, t + 1)) * (rng.random((100, t + 1)) < there)
        params = {k: 1e-3 * w for k, w in model.params.items()}
        model = Captioner(recurrent=VanillaRNN(4), features=3, word_size=2, vocabulary_words=model.vocabulary_words, params=params)
        loss, _, _ = model.loss({"features": rng.standard_normal((100, 3), np.float32), "captions": captions}, Pass())
        assert loss == pytest.approx(want, rel=0.1)


@pytest.mark.parametrize(("layer", "most"), [(VanillaRNN(128), 0.1), (LSTM(128), 0.5)], ids=["rnn", "lstm"])
def test_a_few_captions_are_learned_by_heart_and_said_back(layer, most):
    """The course's sanity check in small; tests/benchmarks/overfit_fifty.py has it in full."""
    rng = np.random.default_rng(0)
    words = (*SPECIAL, *(f"w{i}" for i in range(60)))
    model = Captioner(recurrent=layer, features=64, word_size=64, vocabulary_words=words).initialized(rng)
    captions, ends = rng.integers(4, len(words), (10, 9)), rng.integers(4, 9, 10)
    captions[:, 0], captions[np.arange(10), ends] = 1, 2
    captions[np.arange(9) > ends[:, None]] = 0
    data = {"features": rng.standard_normal((10, 64), np.float32), "captions": captions}
    optimizer = Adam(learning_rate=5e-3)
    state, losses = optimizer.start(model.params), []
    for _ in range(100):
        loss, _, grads = model.loss(data, Pass(train=True, need=Need.PARAMS))
        optimizer.update(model.params, grads, state)
        losses.append(loss)
    assert losses[0] == pytest.approx(ends.mean() * np.log(len(words)), rel=0.1)
    assert losses[-1] < most
    for caption, row in zip(greedy(model, data["features"], 8), captions, strict=True):
        assert caption.tokens == tuple(row[1:][row[1:] != 0])
