"""Feature inversion: a low layer gives the picture back."""

import numpy as np
import pytest

from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_feature_inversion import FeatureInversion
from phosphene_objectives import FeatureMatch

MODEL = tiny_classifier()
PHOTO = MODEL.preprocess(list(tiny_pictures(2)))


def last(layer="conv1", **settings):
    made = FeatureInversion(**{"steps": 120, **settings})
    objective = FeatureMatch(layer).bound(MODEL, PHOTO)
    return list(made.frames(MODEL, PHOTO, objective, np.random.default_rng(0)))[-1]


def test_the_contract():
    check_technique(FeatureInversion())
    check_technique(FeatureInversion(), objective=FeatureMatch("conv1"))


def test_the_features_come_near_and_the_picture_with_them():
    found = last()
    assert (np.sqrt(-2 * found.values) < 0.15).all()
    for one, other in zip(found.images, PHOTO, strict=True):
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.8


def test_it_does_not_peek_the_picture_that_is_given_only_lends_its_shape():
    objective = FeatureMatch("conv1").bound(MODEL, PHOTO)
    made = (list(FeatureInversion(steps=3).frames(MODEL, start, objective, np.random.default_rng(0)))[-1].images
            for start in (PHOTO, np.zeros_like(PHOTO)))  # fmt: skip
    assert np.array_equal(*made)


@pytest.mark.parametrize("settings", [{"total_variation": 50.0}, {"total_variation": 50.0, "beta": 1.0}])
def test_total_variation_smooths(settings):
    def roughness(found):
        return np.abs(np.diff(found.images)).mean()

    assert roughness(last(steps=30, **settings)) < 0.8 * roughness(last(steps=30, total_variation=0.0))
