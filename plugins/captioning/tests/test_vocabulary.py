"""Words to indexes and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_captioning.vocabulary import SPECIAL, Vocabulary, words_of
from phosphene_core import FileError

KNOWN = Vocabulary((*SPECIAL, "a", "dog", "runs"))


@given(st.lists(st.sampled_from(["a", "dog", "runs"]), max_size=8))
def test_known_words_come_back(words):
    row = KNOWN.encode(words, 10)
    assert row.shape == (10,)
    assert KNOWN.decode(row) == " ".join(words)


def test_unknown_words_and_long_sentences():
    row = KNOWN.encode("a cat runs and runs and runs".split(), 5)
    assert list(row) == [1, 4, 3, 6, 2]


@given(st.lists(st.lists(st.sampled_from(["a", "dog", "runs", "cat"]), max_size=8)), st.integers(3, 9))
def test_many_sentences_are_each_alone(sentences, length):
    rows = KNOWN.encode_all(sentences, length)
    assert rows.shape == (len(sentences), length)
    for words, row in zip(sentences, rows.tolist(), strict=True):
        known = [1, *(KNOWN.index.get(w, 3) for w in words[: length - 2]), 2]
        assert row == known + [0] * (length - len(known))


def test_words_are_counted_and_ranked():
    sentences = [["b", "a"], ["b", "c"], ["b", "a"]]
    assert Vocabulary.counted(sentences, least=2).words == (*SPECIAL, "b", "a")
    assert Vocabulary.counted(sentences, most=1).words == (*SPECIAL, "b")


@pytest.mark.parametrize("words", [("a",), ("<START>", "<NULL>", "<END>", "<UNK>"), (*SPECIAL, "a", "a")])
def test_what_is_no_vocabulary_is_refused(words):
    with pytest.raises(FileError):
        Vocabulary(words)


def test_sentences_become_words():
    assert words_of("A dog's ball -- well-worn, isn't it?") == ["a", "dog's", "ball", "well-worn", "isn't", "it"]
    assert words_of("Ein su\u0308ßer Hund – „läuft“ 犬, the dog’s toy_box 🐶") == ["ein", "süßer", "hund", "läuft", "犬", "the", "dog's", "toy", "box"]


@given(st.text(st.characters(codec="ascii", exclude_characters="'-")))
def test_words_of_plain_sentences_are_those_of_any(sentence):
    """They are found another way; an accent behind the sentence makes it one of any."""
    assert [*words_of(sentence), "é"] == words_of(sentence + " é")
