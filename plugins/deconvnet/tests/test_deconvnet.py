"""Deconvnet: the contract, and the closed form on a network that a person can follow."""

import numpy as np
import pytest

from phosphene_core import Chain, PhospheneError
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.testing.tiny import Read, Rectify
from phosphene_core.twin import twin
from phosphene_deconvnet import Deconvnet

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))
RNG = np.random.default_rng(0)
W = np.array([[1, 0, 0, 0, 0], [-3, 0, 0, 0, 0], [2, 0, 0, 0, 0]], np.float32)


@pytest.mark.parametrize("channels", ["max", "sum", "norm"])
def test_keeps_the_contract(channels):
    check_technique(Deconvnet(channels))


def test_one_rectifier_in_closed_form():
    """Score: 1 · relu(red) - 3 · relu(green) + 2 · relu(blue), as means over the picture."""
    model = twin(MODEL, Chain({"relu": Rectify(), "scores": Read(5)}), {"scores.W": W})
    maps = Deconvnet("sum").attribute(model, IMAGES, FirstScore(), RNG).maps
    np.testing.assert_allclose(maps, 3 / 144, rtol=1e-5)  # green speaks against; where red and blue are does not count


def test_a_batch_is_its_pictures_one_by_one():
    together = Deconvnet().attribute(MODEL, IMAGES, FirstScore(), RNG).maps
    alone = [Deconvnet().attribute(MODEL, IMAGES[i : i + 1], FirstScore(), RNG).maps[0] for i in range(3)]
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-6 * np.abs(together).max())


def test_the_values_are_the_models_own():
    result = Deconvnet().attribute(MODEL, IMAGES, FirstScore(), RNG)
    np.testing.assert_allclose(result.values, MODEL.trace(IMAGES)["scores"][:, 0], rtol=1e-6)


def test_a_model_without_rectifiers_is_told_so():
    model = twin(MODEL, Chain({"scores": Read(5)}), {"scores.W": W})
    with pytest.raises(PhospheneError, match="'deconvnet'"):
        Deconvnet().attribute(model, IMAGES, FirstScore(), RNG)
