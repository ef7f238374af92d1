"""Screening loses no word: what is likeliest of scores from whole numbers is what is likeliest of scores in float."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_core.layer import Array
from phosphene_rnn import VanillaRNN, WordSteps
from phosphene_rnn.engine import kernels
from phosphene_rnn.screening import FEW, Rounded, likeliest, screen

compiled = kernels()
needs_kernels = pytest.mark.skipif(compiled is None, reason="no compiler was found")
SETS = ("v4", "v3", "base")


@pytest.fixture(params=SETS, scope="module")
def any_set(request: Any) -> Any:
    if not compiled.use(request.param):
        pytest.skip(f"this processor has no {request.param}")
    yield
    compiled.use(compiled.instruction_set())


def screened(h: Array, w: Array, bias: Array, count: int) -> tuple[Array, Array, Array] | None:
    """What the kernels find: how many of each row, the words, and their log-probabilities. None where there is no screen."""
    made = screen(compiled, w, bias)
    if made is None:
        return None
    panel = compiled.sizes(False)[1]
    padded = np.full(-(-w.shape[1] // panel) * panel, -np.inf, np.float32)
    padded[: w.shape[1]] = bias
    have, words = np.zeros(len(h), np.intp), np.zeros((len(h), count), np.intp)
    log_probs = np.zeros(words.shape)
    compiled.likeliest(False, h, made, padded, w.shape[1], False, have, words, log_probs)
    return have, words, log_probs


def check(h: Array, w: Array, bias: Array, count: int, close: float = 1e-4) -> None:
    """Words are, to float's rounding, the likeliest in double precision, in order, each once; and so are their log-probabilities."""
    found = screened(h, w, bias, count)
    if found is None:  # some word is too long or too short, or the processor is no quicker so
        return
    have, words, log_probs = found
    exact = h.astype(np.float64) @ w.astype(np.float64) + bias
    rounding = 1e-6 * np.linalg.norm(h.astype(np.float64), axis=1)[:, None] * np.linalg.norm(w.astype(np.float64), axis=0)
    rounding = rounding + 2e-7 * np.abs(exact)
    top = exact.max(axis=1, keepdims=True)
    total = top + np.log(np.exp(exact - top).sum(axis=1, keepdims=True))
    assert (have == min(count, w.shape[1])).all()
    for row in range(len(h)):
        own = words[row, : have[row]]
        assert len(set(own)) == len(own)
        best = np.sort(exact[row])[::-1][: len(own)]
        slack = rounding[row].max()
        assert (exact[row, own] >= best - slack).all(), (own, exact[row, own], best, slack)
        wanted = exact[row, own] - total[row]
        np.testing.assert_allclose(log_probs[row, : have[row]], wanted, rtol=1e-6, atol=close + 4 * slack)


