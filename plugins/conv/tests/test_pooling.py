"""Pools: kernel, twin and a naive loop agree."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_conv import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from phosphene_conv.engine import use_twins
from phosphene_core.errors import PhospheneError
from phosphene_core.threads import use_threads

ints = st.integers


def laid(array: Any, layout: str) -> Any:
    """The same numbers as a caller may bring them."""
    if layout == "strided":
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if layout == "transposed":
        return array.T.copy().T
    if layout == "misaligned":
        view = np.empty(array.nbytes + 1, np.uint8)[1:].view(array.dtype).reshape(array.shape)
        view[...] = array
        return view
    return array


@settings(max_examples=100)
@given(
    shape=st.tuples(ints(0, 3), ints(1, 4), ints(3, 20), ints(3, 20)),
    size=st.tuples(ints(1, 3), ints(1, 3)),
    stride=st.tuples(ints(1, 4), ints(1, 4)),
    pad=ints(0, 2),
    count_pad=st.booleans(),
    dtype=st.sampled_from([np.float32, np.float64]),
    layout=st.sampled_from(["plain", "strided", "transposed", "misaligned"]),
    seed=ints(0, 99),
)
def test_kernel_and_twin_agree(
    shape: tuple[int, ...], size: tuple[int, int], stride: tuple[int, int], pad: int, count_pad: bool, dtype: Any,
    layout: str, seed: int,
) -> None:  # fmt: skip
    how: dict[str, Any] = {"size": size, "stride": stride, "pad": min(pad, *(s - 1 for s in size))}
    rng = np.random.default_rng(seed)
    x = rng.integers(-3, 4, shape).astype(dtype)  # whole numbers: sums are exact and maxima tie
    x = laid(x, layout)

    def results() -> list[Any]:
        y, where = max_pool2d(x, **how)
        a = avg_pool2d(x, count_pad=count_pad, **how)
        dy = laid(np.round(np.cos(np.arange(y.size)).reshape(y.shape) * 8).astype(dtype), layout)
        return [y, where, max_pool2d_backward(dy, where, x.shape, **how), a,
                avg_pool2d_backward(dy, x.shape, count_pad=count_pad, **how)]  # fmt: skip

    compiled = results()
    with use_twins():
        for mine, right in zip(compiled, results(), strict=True):
            assert mine.dtype == right.dtype
            np.testing.assert_allclose(mine, right, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("twins", [False, True])
def test_what_a_pool_means(twins: bool) -> None:
    x = np.array([[1, 2, 5], [4, 3, 0], [7, 7, -1]], np.float64)[None, None]

    def check() -> None:
        y, where = max_pool2d(x, 2, stride=1)
        assert y.tolist() == [[[[4, 5], [7, 7]]]]
        assert where.tolist() == [[[[3, 2], [6, 7]]]]
        assert max_pool2d_backward(y, where, x.shape, 2, stride=1)[0, 0].tolist() == [[0, 0, 5], [4, 0, 0], [7, 7, 0]]
        assert avg_pool2d(x, 2, stride=1).tolist() == [[[[2.5, 2.5], [5.25, 2.25]]]]
        assert avg_pool2d(x, 2, pad=1).tolist() == [[[[0.25, 1.75], [2.75, 2.25]]]]
        assert avg_pool2d(x, 2, pad=1, count_pad=False).tolist() == [[[[1, 3.5], [5.5, 2.25]]]]

    if twins:
        with use_twins():
            check()
    else:
        check()


@pytest.mark.parametrize("twins", [False, True])
def test_nan_wins_and_minus_infinity_has_a_place(twins: bool) -> None:
    x = np.array([[1, np.nan], [np.inf, 0]])[None, None]
    low = np.full((1, 1, 2, 2), -np.inf)

    def check() -> None:
        y, where = max_pool2d(x, 2)
        assert np.isnan(y).all()
        assert where.item() == 1
        assert max_pool2d(low, 2)[1].item() == 0

    if twins:
        with use_twins():
            check()
    else:
        check()


def test_more_than_two_to_the_31_numbers(many_zeros: np.ndarray) -> None:
    """The last image's corner is past what 32 bits count."""
    x = many_zeros
    x[32, 0, -2:, -2:] = [[1, 2], [8, 5]]
    y, where = max_pool2d(x, 2, stride=8190)
    assert y[32, 0].tolist() == [[0, 0], [0, 8]]
    assert where[32, 0, 1, 1] == 8191 * 8192 + 8190
    assert np.count_nonzero(y) == 1
    assert avg_pool2d(x, 2, stride=8190)[32, 0, 1, 1] == 4


@pytest.mark.parametrize("count", [2, 3, 7])
def test_threads_change_nothing(count: int) -> None:
    x = np.random.default_rng(0).standard_normal((3, 37, 40, 41), np.float32)

    def results() -> list[Any]:
        y, where = max_pool2d(x, 3, stride=2, pad=1)
        return [y, where, max_pool2d_backward(y, where, x.shape, 3, stride=2, pad=1), avg_pool2d(x, 3, stride=2),
                avg_pool2d_backward(x, (3, 37, 42, 43), 3, stride=1)]  # fmt: skip

    with use_threads(1):
        alone = results()
    with use_threads(count):
        for a, b in zip(alone, results(), strict=True):
            np.testing.assert_array_equal(a, b)


X = np.zeros((1, 2, 6, 6), np.float32)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: max_pool2d(X, 2, pad=2), "smaller than its size"),
        (lambda: max_pool2d(X, 7), "does not fit"),
        (lambda: avg_pool2d(X.astype(np.float16), 2), "float32"),
        (lambda: max_pool2d(X[..., ::-1], 2), "negative stride"),
        (lambda: max_pool2d(X[0], 2), "4 axes"),
        (lambda: avg_pool2d(X, 2, stride=-1), "stride"),
        (lambda: max_pool2d_backward(X, np.full(X.shape, 36, np.int32), X.shape, 1), "outside planes"),
        (lambda: max_pool2d_backward(X, np.zeros(3, int), X.shape, 1), "where must be"),
        (lambda: avg_pool2d_backward(X, X.shape, 2), "dy must have"),
    ],
)
def test_a_wrong_call_is_one_clear_error(call: Any, words: str) -> None:
    with pytest.raises(PhospheneError, match=words):
        call()
