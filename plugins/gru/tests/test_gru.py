"""The GRU is what Cho et al. 2014 define, in both engines."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_core.testing import check_layer
from phosphene_gru import GRU
from phosphene_rnn import sigmoid, use_twins
from phosphene_rnn.testing import check_cell

engines = pytest.mark.parametrize("engine", [nullcontext, use_twins], ids=["kernels", "twins"])


def definition(p: Any, x: Any, state: Any) -> Any:
    """Equations 5 to 8 of the paper, with biases."""
    (h,) = state
    (wr, wz, wn), (ur, uz, un), (br, bz, bn) = (np.split(p[k], 3, axis=-1) for k in ("Wx", "Wh", "b"))
    r = sigmoid(x @ wr + h @ ur + br)
    z = sigmoid(x @ wz + h @ uz + bz)
    candidate = np.tanh(x @ wn + (r * h) @ un + bn)
    return (z * h + (1 - z) * candidate,)


@settings(max_examples=60)
@given(
    st.integers(0, 40), st.integers(0, 6), st.integers(1, 70), st.integers(1, 80), st.booleans(),
    st.sampled_from([np.float32, np.float64]), st.integers(0, 999),
)  # fmt: skip
def test_is_its_definition_for_any_size(n: int, t: int, d: int, h: int, ragged: bool, dtype: Any, seed: int) -> None:
    check_cell(GRU(h), definition, sequences=n, steps=t, width=d, ragged=ragged, dtype=dtype, seed=seed)


@engines
def test_keeps_the_contract_of_layers(engine: Any) -> None:
    rng = np.random.default_rng(0)
    x, h0, lengths = rng.standard_normal((3, 4, 5)), rng.standard_normal((3, 6)), np.array([4, 0, 2])
    with engine():
        for inputs in ((x, h0), (x, h0, lengths), (x, (h0,), lengths)):
            check_layer(GRU(6), inputs)
        check_layer(GRU)


def test_an_open_update_gate_carries_the_state_through() -> None:
    layer = GRU(3)
    params, _ = layer.init(np.random.default_rng(0), ((2, 4), (3,)))
    params["b"][layer.cell.columns(("z",), 3)] = 50
    h0 = np.array([[0.5, -1, 2]], np.float32)
    h, _ = layer.step(params, layer.project(params, np.ones((1, 4), np.float32)), layer.start(h0))
    np.testing.assert_allclose(h, h0, rtol=1e-6)
