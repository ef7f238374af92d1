"""The softmax loss against its definition."""

from typing import Any

import numpy as np
import pytest

from phosphene_core.errors import PhospheneError
from phosphene_core.gradcheck import numeric_gradient
from phosphene_dense import softmax_cross_entropy
from phosphene_dense.engine import use_twins


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_definition(smoothing: float) -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.standard_normal((5, 7)), rng.integers(0, 7, 5)
    loss, gradient, correct = softmax_cross_entropy(scores, labels, smoothing)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    target = np.full((5, 7), smoothing / 7)
    target[np.arange(5), labels] += 1 - smoothing
    assert loss == pytest.approx(-(target * np.log(p)).sum() / 5, rel=1e-12)
    np.testing.assert_array_equal(correct, p.argmax(axis=1) == labels)
    numeric = numeric_gradient(
        lambda: np.array(softmax_cross_entropy(scores, labels, smoothing)[0]), scores, np.array(1.0)
    )
    np.testing.assert_allclose(gradient, numeric, atol=1e-9)


@pytest.mark.parametrize("twins", [False, True], ids=["kernels", "twins"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_at_the_edges(dtype: Any, twins: bool) -> None:
    def check() -> None:
        large = np.array([[1e4, 0, -1e4], [0, 0, 0]], dtype)
        loss, gradient, _ = softmax_cross_entropy(large, np.array([2, 1]))
        assert loss == pytest.approx((2e4 + np.log(3)) / 2, rel=1e-6)
        np.testing.assert_allclose(gradient, [[0.5, 0, -0.5], [1 / 6, -1 / 3, 1 / 6]], atol=1e-6)
        never = np.array([[0, -np.inf, 0]], dtype)  # a class that cannot be
        loss, gradient, _ = softmax_cross_entropy(never, np.array([0]))
        assert loss == pytest.approx(np.log(2), rel=1e-6)
        np.testing.assert_allclose(gradient, [[-0.5, 0, 0.5]], atol=1e-6)
        assert np.isnan(softmax_cross_entropy(np.array([[0, np.nan]], dtype), np.array([0]))[0])
        ties = softmax_cross_entropy(np.zeros((2, 3), dtype), np.array([0, 1]))[2]
        assert ties.tolist() == [True, False]  # of equal scores the first counts as the largest

    if twins:
        with use_twins():
            check()
    else:
        check()


def test_a_batch_of_none() -> None:
    loss, gradient, correct = softmax_cross_entropy(np.zeros((0, 4), np.float32), np.zeros(0, int))
    assert loss == 0
    assert gradient.shape == (0, 4)
    assert correct.shape == (0,)


@pytest.mark.parametrize(
    ("scores", "labels", "words"),
    [
        (np.zeros((2, 3)), np.array([0, 3]), "no class 3"),
        (np.zeros((2, 3)), np.array([-1, 0]), "no class -1"),
        (np.zeros((2, 3)), np.array([0.0, 1.0]), "integers"),
        (np.zeros((2, 3)), np.array([0]), "labels must be 2 integers"),
        (np.zeros(3), np.array([0]), "classes"),
        (np.zeros((2, 3), np.float16), np.array([0, 1]), "float32"),
    ],
)
def test_a_wrong_call_is_one_clear_error(scores: Any, labels: Any, words: str) -> None:
    with pytest.raises(PhospheneError, match=words):
        softmax_cross_entropy(scores, labels)
