"""Beam search beside search by hand: every caption where the beam is wide enough, the beam's own rules where it is not."""

import itertools

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_captioning import Beam, Captioner, beam_search, greedy
from phosphene_captioning.stepping import Stepper
from phosphene_captioning.vocabulary import END, SPECIAL, UNKNOWN
from phosphene_core.testing.recurrent import TinyRecurrent
from phosphene_rnn import VanillaRNN, use_twins

WORDS = (*SPECIAL, "a", "red", "circle")


def tiny(seed, end=0.0):
    """A captioner with strong opinions."""
    rng = np.random.default_rng(seed)
    model = Captioner(recurrent=TinyRecurrent(), features=3, word_size=4, vocabulary_words=WORDS).initialized(rng)
    params = {k: v + rng.standard_normal(v.shape).astype(v.dtype) for k, v in model.params.items()}
    params["b_vocab"][END] += end
    return attrs.evolve(model, params=params), rng.standard_normal((3, 3)).astype(np.float32)


def log_probs_after(model, feature, prefix):
    """Of every next word, step by step from the start."""
    stepper = Stepper(model)
    state, words = stepper.start(feature[None])
    scores, state = stepper.step(state, words)
    for token in prefix:
        scores, state = stepper.step(state, np.array([token]))
    return scores[0].astype(float)


def score(caption, power):
    return caption.log_prob / len(caption.tokens) ** power


@settings(max_examples=15)
@given(st.integers(0, 1000), st.sampled_from([0.0, 0.7, 1.0]))
def test_a_beam_as_wide_as_all_there_is_ranks_all_there_is(seed, power):
    """Captions of a word and <END>: everything that two steps can bring has its beam."""
    model, features = tiny(seed, end=1.0)
    for feature in features:
        first = log_probs_after(model, feature, ())
        every = {(END,): first[END]}
        for word in range(UNKNOWN, len(WORDS)):
            every[(word, END)] = first[word] + log_probs_after(model, feature, (word,))[END]
        want = sorted(every, key=lambda t: every[t] / len(t) ** power, reverse=True)
        found = beam_search(model, feature[None], Beam(width=len(WORDS) ** 2, length_power=power), 2)[0]
        finished = [c for c in found if c.finished]
        assert [c.tokens for c in finished] == want
        assert finished[0].log_prob == pytest.approx(every[want[0]], rel=1e-4)


def test_many_beams_are_searched_in_turns(monkeypatch):
    model, features = tiny(3)
    at_once = beam_search(model, features, Beam(width=4), 5)
    monkeypatch.setattr("phosphene_captioning.beam.TOGETHER", 9)
    in_turns = beam_search(model, features, Beam(width=4), 5)
    assert [[c.tokens for c in several] for several in in_turns] == [[c.tokens for c in several] for several in at_once]


def test_a_beam_that_holds_every_prefix_finds_every_caption():
    model, features = tiny(3)
    words = range(UNKNOWN, len(WORDS))
    every = {}
    for length in range(3):
        for prefix in itertools.product(words, repeat=length):
            own = [log_probs_after(model, features[0], prefix[:k])[w] for k, w in enumerate(prefix)]
            every[(*prefix, END)] = sum(own) + log_probs_after(model, features[0], prefix)[END]
    found = beam_search(model, features[:1], Beam(width=200, length_power=0), 3)[0]
    assert {c.tokens for c in found if c.finished} == set(every)
    for c in found:
        if c.finished:
            assert c.log_prob == pytest.approx(every[c.tokens], rel=1e-4, abs=1e-4)


@settings(max_examples=25)
@given(st.integers(0, 1000), st.integers(1, 5), st.floats(-2, 3), st.integers(1, 3))
def test_what_a_search_promises(seed, width, end, groups):
    model, features = tiny(seed, end)
    beam = Beam(width=width, groups=groups)
    together = beam_search(model, features, beam, 6, forbid_unknown=True)
    alone = [beam_search(model, f[None], beam, 6, forbid_unknown=True)[0] for f in features]
    for found, own, feature in zip(together, alone, features, strict=True):
        assert [c.tokens for c in found] == [c.tokens for c in own], "a picture's captions do not depend on its neighbours"
        assert 1 <= len(found) <= width
        for kind in (True, False):
            scores = [score(c, beam.length_power) for c in found if c.finished is kind]
            assert scores == sorted(scores, reverse=True)
        if groups == 1:
            assert len({c.tokens for c in found}) == len(found), "no caption twice"
        for c in found:
            assert UNKNOWN not in c.tokens
            assert c.finished or len(c.tokens) == 6
            stepper = Stepper(model, forbid_unknown=True)
            state, words = stepper.start(feature[None])
            for token, p in zip(c.tokens, c.log_probs, strict=True):
                scores_, state = stepper.step(state, words)
                assert p == pytest.approx(scores_[0, token], rel=1e-3, abs=1e-4)
                words = np.array([token])


@settings(max_examples=25)
@given(st.integers(0, 1000), st.floats(-2, 3))
def test_a_beam_of_one_is_greedy_for_any_model(seed, end):
    model, features = tiny(seed, end)
    for one, found in zip(greedy(model, features, 5), beam_search(model, features, Beam(width=1), 5), strict=True):
        assert found[0].tokens == one.tokens


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 9), st.floats(-3, 5), st.sampled_from([0.0, 0.7, 1.0]))
def test_a_search_in_one_go_is_the_search_step_by_step(seed, width, length, end, power):
    rng = np.random.default_rng(seed)
    words = (*SPECIAL, *(f"w{i}" for i in range(rng.integers(2, 60))))
    made = Captioner(recurrent=VanillaRNN(hidden=20), features=3, word_size=4, vocabulary_words=words).initialized(rng)
    params = {k: v.astype(np.float64) for k, v in made.params.items()}
    params["b_vocab"][END] += end
    model, features = attrs.evolve(made, params=params), rng.standard_normal((40, 3))
    beam = Beam(width=width, length_power=power)
    found = beam_search(model, features, beam, length, forbid_unknown=seed % 2 == 0)
    with use_twins():
        want = beam_search(model, features, beam, length, forbid_unknown=seed % 2 == 0)
    for own, other in zip(found, want, strict=True):
        assert [c.tokens for c in own] == [c.tokens for c in other]
        for a, b in zip(own, other, strict=True):
            np.testing.assert_allclose(a.log_probs, b.log_probs, rtol=0, atol=1e-9)


def test_captions_that_go_on_from_one_state_are_stepped_from_it():
    model, features = tiny(0)
    stepper = Stepper(model)
    state, words = stepper.start(features)
    _, state = stepper.step(state, words)
    parents, next_words = np.array([2, 0, 0, 1]), np.array([4, 5, 6, 3])
    together, after = stepper.step(state, next_words, parents)
    for i, (parent, word) in enumerate(zip(parents, next_words, strict=True)):
        alone, own = stepper.step(tuple(s[parent : parent + 1] for s in state), np.array([word]))
        np.testing.assert_allclose(together[i], alone[0], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(after[0][i], own[0][0], rtol=1e-5, atol=1e-6)
