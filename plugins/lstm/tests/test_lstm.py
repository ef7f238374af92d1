"""The LSTM is what the course defines, in both engines."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_core import Pass
from phosphene_core.testing import check_layer
from phosphene_lstm import LSTM
from phosphene_rnn import sigmoid, use_twins
from phosphene_rnn.testing import check_cell, plain_loop

engines = pytest.mark.parametrize("engine", [nullcontext, use_twins], ids=["kernels", "twins"])


def definition(p: Any, x: Any, state: Any) -> Any:
    h, c = state
    i, f, o, g = np.split(x @ p["Wx"] + h @ p["Wh"] + p["b"], 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c


def line(low: float, high: float, *shape: int) -> Any:
    return np.linspace(low, high, int(np.prod(shape))).reshape(shape)


@engines
def test_a_step_as_in_the_course(engine: Any) -> None:
    layer = LSTM(5)
    params = {"Wx": line(-2.1, 1.3, 4, 20), "Wh": line(-0.7, 2.2, 5, 20), "b": line(0.3, 0.7, 20)}
    x, h0, c0 = line(-0.4, 1.2, 3, 4), line(-0.3, 0.7, 3, 5), line(-0.4, 0.9, 3, 5)
    want_h = [[0.24635157, 0.28610883, 0.32240467, 0.35525807, 0.38474904],
              [0.49223563, 0.55611431, 0.61507696, 0.66844003, 0.7159181],
              [0.56735664, 0.66310127, 0.74419266, 0.80889665, 0.858299]]  # fmt: skip
    want_c = [[0.32986176, 0.39145139, 0.451556, 0.51014116, 0.56717407],
              [0.66382255, 0.76674007, 0.87195994, 0.97902709, 1.08751345],
              [0.74192008, 0.90592151, 1.07717006, 1.25120233, 1.42395676]]  # fmt: skip
    with engine():
        h, (again, c) = layer.step(params, layer.project(params, x), (h0, c0))
    assert again is h
    np.testing.assert_allclose(h, want_h, rtol=0, atol=1e-8)
    np.testing.assert_allclose(c, want_c, rtol=0, atol=1e-8)
    for n in range(3):
        own_h, own_c = definition(params, x[n], (h0[n], c0[n]))
        np.testing.assert_allclose(h[n], own_h, rtol=1e-13)
        np.testing.assert_allclose(c[n], own_c, rtol=1e-13)


@engines
def test_a_sequence_as_in_the_course(engine: Any) -> None:
    params = {"Wx": line(-0.2, 0.9, 5, 16), "Wh": line(-0.3, 0.6, 4, 16), "b": line(0.2, 0.7, 16)}
    x, h0 = line(-0.4, 0.6, 2, 3, 5), line(-0.4, 0.8, 2, 4)
    want = [[[0.01764008, 0.01823233, 0.01882671, 0.0194232], [0.11287491, 0.12146228, 0.13018446, 0.13902939],
             [0.31358768, 0.33338627, 0.35304453, 0.37250975]],
            [[0.45767879, 0.4761092, 0.4936887, 0.51041945], [0.6704845, 0.69350089, 0.71486014, 0.7346449],
             [0.81733511, 0.83677871, 0.85403753, 0.86935314]]]  # fmt: skip
    with engine():
        h, _ = LSTM(4).forward(params, (x, h0), Pass())
    np.testing.assert_allclose(h, want, rtol=0, atol=1e-8)
    states = (h0, np.zeros_like(h0))
    np.testing.assert_allclose(h, plain_loop(definition, params, x, states, np.array([3, 3])), rtol=1e-12)


@settings(max_examples=60)
@given(
    st.integers(0, 40), st.integers(0, 6), st.integers(1, 70), st.integers(1, 80), st.booleans(),
    st.sampled_from([np.float32, np.float64]), st.integers(0, 999),
)  # fmt: skip
def test_is_its_definition_for_any_size(n: int, t: int, d: int, h: int, ragged: bool, dtype: Any, seed: int) -> None:
    check_cell(LSTM(h), definition, sequences=n, steps=t, width=d, ragged=ragged, dtype=dtype, seed=seed)


@pytest.mark.parametrize("units", [1, 2, 4, 8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gates_that_together_are_as_wide_as_a_panel_keep_apart(units: int, dtype: Any) -> None:
    check_cell(LSTM(units), definition, sequences=30, steps=3, width=9, ragged=True, dtype=dtype, seed=units)


@engines
def test_keeps_the_contract_of_layers(engine: Any) -> None:
    rng = np.random.default_rng(0)
    x, h0, c0 = rng.standard_normal((3, 4, 5)), rng.standard_normal((3, 6)), rng.standard_normal((3, 6))
    lengths = np.array([4, 0, 2])
    with engine():
        for inputs in ((x, h0), (x, h0, lengths), (x, (h0, c0)), (x, (h0, c0), lengths)):
            check_layer(LSTM(6), inputs)
        check_layer(LSTM)


def test_the_forget_gates_bias_starts_where_it_is_told() -> None:
    params, _ = LSTM(3, forget_bias=1).init(np.random.default_rng(0), ((2, 4), (3,)))
    assert params["b"].tolist() == [0] * 3 + [1] * 3 + [0] * 6
    assert not LSTM(3).init(np.random.default_rng(0), ((2, 4), (3,)))[0]["b"].any()


def test_the_cell_starts_at_zero() -> None:
    h, c = LSTM(3).start(np.ones((2, 3)))
    assert (h == 1).all()
    assert c.shape == (2, 3)
    assert not c.any()
