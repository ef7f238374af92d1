"""Texture: the same features occur together as in the sample, and the picture is another one."""

import numpy as np

from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_objectives import GramMatch
from phosphene_texture import Texture

MODEL = tiny_classifier()
SAMPLE = MODEL.preprocess(list(tiny_pictures(1, 24)), square=False)


def frames(**settings):
    objective = GramMatch(("conv1", "conv2")).bound(MODEL, SAMPLE)
    return list(Texture(**{"steps": 40, **settings}).frames(MODEL, SAMPLE, objective, np.random.default_rng(0)))


def test_the_contract():
    check_technique(Texture(steps=3))
    check_technique(Texture(steps=3), objective=GramMatch(("conv1",)))


def test_the_style_comes_near_and_the_arrangement_does_not():
    made = frames()
    assert made[-1].values > 0.1 * made[0].values
    assert abs(np.corrcoef(made[-1].images.ravel(), SAMPLE.ravel())[0, 1]) < 0.8


def test_the_result_may_have_another_size():
    assert frames(steps=2, height=40, width=17)[-1].images.shape == (1, 3, 40, 17)
    assert Texture.picture == "whole"
