import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_metrics import bleu

WORDS = st.sampled_from(["a", "the", "dog", "cat", "runs", "sits", "on", "in", "mat", "park"])
SENTENCE = st.lists(WORDS, max_size=12)
IMAGE = st.tuples(SENTENCE, st.lists(SENTENCE, min_size=1, max_size=4))
CORPUS = st.lists(IMAGE, min_size=1, max_size=5)


def split(corpus):
    return [candidate for candidate, _ in corpus], [references for _, references in corpus]


def test_the_papers_clipping_example():
    """Papineni et al., section 2.1: of seven times "the", only the two that the reference has are matches."""
    references = [["the", "cat", "is", "on", "the", "mat"], ["there", "is", "a", "cat", "on", "the", "mat"]]
    assert bleu([["the"] * 7], [references]).corpus[0] == pytest.approx(2 / 7)


def test_a_short_candidate_is_punished_by_the_exponential():
    reference = ["a", "dog", "runs", "in", "the", "park", "today"]
    assert bleu([reference[:5]], [[reference]]).corpus[3] == pytest.approx(math.exp(1 - 7 / 5))


def test_the_nearest_reference_length_counts_and_of_two_equally_near_the_shorter():
    candidate = ["a", "dog", "runs", "in"]
    shorter, longer = ["x"] * 2 + ["a"], ["a", "dog", "runs", "in", "the"]
    assert bleu([candidate], [[shorter, longer]]).corpus[3] == pytest.approx(1)


def test_the_corpus_pools_counts_and_is_not_the_mean():
    scores = bleu([["a", "dog"], ["cat"]], [[["a", "dog"]], [["hen"]]])
    assert scores.corpus[0] == pytest.approx(2 / 3)
    assert scores.per_image[:, 0].mean() == pytest.approx(1 / 2)


@given(st.lists(st.lists(WORDS, min_size=4, max_size=12), min_size=1, max_size=5))
def test_a_perfect_match_gives_one(sentences):
    scores = bleu(sentences, [[sentence] for sentence in sentences])
    np.testing.assert_allclose(scores.corpus, 1, atol=1e-6)
    np.testing.assert_allclose(scores.per_image, 1, atol=1e-6)


@given(CORPUS)
def test_scores_lie_between_nothing_and_one(corpus):
    scores = bleu(*split(corpus))
    for values in (scores.corpus, scores.per_image):
        assert np.isfinite(values).all()
        assert (values >= 0).all()
        assert (values <= 1 + 1e-9).all()


@given(CORPUS, st.randoms(use_true_random=False))
def test_neither_the_order_of_images_nor_of_references_matters(corpus, random):
    order = random.sample(range(len(corpus)), len(corpus))
    candidates, references = split(corpus)
    shuffled = [random.sample(references[i], len(references[i])) for i in order]
    first, second = bleu(candidates, references), bleu([candidates[i] for i in order], shuffled)
    np.testing.assert_allclose(first.corpus, second.corpus)
    np.testing.assert_allclose(first.per_image[order], second.per_image)


@given(SENTENCE, st.lists(SENTENCE, min_size=1, max_size=4))
def test_one_image_alone_scores_as_its_corpus(candidate, references):
    scores = bleu([candidate], [references])
    np.testing.assert_allclose(scores.corpus, scores.per_image[0])
