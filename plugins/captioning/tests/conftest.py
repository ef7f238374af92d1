"""A small captioner with a recurrent layer in plain numpy: no other plugin is needed."""

import numpy as np
import pytest

from phosphene_captioning import Captioner, Vocabulary
from phosphene_captioning.vocabulary import SPECIAL
from phosphene_core.testing.recurrent import TinyRecurrent as Slow

WORDS = (*SPECIAL, "a", "red", "blue", "circle", "square", "above")


@pytest.fixture
def slow():
    return Slow


@pytest.fixture
def words():
    return WORDS


@pytest.fixture
def captioner():
    model = Captioner(recurrent=Slow(), features=5, word_size=4, vocabulary_words=WORDS)
    return model.initialized(np.random.default_rng(0))


@pytest.fixture
def vocabulary():
    return Vocabulary(WORDS)


@pytest.fixture
def batch(vocabulary):
    sentences = ["a red circle", "a blue square above a red circle", "red"]
    captions = np.stack([vocabulary.encode(s.split(), 9) for s in sentences])
    return {"features": np.random.default_rng(1).standard_normal((3, 5)), "captions": captions}
