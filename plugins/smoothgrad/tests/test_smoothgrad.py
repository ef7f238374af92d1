"""SmoothGrad: the contract, what noise must and must not change, and variances that are known."""

import attrs
import numpy as np
import pytest

from phosphene_core import Attribution, Chain, Layer, Result
from phosphene_core.options import build, settings_of
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.testing.tiny import Read
from phosphene_core.twin import twin
from phosphene_saliency import Saliency
from phosphene_smoothgrad import SmoothGrad

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))
W = np.array([[1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]], np.float32)
VARIANTS = ("mean", "squared", "vargrad")


def maps(technique, model=MODEL, images=IMAGES):
    return technique.attribute(model, images, FirstScore(), np.random.default_rng(0)).maps


@attrs.frozen
class Square(Layer):
    def init(self, rng, shape):
        return {}, shape

    def forward(self, params, x, run):
        return x**2, lambda dy: (2 * x * dy, {})


@attrs.frozen
class Picture(Attribution):
    """Gives the red channel of what it is shown."""

    def attribute(self, model, images, objective, rng):
        return Result(images[:, 0], np.zeros(len(images)))


@pytest.mark.parametrize("variant", VARIANTS)
def test_keeps_the_contract(variant):
    check_technique(SmoothGrad(variant=variant, samples=4, batch_size=3))


def test_a_linear_model_is_not_shaken_by_noise():
    linear = twin(MODEL, Chain({"scores": Read(5)}), {"scores.W": W})
    np.testing.assert_allclose(maps(SmoothGrad(), linear), 1 / 144, rtol=1e-5)
    np.testing.assert_allclose(maps(SmoothGrad(variant="squared"), linear), 1 / 144**2, rtol=1e-5)
    np.testing.assert_allclose(maps(SmoothGrad(variant="vargrad"), linear), 0, atol=1e-12)


def test_the_variance_of_a_square_in_closed_form():
    """The gradient of the mean of x² is 2x/144; noise of deviation s makes its variance 4s²/144²."""
    square = twin(MODEL, Chain({"square": Square(), "scores": Read(5)}), {"scores.W": W})
    technique = SmoothGrad(of=Saliency("sum"), variant="vargrad", samples=200, noise=0.1)
    deviation = 0.1 * np.ptp(IMAGES, axis=(1, 2, 3))
    found = maps(technique, square).mean(axis=(1, 2))
    np.testing.assert_allclose(found, 4 * deviation**2 / 144**2, rtol=0.05)


def test_the_noise_is_a_fraction_of_the_range_and_averages_out():
    shown = maps(SmoothGrad(of=Picture(), samples=400, noise=0.2))
    error = (shown - IMAGES[:, 0]).std()
    assert error == pytest.approx(0.2 * np.ptp(IMAGES, axis=(1, 2, 3)).mean() / 20, rel=0.15)


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_batch_size_changes_memory_and_nothing_else(variant):
    made = [maps(SmoothGrad(variant=variant, samples=6, batch_size=n)) for n in (1, 4, 100)]
    for other in made[1:]:
        np.testing.assert_allclose(other, made[0], rtol=1e-4, atol=1e-6 * np.abs(made[0]).max())


def test_the_value_is_that_of_the_clean_picture():
    result = SmoothGrad().attribute(MODEL, IMAGES, FirstScore(), np.random.default_rng(0))
    np.testing.assert_allclose(result.values, MODEL.trace(IMAGES)["scores"][:, 0], rtol=1e-6)


def test_signed_maps_stay_signed():
    assert (maps(SmoothGrad(of=Saliency("sum"))) < 0).any()


def test_its_settings_go_to_json_and_back():
    technique = SmoothGrad(of=Saliency("sum"), samples=3)
    plain = settings_of(technique)

    def resolve(kind, value):
        assert kind is Attribution
        return build(Saliency, {k: v for k, v in value.items() if k != "class"})

    assert build(SmoothGrad, plain, resolve=resolve) == technique
