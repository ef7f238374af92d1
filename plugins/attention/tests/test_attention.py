"""The attention layer is what Xu et al. 2015 define."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_attention import AttentionLSTM
from phosphene_core import Need, Pass, ShapeError
from phosphene_core.testing import check_layer


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def plain(p: Any, x: Any, h: Any, c: Any, grid: Any) -> tuple[Any, Any]:
    """One sequence, one step after the other, as the paper writes it."""
    hs, alphas = [], []
    for word in x:
        scores = np.array([p["v"] @ np.tanh(a @ p["Wk"] + p["bk"] + h @ p["Wq"]) for a in grid])
        alpha = np.exp(scores) / np.exp(scores).sum()
        z = sigmoid(h @ p["Wg"] + p["bg"]) * sum(w * a for w, a in zip(alpha, grid, strict=True))
        i, f, o, g = np.split(word @ p["Wx"] + z @ p["Wz"] + h @ p["Wh"] + p["b"], 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        hs.append(h)
        alphas.append(alpha)
    return hs, alphas


def drawn(n: int, t: int, w: int, h: int, places: int, d: int, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    layer = AttentionLSTM(hidden=h, attention=4, forget_bias=1.0)
    params, _ = layer.init(rng, ((t, w), ((h,), (h,), (places, d))))
    params = {k: v.astype(np.float64) + 0.1 * rng.standard_normal(v.shape) for k, v in params.items()}
    state = rng.standard_normal((n, h)), rng.standard_normal((n, h)), rng.standard_normal((n, places, d))
    return layer, params, rng.standard_normal((n, t, w)), state, rng.integers(0, t + 1, n)


@settings(max_examples=40)
@given(*(st.integers(a, b) for a, b in ((0, 6), (0, 5), (1, 6), (1, 6), (1, 9), (1, 5), (0, 999))))
def test_is_its_definition_for_any_size(n: int, t: int, w: int, h: int, places: int, d: int, seed: int) -> None:
    layer, params, x, state, lengths = drawn(n, t, w, h, places, d, seed)
    x[np.arange(t) >= lengths[:, None]] = np.nan  # what is not there is never looked at
    (hs, alpha), _ = layer.forward(params, (x, state, lengths), Pass(need=Need.NOTHING))
    for row, length in enumerate(lengths):
        want_h, want_alpha = plain(params, x[row, :length], *(s[row] for s in state))
        for got, want in ((hs, want_h), (alpha, want_alpha)):
            np.testing.assert_allclose(got[row, :length], np.reshape(want, got[row, :length].shape), atol=1e-12)
            assert not got[row, length:].any()


def test_it_keeps_the_contract_of_any_layer() -> None:
    check_layer(AttentionLSTM)


def test_steps_on_their_own_give_the_same() -> None:
    layer, params, x, state, _ = drawn(3, 5, 4, 6, 8, 2, seed=1)
    (hs, _), _ = layer.forward(params, (x, state), Pass())
    for t in range(5):
        h, state = layer.step(params, layer.project(params, x[:, t]), state)
        np.testing.assert_allclose(h, hs[:, t], atol=1e-12)


def test_every_glance_is_shared_out_over_the_places() -> None:
    layer, params, x, state, lengths = drawn(5, 4, 3, 4, 7, 2, seed=2)
    (_, alpha), _ = layer.forward(params, (x, state, lengths), Pass())
    there = np.arange(4) < lengths[:, None]
    np.testing.assert_allclose(alpha.sum(axis=2), there, atol=1e-12)


def test_it_starts_from_a_state_and_a_grid() -> None:
    h0, grid = np.ones((2, 3)), np.ones((2, 5, 4))
    h, c, seen = AttentionLSTM(hidden=3).start(h0, grid)
    assert h is h0 and seen is grid and not c.any()
    with pytest.raises(ShapeError, match="grid"):
        AttentionLSTM(hidden=3).start(h0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda x, h, c, g: (x[..., :2], (h, c, g)), "x must be"),
        (lambda x, h, c, g: (x, (h[:, :1], c, g)), "state must be"),
        (lambda x, h, c, g: (x, (h, c, g[:, :0])), "grid must be"),
        (lambda x, h, c, g: (x, (h, c, g[:1])), "grid must be"),
        (lambda x, h, c, g: (x, (h, c, g), np.array([9, 0, 1])), "lengths must be"),
    ],
)
def test_what_does_not_fit_is_refused(change: Any, message: str) -> None:
    layer, params, x, state, _ = drawn(3, 4, 5, 4, 6, 2, seed=3)
    with pytest.raises(ShapeError, match=message):
        layer.forward(params, change(x, *state), Pass())
    with pytest.raises(ShapeError, match="sequences"):
        layer.init(np.random.default_rng(0), (4, 5))