@needs_kernels
@pytest.mark.usefixtures("any_set")
@settings(max_examples=25)
@given(
    rows=st.integers(1, 70), depth=st.integers(1, 150), words=st.integers(1, 300), count=st.integers(1, 8), h_size=st.integers(-10, 3),
    w_size=st.integers(-10, 3), seed=st.integers(0, 999),
)  # fmt: skip
def test_the_likeliest_words_are_found(
    rows: int, depth: int, words: int, count: int, h_size: int, w_size: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    h, w = rng.standard_normal((rows, depth)) * 10.0**h_size, rng.standard_normal((depth, words)) * 10.0**w_size
    w *= 10 ** rng.uniform(-2, 2, words) if seed % 3 == 0 else 1.0
    bias = rng.standard_normal(words) * 10.0 ** rng.integers(-3, 3)
    bias[rng.random(words) < 0.1] = -1e9
    check(h.astype(np.float32), w.astype(np.float32), bias.astype(np.float32), count)


@needs_kernels
@settings(max_examples=60)
@given(apart=st.floats(-7, -2), depth=st.integers(2, 200), count=st.integers(1, 6), seed=st.integers(0, 999))
def test_words_that_are_almost_equal_are_told_apart(apart: float, depth: int, count: int, seed: int) -> None:
    """Their scores differ by less than whole numbers can say."""
    rng = np.random.default_rng(seed)
    h, one = rng.standard_normal((30, depth)), rng.standard_normal((depth, 1))
    w = one + 10**apart * rng.standard_normal((depth, 60))
    h, w = h.astype(np.float32), w.astype(np.float32)
    left, right = Rounded.of(h), Rounded.of(w.T)  # all words err alike here, so that errors do not cancel
    reach = (left.lost + (right.lost / right.norms).max() * (left.norms + left.lost)).max() * right.norms.max()
    check(h, w, np.zeros(60, np.float32), count, close=reach)


@needs_kernels
def test_of_equal_words_the_first_comes_first() -> None:
    rng = np.random.default_rng(0)
    h, w = rng.standard_normal((20, 40)).astype(np.float32), rng.standard_normal((40, 50)).astype(np.float32)
    found = screened(h, np.tile(w, 3), np.zeros(150, np.float32), 3)
    assert found is not None
    best = found[1][:, :1]
    assert (best < 50).all()
    np.testing.assert_array_equal(found[1], best + np.array([0, 50, 100]))
    same = screened(h, np.tile(w[:, :1], 200), np.zeros(200, np.float32), 2)
    assert same is not None
    np.testing.assert_array_equal(same[1], np.tile([0, 1], (20, 1)))
    np.testing.assert_allclose(same[2], -np.log(200), rtol=1e-6)


@needs_kernels
def test_no_weights_and_no_state_leave_the_bias() -> None:
    h, w, bias = np.zeros((15, 30), np.float32), np.zeros((30, 80), np.float32), np.zeros(80, np.float32)
    bias[[7, 3]] = 2, 1
    for rows, weights in ((h, w), (h + 1, w), (h, w + 1)):
        found = screened(rows, weights, bias, 2)
        assert found is not None
        np.testing.assert_array_equal(found[1], np.tile([7, 3], (15, 1)))
        np.testing.assert_allclose(found[2][:, 0], 2 - np.log(np.exp(bias).sum()), rtol=1e-6)


@needs_kernels
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30, 1e-30])
def test_what_cannot_be_rounded_is_scored_in_float(bad: float) -> None:
    rng = np.random.default_rng(0)
    h, w, bias = (rng.standard_normal(s).astype(np.float32) for s in ((20, 30), (30, 90), (90,)))
    spoilt = w.copy()
    spoilt[:, 5] = bad
    assert screen(compiled, spoilt, bias) is None
    spoilt = bias.copy()
    spoilt[4] = bad
    assert (screen(compiled, w, spoilt) is None) == (bad in (np.inf,) or np.isnan(bad))
    sane = screened(h, w, bias, 2)
    h[3] = bad
    found = screened(h, w, bias, 2)
    assert found is not None
    assert sane is not None
    others = np.arange(20) != 3
    for a, b in zip(found, sane, strict=True):
        np.testing.assert_array_equal(a[others], b[others])
    if abs(bad) == 1e-30:
        np.testing.assert_array_equal(found[1][3], np.argsort(-bias)[:2])
    elif abs(bad) == 1e30:
        assert found[1][3, 0] == (h[3] @ w).argmax()


