"""Steps of words and their scores, planned once, are the layer's own steps and a product."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_core import ShapeError
from phosphene_core.layer import RecurrentLayer
from phosphene_core.testing.recurrent import TinyRecurrent
from phosphene_rnn import VanillaRNN, WordSteps, use_twins

VOCABULARY, SCORES = 9, 40


def example(layer: RecurrentLayer, seed: int, dtype: Any = np.float32) -> tuple[WordSteps, Any]:
    rng = np.random.default_rng(seed)
    hidden = layer.hidden  # type: ignore[attr-defined]
    params = {k: v.astype(dtype) for k, v in layer.init(rng, ((1, 6), (hidden,)))[0].items()}
    vectors, w, bias = (rng.standard_normal(s).astype(dtype) for s in ((VOCABULARY, 6), (hidden, SCORES), (SCORES,)))
    return WordSteps.of(layer, params, vectors, w, bias), (layer, params, vectors, w, bias)


def plainly(example: Any, words: Any, state: Any, parents: Any) -> Any:
    """The same by the layer's step and numpy."""
    layer, params, vectors, w, bias = example
    state = state if parents is None else tuple(s[parents] for s in state)
    h, state = layer.step(params, layer.project(params, vectors[words]), state)
    return h @ w + bias, state


@settings(max_examples=40)
@given(count=st.integers(0, 70), hidden=st.integers(1, 70), double=st.booleans(), twins=st.booleans(), seed=st.integers(0, 99))
def test_steps_are_the_layers_own(count: int, hidden: int, double: bool, twins: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    steps, given_ = example(VanillaRNN(hidden), seed, np.float64 if double else np.float32)
    close = 1e-12 if double else 1e-5
    state = (rng.standard_normal((count, hidden)).astype(steps.table.dtype),)
    parents = None
    for _ in range(4):
        words = rng.integers(0, VOCABULARY, len(state[0]) if parents is None else len(parents))
        want, after = plainly(given_, words, state, parents)
        kept = [s.copy() for s in state]
        if twins:
            with use_twins():
                scores, state = steps.step(words, state, parents)
        else:
            scores, state = steps.step(words, state, parents)
        np.testing.assert_allclose(scores, want, rtol=close, atol=close * 10)
        np.testing.assert_allclose(state[0], after[0], rtol=close, atol=close)
        assert all(np.array_equal(a, b) for a, b in zip(kept, kept, strict=True))
        rows = len(state[0])  # all, some, or several from one
        parents = [None, np.flatnonzero(rng.random(rows) < 0.7), rng.integers(0, max(rows, 1), 2 * rows)][rng.integers(3)]


def test_any_recurrent_layer_steps() -> None:
    steps, given_ = example(TinyRecurrent(), 0)
    words, parents = np.array([1, 4, 4]), np.array([1, 0, 1])
    state = (np.random.default_rng(1).standard_normal((2, TinyRecurrent().hidden)).astype(np.float32),)
    scores, after = steps.step(words, state, parents)
    want, own = plainly(given_, words, state, parents)
    np.testing.assert_allclose(scores, want, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(after[0], own[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("words", "parents", "message"),
    [([9], None, "words must be from 0 to 8, not 9 to 9"), ([1], [2], "parents must be from 0 to 1"), ([1], None, "1 words")],
)
def test_what_is_not_there_is_refused(words: Any, parents: Any, message: str) -> None:
    steps, _ = example(VanillaRNN(5), 0)
    with pytest.raises(ShapeError, match=message):
        steps.step(np.array(words), (np.zeros((2, 5), np.float32),), None if parents is None else np.array(parents))
