"""Sampling: greedy takes the best word, draws obey their limits, beams find better captions."""

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_captioning import Beam, Captioner, Draw, beam_search, greedy, sample
from phosphene_captioning.sampling import drawn
from phosphene_captioning.stepping import Stepper
from phosphene_captioning.vocabulary import END, NULL, START, UNKNOWN
from phosphene_rnn import VanillaRNN

FEATURES = np.random.default_rng(3).standard_normal((7, 5)).astype(np.float32)


def never_ending(captioner):
    b = captioner.params["b_vocab"].copy()
    b[END] = -1e4
    return attrs.evolve(captioner, params={**captioner.params, "b_vocab": b})


def log_prob(captioner, feature, tokens):
    stepper = Stepper(captioner)
    state, words = stepper.start(feature[None])
    total = []
    for token in tokens:
        scores, state = stepper.step(state, words)
        total.append(scores[0, token])
        words = np.array([token])
    return total


def test_greedy_takes_the_likeliest_word_each_time(captioner):
    for feature, caption in zip(FEATURES, greedy(captioner, FEATURES), strict=True):
        stepper = Stepper(captioner)
        state, words = stepper.start(feature[None])
        for token in caption.tokens:
            scores, state = stepper.step(state, words)
            assert token == scores[0].argmax()
            words = np.array([token])


@pytest.mark.parametrize("find", [greedy, lambda m, f: [b[0] for b in beam_search(m, f, Beam(width=4))],
                                  lambda m, f: sample(m, f, Draw(), np.random.default_rng(0))])  # fmt: skip
def test_log_probabilities_are_the_models_own(captioner, find):
    for feature, caption in zip(FEATURES, find(captioner, FEATURES), strict=True):
        np.testing.assert_allclose(caption.log_probs, log_prob(captioner, feature, caption.tokens), rtol=1e-3, atol=1e-5)


def test_many_captions_are_those_of_few(captioner):
    """Many are said in one go, few step by step."""
    made = Captioner(recurrent=VanillaRNN(9), features=5, word_size=4, vocabulary_words=captioner.vocabulary_words)
    captioner = made.initialized(np.random.default_rng(0))
    features = np.random.default_rng(5).standard_normal((90, 5)).astype(np.float32)
    together, alone = greedy(captioner, features), [greedy(captioner, f[None])[0] for f in features]
    assert [c.tokens for c in together] == [c.tokens for c in alone]
    for one, other in zip(together, alone, strict=True):
        np.testing.assert_allclose(one.log_probs, other.log_probs, rtol=1e-4, atol=1e-5)


def test_special_words_never_come(captioner):
    for caption in sample(captioner, np.repeat(FEATURES, 20, axis=0), Draw(), np.random.default_rng(0), 16, True):
        assert not {NULL, START, UNKNOWN} & set(caption.tokens)


def test_captions_that_never_end_are_cut(captioner):
    model = never_ending(captioner)
    assert all(len(c.tokens) == 6 and not c.finished for c in greedy(model, FEATURES, 6))
    for found in beam_search(model, FEATURES, Beam(width=3), 6):
        assert len(found) == 3
        assert all(len(c.tokens) == 6 for c in found)


def test_no_pictures_no_captions(captioner):
    assert greedy(captioner, FEATURES[:0]) == []
    assert beam_search(captioner, FEATURES[:0]) == []


def test_a_beam_of_one_is_greedy(captioner):
    for one, beam in zip(greedy(captioner, FEATURES), beam_search(captioner, FEATURES, Beam(width=1)), strict=True):
        assert beam[0].tokens == one.tokens


def test_a_wide_beam_finds_the_best_caption_of_all(captioner):
    """Against every caption of at most three words."""
    vocabulary = range(len(captioner.vocabulary_words))
    model, feature = captioner, FEATURES[:1]
    every = [(END,), *((a, END) for a in vocabulary if a > END), *((a, b, END) for a in vocabulary for b in vocabulary if a > END and b > END)]
    best = max(every, key=lambda t: sum(log_prob(model, feature[0], t)))
    found = beam_search(model, feature, Beam(width=200, length_power=0), 3)[0]
    assert found[0].tokens == best


def test_a_group_of_diverse_beams_differs(captioner):
    plain = beam_search(captioner, FEATURES, Beam(width=4))
    diverse = beam_search(captioner, FEATURES, Beam(width=4, groups=4, diversity=50.0))
    first = [{c.tokens[0] for c in found} for found in diverse]
    assert all(len(f) >= 3 for f in first)
    assert sum(len({c.tokens[0] for c in f}) for f in plain) <= sum(map(len, first))


def test_the_same_seed_draws_the_same(captioner):
    one, two = (sample(captioner, FEATURES, Draw(), np.random.default_rng(5)) for _ in range(2))
    assert one == two


@settings(max_examples=40)
@given(st.integers(0, 2**31), st.integers(1, 6), st.floats(0.05, 1.0), st.floats(0.2, 3))
def test_draws_stay_within_top_k_and_the_nucleus(seed, top_k, nucleus, temperature):
    rng = np.random.default_rng(seed)
    scores = rng.standard_normal((5, 9)) * 2
    log_probs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    rank = (-log_probs).argsort(axis=1).argsort(axis=1)
    rows = np.arange(5)
    assert (rank[rows, drawn(log_probs, Draw(temperature=temperature, top_k=top_k), rng)] < top_k).all()
    words = drawn(log_probs, Draw(nucleus=nucleus), rng)
    p = np.exp(log_probs)
    better = np.array([p[i][p[i] > p[i, w]].sum() for i, w in enumerate(words)])
    assert (better < nucleus + 1e-9).all()


def test_a_cold_draw_is_greedy(captioner):
    cold = sample(captioner, FEATURES, Draw(temperature=0.001), np.random.default_rng(0))
    assert [c.tokens for c in cold] == [c.tokens for c in greedy(captioner, FEATURES)]
