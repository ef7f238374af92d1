"""The margin of a sentence: its gradient, and what 0 means."""

import numpy as np
import pytest

from phosphene_captioning import PictureCaptioner, greedy
from phosphene_captioning.margin import ENOUGH, CaptionMargin
from phosphene_captioning.objectives import CaptionSentence
from phosphene_core.testing import check_objective, tiny_pictures

MODEL = PictureCaptioner.example(np.random.default_rng(18))[0]
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))


def margin(sentence, enough=ENOUGH):
    return CaptionMargin.of(CaptionSentence(sentence).bound(MODEL, IMAGES), enough)


def test_the_contract():
    check_objective(margin("a red circle"), MODEL, IMAGES)


def test_it_is_never_positive_and_smallest_where_the_caption_differs():
    values = margin("a circle")(MODEL.trace(IMAGES))[0]
    says = [c.text(MODEL.speaker.vocabulary) == "a circle" for c in greedy(MODEL.speaker, MODEL.features(IMAGES))]
    assert (values <= 0).all()
    assert any(says)
    assert not all(says)
    assert min(values[says]) > max(values[np.logical_not(says)])


def test_words_that_are_sure_to_be_said_cost_nothing_and_pull_nowhere():
    values, seeds = margin("a circle", -100.0)(MODEL.trace(IMAGES))
    assert values == pytest.approx(np.zeros(3))
    assert not seeds["features"].any()
