"""Caption dream: from nothing to a picture of which the captioner says the sentence."""

import numpy as np
import pytest

from phosphene_caption_dream import CaptionDream
from phosphene_captioning import PictureCaptioner
from phosphene_captioning.objectives import CaptionSentence, CaptionWord, own_caption
from phosphene_core.errors import NotFoundError, PhospheneError
from phosphene_core.testing import check_technique
from phosphene_core.testing.techniques import FirstScore

MODEL = PictureCaptioner.example(np.random.default_rng(18))[0]
BLANK = np.zeros((1, *MODEL.input_shape), np.float32)


def dream(question, **settings):
    asked = question.bound(MODEL, BLANK)
    return list(CaptionDream(**settings).frames(MODEL, BLANK, asked, np.random.default_rng(0)))


def test_the_contract():
    check_technique(CaptionDream(), MODEL, np.zeros((2, *MODEL.input_shape), np.float32), CaptionSentence("a red circle"))


@pytest.mark.parametrize("basis", ["cutouts", "fourier", "pixels"])
def test_the_sentence_becomes_likelier(basis):
    frames = dream(CaptionSentence("red circle"), steps=60, basis=basis, l1=0.0)
    assert frames[-1].values[0] > frames[0].values[0] + 1


def test_the_facts_tell_what_the_captioner_says_of_the_saved_picture():
    for sentence in ("a", "circle"):
        last = dream(CaptionSentence(sentence), steps=40)[-1]
        saved = MODEL.preprocess(list(MODEL.deprocess(last.images)))
        says = own_caption(MODEL, saved).text(MODEL.speaker.vocabulary)
        assert last.facts["caption"].tolist() == [says]
        assert last.facts["word_for_word"].tolist() == [says == sentence]


def test_the_best_of_several_tries_is_kept():
    asked, rng = CaptionSentence("red circle").bound(MODEL, BLANK), np.random.default_rng
    steady = {"steps": 5, "jitter": 0, "scale": (1.0, 1.0), "rotate": 0.0}
    *_, last = CaptionDream(tries=3, **steady).frames(MODEL, BLANK, asked, rng(0))
    *_, each = CaptionDream(tries=1, **steady).frames(MODEL, np.repeat(BLANK, 3, axis=0), asked, rng(0))
    assert len(np.unique(each.values)) == 3 and not each.facts["word_for_word"].any()
    best = each.facts["log_probability"].argmax()
    assert last.facts["log_probability"].tolist() == [each.facts["log_probability"][best]]
    assert last.values.tolist() == [each.values[best]]
    assert np.array_equal(last.images[0], each.images[best])


def test_of_several_tries_the_one_is_kept_that_stands_shaking(monkeypatch):
    asked = CaptionSentence("red circle").bound(MODEL, BLANK)
    seen = iter([[-5, -1, -9], [-1, -7, -9]] + 6 * [[-4, -4, -9]])  # of the three tries, shaken eight times
    monkeypatch.setattr("phosphene_caption_dream.caption_dream.image_value", lambda model, images, question: np.array(next(seen)))
    told = {"word_for_word": np.array([False, False, False]), "try": np.arange(3)}
    monkeypatch.setattr("phosphene_caption_dream.caption_dream.told", lambda question, images: told)
    *_, last = CaptionDream(steps=2, tries=3).frames(MODEL, BLANK, asked, np.random.default_rng(0))
    assert last.facts["try"].tolist() == [0]


def test_a_word_alone_can_be_dreamt():
    frames = dream(CaptionWord("red", sentence="a red circle"), steps=40, jitter=1, scale=(0.9, 1.1))
    assert frames[-1].values[0] > frames[0].values[0]


def test_a_word_that_the_captioner_does_not_know_is_named():
    with pytest.raises(NotFoundError, match="zebra"):
        dream(CaptionSentence("a zebra"))


def test_a_question_without_words_is_an_error_in_words():
    with pytest.raises(PhospheneError, match="caption_dream needs words"):
        list(CaptionDream().frames(MODEL, BLANK, FirstScore(), np.random.default_rng(0)))
