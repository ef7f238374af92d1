"""Each kernel, on every set of vector instructions that this processor has, agrees with its numpy twin."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_core.layer import Need
from phosphene_core.threads import use_threads
from phosphene_dense import softmax_cross_entropy
from phosphene_dense.dropout import drop
from phosphene_dense.engine import kernels, use_twins
from phosphene_dense.normalization import normalize, normalize_backward, statistics
from phosphene_dense.relu import RULES, rectify, rectify_backward

SETS = [s for s in ("v4", "v3", "base") if (k := kernels()) is not None and k.use(s)]
pytestmark = pytest.mark.skipif(not SETS, reason="the kernels were not compiled")
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-12}


@pytest.fixture(params=SETS, autouse=True, scope="module")
def instruction_set(request: pytest.FixtureRequest) -> Iterator[None]:
    compiled = kernels()
    assert compiled is not None
    compiled.use(request.param)
    yield
    compiled.use(compiled.instruction_set())


def agree(results: Callable[[], list[Any]], dtype: Any) -> None:
    compiled = results()
    with use_twins():
        for mine, right in zip(compiled, results(), strict=True):
            assert mine.dtype == right.dtype
            scale = max(1.0, float(np.abs(right).max())) if right.size else 1.0
            np.testing.assert_allclose(mine, right, rtol=0, atol=TOLERANCE[dtype] * scale)


dtypes = st.sampled_from([np.float32, np.float64])
shapes = st.one_of(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 40), st.integers(1, 40)),
)


@settings(max_examples=80)
@given(shape=shapes, dtype=dtypes, rule=st.sampled_from([None, *RULES]), batch=st.booleans(), seed=st.integers(0, 99))
def test_normalization(shape: tuple[int, ...], dtype: Any, rule: str | None, batch: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    means = 10 * rng.standard_normal((1, shape[1]) + (1,) * (len(shape) - 2))
    x = (3 * rng.standard_normal(shape) + means).astype(dtype)
    dy = rng.standard_normal(shape).astype(dtype)
    mean = x.mean(axis=(0, *range(2, x.ndim)))
    inv, gamma, beta = rng.uniform(0.5, 2, (3, shape[1])).astype(dtype)
    y = gamma * inv * (x.swapaxes(1, -1) - mean) + beta
    dy[np.abs(y.swapaxes(1, -1)) < 1e-4] = 0  # where rounding decides which side of the rectifier's edge x is on

    def results() -> list[Any]:
        parts = [*statistics(x), normalize(x, mean, inv, gamma, beta, rule is not None)]
        return parts + list(normalize_backward(dy, x, mean, inv, gamma, beta, batch, Need.BOTH, rule))

    agree(results, dtype)


@settings(max_examples=40)
@given(size=st.integers(0, 300), dtype=dtypes, rule=st.sampled_from(RULES), seed=st.integers(0, 99))
def test_the_rectifier(size: int, dtype: Any, rule: str, seed: int) -> None:
    x, dy = np.random.default_rng(seed).standard_normal((2, size)).astype(dtype)
    agree(lambda: [y := rectify(x), rectify_backward(dy, y, rule)], dtype)


@settings(max_examples=60)
@given(
    rows=st.integers(1, 20), classes=st.integers(1, 70), dtype=dtypes, size=st.sampled_from([1.0, 30.0, 1000.0]),
    smoothing=st.sampled_from([0.0, 0.1]), seed=st.integers(0, 99),
)  # fmt: skip
def test_the_loss(rows: int, classes: int, dtype: Any, size: float, smoothing: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = (size * rng.standard_normal((rows, classes))).astype(dtype)
    labels = rng.integers(0, classes, rows)

    def results() -> list[Any]:
        loss, gradient, correct = softmax_cross_entropy(scores, labels, smoothing)
        return [np.array(loss, dtype) / dtype(size), gradient, correct.astype(dtype)]

    agree(results, dtype)


@settings(max_examples=20)
@given(size=st.integers(0, 200), dtype=dtypes, rate=st.floats(0.01, 0.99), seed=st.integers(0, 99))
def test_dropout(size: int, dtype: Any, rate: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, key = rng.standard_normal(size).astype(dtype), rng.integers(0, 2**32, 2, np.uint32)
    agree(lambda: [drop(x, key, rate)], dtype)


@pytest.mark.parametrize("shape", [(7, 33, 20, 30), (300, 70, 3, 3), (700, 90)])
def test_threads_change_nothing(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((2, *shape), np.float32)
    mean, var = statistics(x)
    inv, gamma, beta = 1 / np.sqrt(var), 1 + mean, mean

    def results() -> list[Any]:
        flat = x.reshape(len(x), -1)
        return [
            *statistics(x), normalize(x, mean, inv, gamma, beta, True), rectify(x), rectify_backward(dy, x, "guided"),
            *normalize_backward(dy, x, mean, inv, gamma, beta, True, Need.BOTH, "gradient"),
            drop(x, np.array([1, 2], np.uint32), 0.4), softmax_cross_entropy(flat, np.zeros(len(x), int))[1],
        ]  # fmt: skip

    with use_threads(1):
        alone = results()
    for count in (2, 3):
        with use_threads(count):
            for a, b in zip(alone, results(), strict=True):
                np.testing.assert_array_equal(a, b)


def test_a_large_mean_costs_no_digits() -> None:
    x = np.random.default_rng(0).standard_normal((50, 2, 40, 40)).astype(np.float32) + np.float32(3000)
    mean, var = statistics(x)
    exact = x.astype(np.float64)
    np.testing.assert_allclose(mean, exact.mean(axis=(0, 2, 3)), rtol=1e-6)
    np.testing.assert_allclose(var, exact.var(axis=(0, 2, 3)), rtol=1e-4)


def test_arrays_that_lie_otherwise_are_taken_as_they_are_meant() -> None:
    x = np.random.default_rng(0).standard_normal((6, 5, 8, 9))
    crooked = np.empty(6 * 5 * 8 * 9 * 8 + 1, np.uint8)[1:].view(np.float64).reshape(x.shape)
    crooked[...] = x
    for view in (x.transpose(3, 1, 2, 0), x[::-1, ::2, :, 1:], crooked):
        for got, want in zip(statistics(view), statistics(np.ascontiguousarray(view)), strict=True):
            np.testing.assert_array_equal(got, want)
        np.testing.assert_array_equal(rectify(view), np.maximum(view, 0))