@needs_kernels
@settings(max_examples=25)
@given(rows=st.integers(1, 40), depth=st.integers(1, 90), words=st.integers(8, 200), count=st.integers(1, 6), seed=st.integers(0, 999))
def test_the_kernels_do_what_numpy_says(rows: int, depth: int, words: int, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    h, w, bias = (rng.standard_normal(s).astype(np.float32) for s in ((rows, depth), (depth, words), (words,)))
    found = screened(h, w, bias, count)
    twin, log_probs, again = likeliest(h, w, bias, count)
    assert found is not None
    close = np.abs(found[2] - log_probs) < 1e-4
    assert close.all()
    assert ((found[1] == twin) | close).all()
    assert again[np.arange(rows)[:, None], twin].all()


@settings(max_examples=60)
@given(rows=st.integers(1, 9), depth=st.integers(1, 300), size=st.floats(-9, 9), seed=st.integers(0, 999))
def test_the_bound_holds_and_products_fit_in_32_bits(rows: int, depth: int, size: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.standard_normal((rows, depth)) * 10**size * (rng.random((rows, depth)) < rng.choice([1, 0.1]))
    b = rng.standard_normal((7, depth)) ** rng.choice([1, 5])
    one, two = Rounded.of(a), Rounded.of(b)
    products = one.whole @ two.whole.T
    assert np.abs(one.whole).max(initial=0) <= 32767
    assert np.abs(products).max(initial=0) < 2**31
    error = np.abs(a @ b.T - products * one.scales[:, None] * two.scales)
    bound = one.lost[:, None] * two.norms + (one.norms + one.lost)[:, None] * two.lost
    assert (error <= bound * (1 + 1e-9) + 1e-12 * one.norms[:, None] * two.norms).all()


@needs_kernels
def test_whole_numbers_say_the_same_in_any_instruction_set() -> None:
    rng = np.random.default_rng(1)
    h, w, bias = (rng.standard_normal(s).astype(np.float32) for s in ((33, 100), (100, 333), (333,)))
    want = likeliest(h, w, bias, 3)
    for name in SETS:
        if compiled.use(name):
            found = screened(h, w, bias, 3)
            if found is not None:
                np.testing.assert_array_equal(found[1], want[0])
                np.testing.assert_allclose(found[2], want[1], rtol=0, atol=2e-5)
    compiled.use(compiled.instruction_set())


def speaking(hidden: int, words: int, size: float, seed: int, screening: bool, layer: Any = VanillaRNN) -> tuple[WordSteps, Array, Any]:
    rng = np.random.default_rng(seed)
    made = layer(hidden)
    params, _ = made.init(rng, ((1, 6), (hidden,)))
    vectors, w, bias = (rng.standard_normal(s).astype(np.float32) for s in ((words, 6), (hidden, words), (words,)))
    state = (rng.standard_normal((60, hidden)).astype(np.float32),)
    return WordSteps.of(made, params, vectors, w * np.float32(size), bias, screening), rng.integers(0, words, 60), state


@needs_kernels
@settings(max_examples=12)
@given(hidden=st.sampled_from([64, 100, 256, 320]), words=st.integers(FEW, 400), seed=st.integers(0, 99), size=st.sampled_from([0.1, 1.0]))
def test_whole_sentences_are_those_of_float(hidden: int, words: int, size: float, seed: int) -> None:
    (steps, first, state), (plain, _, _) = (speaking(hidden, words, size, seed, s) for s in (True, False))
    said, told = steps.speak(first, state, 7, 3), plain.speak(first, state, 7, 3)
    found, searched = (s.search(first, state, 4, 7, 3, -1e8) for s in (steps, plain))
    if said is not None and told is not None and found is not None and searched is not None:
        np.testing.assert_array_equal(said[0], told[0])
        np.testing.assert_allclose(said[1], told[1], rtol=0, atol=1e-4)
        np.testing.assert_array_equal(found[0], searched[0])
        np.testing.assert_array_equal(found[1], searched[1])
        np.testing.assert_allclose(found[2], searched[2], rtol=0, atol=1e-4)


@needs_kernels
@pytest.mark.usefixtures("any_set")
@pytest.mark.parametrize(("hidden", "double", "screening"), [(512, False, True), (640, False, False), (256, True, False)])
@pytest.mark.parametrize("pictures", [41, 90, 97])
def test_many_rows_are_multiplied_four_tiles_by_four_panels(hidden: int, double: bool, screening: bool, pictures: int) -> None:
    """And say what they say without Strassen's products."""
    rng, dtype = np.random.default_rng(pictures), np.float64 if double else np.float32
    vectors, w, bias = (rng.standard_normal(s).astype(dtype) for s in ((300, 6), (hidden, 300), (300,)))
    state, first = (rng.standard_normal((pictures, hidden)).astype(dtype),), rng.integers(0, 300, pictures)
    found = []
    for strassen in (True, False):
        layer = VanillaRNN(hidden, strassen=strassen)
        params = {k: v.astype(dtype) for k, v in layer.init(np.random.default_rng(1), ((1, 6), (hidden,)))[0].items()}
        steps = WordSteps.of(layer, params, vectors, w * dtype(0.2), bias, screening and strassen)
        found.append(steps.search(first, state, 5, 12, 3, -1e8))
        if strassen:
            assert steps.fours is not None
            assert not screening or steps.screen is None or (steps.screen.fours is not None)
    (lengths, words, log_probs), (same_lengths, same_words, close) = (f for f in found if f is not None)
    np.testing.assert_array_equal(lengths, same_lengths)
    np.testing.assert_array_equal(words, same_words)
    np.testing.assert_allclose(log_probs, close, rtol=0, atol=1e-10 if double else 1e-4)


@needs_kernels
def test_where_screening_is_no_good_float_does_the_work() -> None:
    """Scores so large that whole numbers tell little of them."""
    (steps, first, state), (plain, _, _) = (speaking(128, 150, 3000.0, 0, s) for s in (True, False))
    assert steps.screen is not None
    assert plain.screen is None
    for a, b in zip(steps.speak(first, state, 5, 3) or (), plain.speak(first, state, 5, 3) or (), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(steps.search(first, state, 3, 5, 3, -1e8) or (), plain.search(first, state, 3, 5, 3, -1e8) or (), strict=True):
        np.testing.assert_array_equal(a, b)


@needs_kernels
def test_what_rounding_takes_from_all_words_alike_is_given_back() -> None:
    """Words that lie in one direction, as those that hardly come in training do."""
    rng = np.random.default_rng(0)
    h = np.tanh(rng.standard_normal((60, 256))).astype(np.float32)
    w = (0.1 * rng.standard_normal((256, 1)) + 0.03 * rng.standard_normal((256, 500))).astype(np.float32)
    found = screened(h, w, np.zeros(500, np.float32), 1)
    if found is None:
        pytest.skip("this processor is no quicker with whole numbers")
    exact = h.astype(np.float64) @ w
    top = exact.max(axis=1, keepdims=True)
    wanted = np.take_along_axis(exact - top - np.log(np.exp(exact - top).sum(axis=1, keepdims=True)), found[1], axis=1)
    left = Rounded.of(h)
    missed = (h - left.whole * left.scales[:, None]) @ w.mean(axis=1)
    assert np.abs(found[2] - wanted).max() < 0.3 * np.abs(missed).max()
