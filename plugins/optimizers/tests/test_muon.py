"""Muon: orthogonal steps for matrices, Adam's for the rest."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_core.errors import PhospheneError
from phosphene_optimizers import Adam, Muon
from phosphene_optimizers.muon import orthogonal


@given(st.integers(1, 24), st.integers(1, 24), st.floats(-6, 6), st.sampled_from([np.float32, np.float64]), st.integers(0, 999))
def test_singular_values_come_near_one_and_vectors_stay(rows: int, columns: int, size: float, dtype: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    k = min(rows, columns)
    u, v = (np.linalg.qr(rng.standard_normal((n, k)))[0] for n in (rows, columns))
    values = 10 ** rng.uniform(-1.5, 0, k)  # some that are loud, some that are soft
    matrix = ((u * values) @ v.T * 10.0**size).astype(dtype)
    turned = orthogonal(matrix)
    assert turned.dtype == dtype
    inside = u.T @ turned @ v
    assert np.all((np.diag(inside) > 0.65) & (np.diag(inside) < 1.2))
    assert np.abs(turned - (u * np.diag(inside)) @ v.T).max() < (1e-3 if dtype is np.float32 else 1e-9)


def test_a_matrix_and_its_transpose_turn_alike() -> None:
    matrix = np.random.default_rng(0).standard_normal((5, 9))
    np.testing.assert_allclose(orthogonal(matrix.T), orthogonal(matrix).T, atol=1e-12)


def test_no_gradient_is_no_step() -> None:
    assert not orthogonal(np.zeros((3, 4), np.float32)).any()
    params = {"W": np.ones((3, 4), np.float32)}
    optimizer = Muon()
    optimizer.update(params, {"W": np.zeros((3, 4), np.float32)}, optimizer.start(params))
    assert np.all(params["W"] == 1)


def test_a_gradient_that_is_no_number_is_not_hidden() -> None:
    params, optimizer = {"W": np.ones((3, 4), np.float32)}, Muon()
    optimizer.update(params, {"W": np.full((3, 4), np.nan, np.float32)}, optimizer.start(params))
    assert np.isnan(params["W"]).all()


@pytest.mark.parametrize("shape", [(8, 8), (4, 30), (6, 2, 3, 3)])
def test_a_step_has_the_length_of_so_many_learning_rates(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    for size in (1e-4, 1e4):  # however large the gradient is
        params = {"W": np.zeros(shape)}
        optimizer = Muon(learning_rate=0.1, strength=0.3)
        optimizer.update(params, {"W": size * rng.standard_normal(shape)}, optimizer.start(params), scale=0.5)
        assert np.sqrt(np.mean(params["W"] ** 2)) == pytest.approx(0.1 * 0.5 * 0.3, rel=0.2)


def test_the_momentum_is_nesterovs() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2, 3, 5))
    params = {"W": np.zeros((3, 5))}
    optimizer = Muon(learning_rate=0.1, strength=1.0, momentum=0.5)
    state = optimizer.start(params)
    for gradient in (first, second):
        optimizer.update(params, {"W": gradient}, state)
    steps = orthogonal(1.5 * first), orthogonal(second + 0.5 * (second + 0.5 * first))
    np.testing.assert_allclose(params["W"], -0.1 * np.sqrt(5) * (steps[0] + steps[1]), rtol=1e-12)


def test_vectors_and_named_matrices_move_as_by_adam() -> None:
    rng = np.random.default_rng(0)
    shapes = {"conv1.W": (4, 3, 3, 3), "conv1.b": (4,), "hidden.W": (6, 5), "W_embed": (7, 4)}
    start = {k: rng.standard_normal(s) for k, s in shapes.items()}
    mixed, plain = ({k: v.copy() for k, v in start.items()} for _ in range(2))
    muon, adam = Muon(learning_rate=0.01, beta2=0.9, adam=("hidden.*", "*embed*")), Adam(0.01, beta2=0.9)
    states = muon.start(mixed), adam.start(plain)
    assert {k for k in states[0] if k.startswith("velocity.")} == {"velocity.conv1.W"}
    for _ in range(3):
        gradients = {k: rng.standard_normal(s) for k, s in shapes.items()}
        muon.update(mixed, gradients, states[0])
        adam.update(plain, gradients, states[1])
    assert {k for k in start if not np.array_equal(mixed[k], plain[k])} == {"conv1.W"}


def test_decay_shrinks_matrices_apart_from_the_gradient() -> None:
    gradient = np.random.default_rng(0).standard_normal((3, 4))
    ends = []
    for decay in (0.0, 0.5):
        params, optimizer = {"W": np.full((3, 4), 2.0)}, Muon(learning_rate=0.1, weight_decay=decay)
        optimizer.update(params, {"W": gradient}, optimizer.start(params))
        ends.append(params["W"])
    np.testing.assert_allclose(ends[0] - ends[1], 2 * 0.1 * 0.5, rtol=1e-12)


@pytest.mark.parametrize(
    ("gradients", "started", "words"),
    [
        ({"x": np.ones((2, 3))}, {"W": np.ones((2, 3))}, "no parameter"),
        ({"W": np.ones((3, 2))}, {"W": np.ones((2, 3))}, "the gradient of 'W'"),
        ({"W": np.ones((2, 3))}, {}, "nothing for 'W'"),
    ],
)
def test_a_wrong_call_is_one_clear_error_and_changes_nothing(gradients: Any, started: Any, words: str) -> None:
    params = {"W": np.ones((2, 3)), "b": np.ones(2)}
    state = Muon().start({**started, "b": params["b"]})
    with pytest.raises(PhospheneError, match=words):
        Muon().update(params, {"b": np.ones(2), **gradients}, state)
    assert all((p == 1).all() for p in params.values())
