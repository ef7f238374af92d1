"""Twins, baselines and reductions: what attribution techniques share."""

import numpy as np
import pytest

from phosphene_core import Chain, NotFoundError, PhospheneError, image_gradient, image_value, reduce_channels, with_rule
from phosphene_core.baseline import BASELINES, baseline
from phosphene_core.testing import tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.testing.tiny import Read
from phosphene_core.twin import twin

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))


def test_a_twin_says_the_same_and_keeps_what_the_model_knows():
    other = with_rule(MODEL, "guided")
    np.testing.assert_array_equal(other.predict(IMAGES), MODEL.predict(IMAGES))
    assert other.class_index("stripe") == 3
    np.testing.assert_array_equal(other.preprocess(list(tiny_pictures(3))), IMAGES)


def test_a_twin_sends_other_gradients_back_and_leaves_the_model_alone():
    before, _ = image_gradient(MODEL, IMAGES, FirstScore())
    guided, _ = image_gradient(with_rule(MODEL, "guided"), IMAGES, FirstScore())
    after, _ = image_gradient(MODEL, IMAGES, FirstScore())
    assert not np.allclose(before, guided)
    np.testing.assert_array_equal(before, after)


def test_a_twin_is_not_trained():
    with pytest.raises(TypeError, match="original"):
        with_rule(MODEL, "guided").initialized(np.random.default_rng(0))


def test_a_model_without_rectifiers_has_no_guided_twin():
    plain = twin(MODEL, Chain({"scores": Read(5)}), {"scores.W": np.ones((3, 5), np.float32)})
    with pytest.raises(PhospheneError, match="'guided'"):
        with_rule(plain, "guided")


def test_a_value_needs_no_gradient():
    _, value = image_gradient(MODEL, IMAGES, FirstScore())
    np.testing.assert_array_equal(image_value(MODEL, IMAGES, FirstScore()), value)


def test_the_layers_with_places_are_found():
    assert MODEL.feature_maps == ("conv1", "conv2")


@pytest.mark.parametrize("kind", BASELINES)
def test_baselines_have_the_pictures_shape_and_are_pictures(kind):
    picture = baseline(MODEL, IMAGES, kind)
    assert picture.shape == IMAGES.shape
    assert picture.dtype == IMAGES.dtype
    shown = MODEL.deprocess(picture)
    expected = {"mean": 120, "black": 0, "white": 255}
    if kind in expected:
        assert (shown == expected[kind]).all()
    else:
        assert shown.std() < MODEL.deprocess(IMAGES).std()


def test_reductions():
    values = np.array([1.0, -3.0, 2.0]).reshape(1, 3, 1, 1)
    assert [float(reduce_channels(values, how)[0, 0, 0]) for how in ("sum", "max", "norm")] == [0, 3, 14**0.5]
    with pytest.raises(NotFoundError, match="reduction"):
        reduce_channels(values, "median")
    with pytest.raises(NotFoundError, match="baseline"):
        baseline(MODEL, IMAGES, "grey")
