"""Scores of words and classes: their log-softmax, and the largest of them."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_core.errors import ShapeError
from phosphene_dense import largest, likeliest, log_softmax, softmax_cross_entropy
from phosphene_dense.engine import use_twins

engines = pytest.mark.parametrize("engine", [nullcontext, use_twins], ids=["kernels", "twins"])
dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


@engines
@dtypes
@given(rows=st.integers(0, 40), classes=st.integers(1, 90), scale=st.sampled_from([1e-3, 1.0, 1e3]), seed=st.integers(0, 99))
def test_log_softmax(engine: Any, dtype: Any, rows: int, classes: int, scale: float, seed: int) -> None:
    scores = (scale * np.random.default_rng(seed).standard_normal((rows, classes))).astype(dtype)
    exact = scores.astype(np.float64)
    if rows:
        exact = exact - exact.max(axis=1, keepdims=True)
        exact -= np.log(np.exp(exact).sum(axis=1, keepdims=True))
    close: Any = {"rtol": 2e-6, "atol": 2e-6 * max(1, scale)} if dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-12 * scale}
    with engine():
        kept = scores.copy()
        np.testing.assert_allclose(log_softmax(scores), exact, **close)
        assert np.array_equal(scores, kept)
        np.testing.assert_allclose(log_softmax(scores, overwrite=True), exact, **close)


@engines
@dtypes
@given(rows=st.integers(0, 40), classes=st.integers(1, 90), ties=st.booleans(), data=st.data())
def test_the_largest(engine: Any, dtype: Any, rows: int, classes: int, ties: bool, data: Any) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    count = data.draw(st.integers(1, classes))
    scores = (rng.integers(0, 4, (rows, classes)) if ties else rng.standard_normal((rows, classes))).astype(dtype)
    with engine():
        found = largest(scores, count)
    np.testing.assert_array_equal(found, np.argsort(-scores, axis=1, kind="stable")[:, :count])


def test_there_are_no_more_than_there_are() -> None:
    for count in (0, 4):
        with pytest.raises(ShapeError, match="largest"):
            largest(np.zeros((2, 3)), count)
    with pytest.raises(ShapeError):
        log_softmax(np.zeros(3))


@engines
@dtypes
def test_the_loss_may_be_divided_by_another_number_and_made_in_place(engine: Any, dtype: Any) -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.standard_normal((30, 70)).astype(dtype), rng.integers(0, 70, 30)
    with engine():
        loss, gradient, correct = softmax_cross_entropy(scores, labels)
        other, less, same = softmax_cross_entropy(scores.copy(), labels, divisor=5, overwrite=True)
    assert other == pytest.approx(6 * loss, rel=1e-12)
    np.testing.assert_allclose(less, 6 * gradient, rtol=1e-5)
    np.testing.assert_array_equal(correct, same)


@engines
@dtypes
@given(rows=st.integers(0, 20), classes=st.integers(1, 90), data=st.data())
def test_the_likeliest_have_their_log_softmax(engine: Any, dtype: Any, rows: int, classes: int, data: Any) -> None:
    scores = (5 * np.random.default_rng(data.draw(st.integers(0, 99))).standard_normal((rows, classes))).astype(dtype)
    scores[:, classes // 2 + 1 :] = -1e9
    count = data.draw(st.integers(1, classes))
    with engine():
        places, log_probs = likeliest(scores, count)
        np.testing.assert_array_equal(places, largest(scores, count))
        want = np.take_along_axis(log_softmax(scores), places, axis=1)
    np.testing.assert_allclose(log_probs, want, rtol=1e-6 if dtype == np.float32 else 1e-14)
