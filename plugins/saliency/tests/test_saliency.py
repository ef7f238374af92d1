"""Saliency: the contract, and the closed form on a network whose gradient is known."""

import attrs
import numpy as np
import pytest

from phosphene_core import Chain, PhospheneError, SettingError
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.testing.tiny import Read
from phosphene_core.twin import twin
from phosphene_saliency import Saliency

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("channels", ["max", "sum", "norm"])
def test_keeps_the_contract(channels):
    check_technique(Saliency(channels=channels))


def test_a_linear_model_gives_its_weights_back():
    w = np.array([[1, 0, 0, 0, 0], [-3, 0, 0, 0, 0], [2, 0, 0, 0, 0]], np.float32)
    linear = twin(MODEL, Chain({"scores": Read(5)}), {"scores.W": w})
    for channels, expected in (("max", 3), ("sum", 0), ("norm", 14**0.5)):
        result = Saliency(channels).attribute(linear, IMAGES, FirstScore(), RNG)
        np.testing.assert_allclose(result.maps, np.full((3, 12, 12), expected / 144), rtol=1e-5, atol=1e-9)
        np.testing.assert_allclose(result.values, linear.trace(IMAGES)["scores"][:, 0])


def test_scales_with_the_objective_and_adds_where_it_keeps_the_sign():
    one = Saliency("sum").attribute(MODEL, IMAGES, FirstScore(), RNG).maps
    double = Saliency("sum").attribute(MODEL, IMAGES, 3.0 * FirstScore() - FirstScore(), RNG).maps
    np.testing.assert_allclose(double, 2 * one, rtol=1e-4, atol=1e-7)


def test_a_batch_is_its_pictures_one_by_one():
    together = Saliency().attribute(MODEL, IMAGES, FirstScore(), RNG).maps
    alone = [Saliency().attribute(MODEL, IMAGES[i : i + 1], FirstScore(), RNG).maps[0] for i in range(3)]
    np.testing.assert_allclose(together, alone, rtol=1e-5)


def test_any_size_of_picture_that_the_network_takes():
    wide = np.random.default_rng(0).standard_normal((1, 3, 20, 33)).astype(np.float32) * 50
    assert Saliency().attribute(MODEL, wide, FirstScore(), RNG).maps.shape == (1, 20, 33)


def test_a_map_of_nothing_says_so():
    dead = attrs.evolve(MODEL, params={**MODEL.params, "conv2.mix.W": MODEL.params["conv2.mix.W"] * 0})
    assert Saliency().attribute(dead, IMAGES, FirstScore(), RNG).blank.all()
    assert not Saliency().attribute(MODEL, IMAGES, FirstScore(), RNG).blank.any()


def test_nan_is_refused():
    broken = attrs.evolve(MODEL, params={**MODEL.params, "conv2.mix.W": MODEL.params["conv2.mix.W"] * np.nan})
    with pytest.raises(PhospheneError, match="not finite"):
        Saliency().attribute(broken, IMAGES, FirstScore(), RNG)


def test_an_unknown_reduction_is_refused():
    with pytest.raises(SettingError, match="choice"):
        Saliency("min")
