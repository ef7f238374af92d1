"""Caption fooling: the captioner says something else, or the sentence that was asked for, and the change stays small."""

import numpy as np
import pytest

from phosphene_caption_fooling import CaptionFooling
from phosphene_captioning import PictureCaptioner
from phosphene_captioning.judging import captions_for
from phosphene_captioning.objectives import CaptionSentence, CaptionWord
from phosphene_core.errors import PhospheneError
from phosphene_core.testing import check_technique, tiny_pictures
from phosphene_core.testing.techniques import FirstScore

MODEL = PictureCaptioner.example(np.random.default_rng(18))[0]  # says different things of these pictures
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))


def said(images, beam=1):
    return [c.text(MODEL.speaker.vocabulary) for c in captions_for(MODEL.speaker, MODEL.features(images), beam)]


def fool(question, images=IMAGES, **settings):
    asked = question.bound(MODEL, images)
    return list(CaptionFooling(**settings).frames(MODEL, images, asked, np.random.default_rng(0)))


@pytest.mark.parametrize("method", ["least_change", "pgd"])
def test_the_contract(method):
    check_technique(CaptionFooling(method=method), MODEL, IMAGES, CaptionSentence("a red circle"))


@pytest.mark.parametrize("beam", [1, 3])
def test_without_a_sentence_the_captioner_no_longer_says_what_it_said(beam):
    image = IMAGES[:1]
    last = fool(CaptionSentence(beam=beam), image, steps=60)[-1]
    assert last.facts["fooled"].all()
    assert last.facts["caption_before"].tolist() == said(image, beam)
    assert said(last.images, beam) == last.facts["caption"].tolist() != said(image, beam)


def test_with_a_sentence_it_says_that_word_for_word():
    wanted = said(IMAGES)[0]
    last = fool(CaptionSentence(wanted), IMAGES[1:])[-1]
    assert wanted not in said(IMAGES[1:])
    assert said(last.images) == [wanted, wanted]
    assert last.facts["fooled"].all()


def test_a_saved_picture_still_fools():
    last = fool(CaptionSentence(beam=1), IMAGES[:1], steps=60)[-1]
    assert said(MODEL.preprocess(list(MODEL.deprocess(last.images)))) == last.facts["caption"].tolist()


def test_asked_about_a_word_it_no_longer_says_it_there():
    image = IMAGES[:1]
    words = said(image)[0].split()
    last = fool(CaptionWord("0", beam=1), image, steps=60)[-1]
    assert last.facts["fooled"].all()
    assert (said(last.images)[0].split() or [""])[0] != words[0]


def test_a_bound_is_kept():
    last = fool(CaptionSentence("a red circle"), method="pgd", epsilon=2, steps=5)[-1]
    assert np.abs(last.images - IMAGES).max() <= 2


def test_a_question_without_words_is_an_error_in_words():
    with pytest.raises(PhospheneError, match="caption_fooling needs words"):
        list(CaptionFooling().frames(MODEL, IMAGES, FirstScore(), np.random.default_rng(0)))
