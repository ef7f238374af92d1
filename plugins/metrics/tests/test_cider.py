import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_metrics import DocumentFrequencies, cider_d

WORDS = st.sampled_from(["a", "the", "dog", "cat", "runs", "sits", "on", "in", "mat", "park"])
SENTENCE = st.lists(WORDS, max_size=10)
IMAGE = st.tuples(SENTENCE, st.lists(SENTENCE, min_size=1, max_size=4))
CORPUS = st.lists(IMAGE, min_size=2, max_size=5)


def split(corpus):
    return [candidate for candidate, _ in corpus], [references for _, references in corpus]


def test_a_perfect_match_of_rare_words_gives_ten():
    captions = [["one", "dog", "runs", "fast"], ["two", "cats", "sleep", "late"]]
    np.testing.assert_allclose(cider_d(captions, [[caption] for caption in captions]), 10)


def test_a_perfect_match_of_words_that_stand_everywhere_gives_nothing():
    caption = ["one", "dog", "runs", "fast"]
    np.testing.assert_allclose(cider_d([caption] * 2, [[caption]] * 2), 0)
    np.testing.assert_allclose(cider_d([caption], [[caption]]), 0)


def test_document_frequency_counts_images_not_captions():
    frequencies = DocumentFrequencies.of([[["dog"], ["dog", "dog"]], [["cat"]], [["dog"]]])
    assert frequencies.images == 3
    assert frequencies.counts["dog",] == 2
    assert frequencies.weight(("dog",)) == pytest.approx(math.log(3 / 2))
    assert frequencies.weight(("unheard",)) == pytest.approx(math.log(3))


def test_length_is_punished_by_a_gaussian():
    reference, other = ["one", "dog", "runs", "fast"], ["two", "cats", "sleep", "late"]
    longer = [*reference, *reference]
    score = cider_d([longer, other], [[reference], [other]])[0]
    # Of n-word runs the longer has each of the reference's twice (clipped to once) and n - 1 that join the halves.
    cosines = [4 / (math.sqrt(16) * 2)] + [m / math.sqrt((4 * m + n - 1) * m) for n, m in ((2, 3), (3, 2), (4, 1))]
    assert score == pytest.approx(10 * np.mean(cosines) * math.exp(-(4**2) / (2 * 36)))


def test_frequencies_from_elsewhere_make_it_a_reward_for_one_image():
    frequencies = DocumentFrequencies.of([[["a", "dog"]], [["a", "cat"]], [["a", "cow"]]])
    caption = ["a", "dog"]
    # Two orders match entirely, two have no run at all.
    assert cider_d([caption], [[caption]], frequencies=frequencies)[0] == pytest.approx(5)


@given(CORPUS)
def test_scores_lie_between_nothing_and_ten(corpus):
    scores = cider_d(*split(corpus))
    assert np.isfinite(scores).all()
    assert (scores >= 0).all()
    assert (scores <= 10 + 1e-9).all()


@given(CORPUS, st.randoms(use_true_random=False))
def test_neither_the_order_of_images_nor_of_references_matters(corpus, random):
    order = random.sample(range(len(corpus)), len(corpus))
    candidates, references = split(corpus)
    shuffled = [random.sample(references[i], len(references[i])) for i in order]
    first, second = cider_d(candidates, references), cider_d([candidates[i] for i in order], shuffled)
    np.testing.assert_allclose(first[order], second, atol=1e-12)
