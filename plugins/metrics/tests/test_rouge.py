import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_metrics import rouge_l
from phosphene_metrics.rouge import common_subsequence

SENTENCE = st.lists(st.sampled_from("abcde"), max_size=12)


def table(first, second):
    """The longest common subsequence by its textbook recurrence."""
    lengths = np.zeros((len(first) + 1, len(second) + 1), int)
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            lengths[i + 1, j + 1] = lengths[i, j] + 1 if a == b else max(lengths[i, j + 1], lengths[i + 1, j])
    return lengths[-1, -1]


@given(SENTENCE, SENTENCE)
def test_the_bits_say_what_the_table_says(first, second):
    assert common_subsequence(first, second) == table(first, second)


def test_the_f_score_of_the_papers_example():
    """Lin 2004, section 3.1: "police killed the gunman" shares three words in order with S2, two with S3."""
    reference = ["police", "killed", "the", "gunman"]
    candidates = [["police", "kill", "the", "gunman"], ["the", "gunman", "kill", "police"]]
    np.testing.assert_allclose(rouge_l(candidates, [[reference]] * 2, beta=1), [3 / 4, 2 / 4])


def test_recall_counts_more_than_precision():
    short, long = ["a", "b"], ["a", "b", "c", "d"]
    precise, complete = rouge_l([short, long], [[long], [short]])
    assert precise == pytest.approx((1 + 1.44) * 0.5 / (0.5 + 1.44))
    assert complete == pytest.approx((1 + 1.44) * 0.5 / (1 + 1.44 * 0.5))
    assert precise < complete


def test_precision_and_recall_may_come_from_two_references():
    candidate = ["a", "b", "c", "d"]
    assert rouge_l([candidate], [[["a", "b", "c", "d", "e", "f", "g", "h"], ["a"]]])[0] == pytest.approx(1)


@given(st.lists(SENTENCE.filter(bool), min_size=1, max_size=4))
def test_a_perfect_match_gives_one(sentences):
    np.testing.assert_allclose(rouge_l(sentences, [[["x"], sentence] for sentence in sentences]), 1)


@given(SENTENCE, st.lists(SENTENCE, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_bounds_and_the_order_of_references(candidate, references, random):
    score = rouge_l([candidate], [references])[0]
    assert 0 <= score <= 1 + 1e-12
    assert rouge_l([candidate], [random.sample(references, len(references))])[0] == score
    if not candidate:
        assert score == 0
