"""The vanilla layer is what the course defines, in both engines."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_core import Pass
from phosphene_core.testing import check_layer
from phosphene_rnn import VanillaRNN, use_twins
from phosphene_rnn.testing import check_cell, plain_loop

engines = pytest.mark.parametrize("engine", [nullcontext, use_twins], ids=["kernels", "twins"])


def definition(p: Any, x: Any, state: Any) -> Any:
    return (np.tanh(x @ p["Wx"] + state[0] @ p["Wh"] + p["b"]),)


def line(low: float, high: float, *shape: int) -> Any:
    return np.linspace(low, high, int(np.prod(shape))).reshape(shape)


@engines
def test_a_step_as_in_the_course(engine: Any) -> None:
    layer = VanillaRNN(4)
    params = {"Wx": line(-0.1, 0.9, 10, 4), "Wh": line(-0.3, 0.7, 4, 4), "b": line(-0.2, 0.4, 4)}
    x, h0 = line(-0.4, 0.7, 3, 10), line(-0.2, 0.5, 3, 4)
    want = [[-0.58172089, -0.50182032, -0.41232771, -0.31410098], [0.66854692, 0.79562378, 0.87755553, 0.92795967],
            [0.97934501, 0.99144213, 0.99646691, 0.99854353]]  # fmt: skip
    with engine():
        h, state = layer.step(params, layer.project(params, x), layer.start(h0))
    np.testing.assert_allclose(h, want, rtol=0, atol=1e-8)
    np.testing.assert_allclose(h, np.tanh(x @ params["Wx"] + h0 @ params["Wh"] + params["b"]), rtol=1e-13)
    assert state[0] is h


@engines
def test_a_sequence_as_in_the_course(engine: Any) -> None:
    params = {"Wx": line(-0.2, 0.4, 4, 5), "Wh": line(-0.4, 0.1, 5, 5), "b": line(-0.7, 0.1, 5)}
    x, h0 = line(-0.1, 0.3, 2, 3, 4), line(-0.3, 0.1, 2, 5)
    want = [[[-0.42070749, -0.27279261, -0.11074945, 0.05740409, 0.22236251],
             [-0.39525808, -0.22554661, -0.0409454, 0.14649412, 0.32397316],
             [-0.42305111, -0.24223728, -0.04287027, 0.15997045, 0.35014525]],
            [[-0.55857474, -0.39065825, -0.19198182, 0.02378408, 0.23735671],
             [-0.27150199, -0.07088804, 0.13562939, 0.33099728, 0.50158768],
             [-0.51014825, -0.30524429, -0.06755202, 0.17806392, 0.40333043]]]  # fmt: skip
    with engine():
        h, _ = VanillaRNN(5).forward(params, (x, h0), Pass())
    np.testing.assert_allclose(h, want, rtol=0, atol=1e-8)
    np.testing.assert_allclose(h, plain_loop(definition, params, x, (h0,), np.array([3, 3])), rtol=1e-12)


@settings(max_examples=60)
@given(
    st.integers(0, 40), st.integers(0, 6), st.integers(1, 70), st.integers(1, 80), st.booleans(),
    st.sampled_from([np.float32, np.float64]), st.integers(0, 999),
)  # fmt: skip
def test_is_its_definition_for_any_size(n: int, t: int, d: int, h: int, ragged: bool, dtype: Any, seed: int) -> None:
    check_cell(VanillaRNN(h), definition, sequences=n, steps=t, width=d, ragged=ragged, dtype=dtype, seed=seed)


@engines
def test_keeps_the_contract_of_layers(engine: Any) -> None:
    rng = np.random.default_rng(0)
    x, h0, lengths = rng.standard_normal((3, 4, 5)), rng.standard_normal((3, 6)), np.array([4, 0, 2])
    with engine():
        for inputs in ((x, h0), (x, h0, lengths), (x, (h0,), lengths)):
            check_layer(VanillaRNN(6), inputs)
        check_layer(VanillaRNN)


def test_start_values_are_the_courses() -> None:
    params, shape = VanillaRNN(300).init(np.random.default_rng(0), ((7, 200), (300,)))
    assert shape == (7, 300)
    assert not params["b"].any()
    assert abs(params["Wx"].std() * np.sqrt(200) - 1) < 0.02
    assert abs(params["Wh"].std() * np.sqrt(300) - 1) < 0.02
    assert {v.dtype for v in params.values()} == {np.dtype(np.float32)}
