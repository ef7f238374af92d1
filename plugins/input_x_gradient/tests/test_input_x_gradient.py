"""Input × gradient: the contract, and the sums that must come out."""

import numpy as np
import pytest

from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.twin import twin
from phosphene_input_x_gradient import InputXGradient

MODEL = tiny_classifier()  # it has no biases
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("channels", ["max", "sum", "norm"])
def test_keeps_the_contract(channels):
    check_technique(InputXGradient(channels))


def test_without_biases_the_shares_add_up_to_the_score():
    result = InputXGradient().attribute(MODEL, IMAGES, FirstScore(), RNG)
    np.testing.assert_allclose(result.maps.sum(axis=(1, 2)), result.values, rtol=1e-4)
    assert (result.maps < 0).any(), "signed results stay signed"


def test_is_linear_in_the_objective():
    one = InputXGradient().attribute(MODEL, IMAGES, FirstScore(), RNG).maps
    other = InputXGradient().attribute(MODEL, IMAGES, -2.5 * FirstScore(), RNG).maps
    np.testing.assert_allclose(other, -2.5 * one, rtol=1e-4, atol=1e-6 * np.abs(one).max())


def test_another_network_for_the_same_function_gives_the_same_map():
    scaled = {**MODEL.params, "conv1.mix.W": 4 * MODEL.params["conv1.mix.W"], "scores.W": MODEL.params["scores.W"] / 4}
    one = InputXGradient().attribute(MODEL, IMAGES, FirstScore(), RNG).maps
    other = InputXGradient().attribute(twin(MODEL, MODEL.network, scaled), IMAGES, FirstScore(), RNG).maps
    np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-6 * np.abs(one).max())


def test_the_mean_picture_has_nothing_to_share_out():
    assert InputXGradient().attribute(MODEL, np.zeros_like(IMAGES), FirstScore(), RNG).blank.all()
