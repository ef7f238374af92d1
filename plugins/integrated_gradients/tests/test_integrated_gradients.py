"""Integrated gradients: the contract, the paper's axioms, and integrals that are known."""

import attrs
import numpy as np
import pytest

from phosphene_core import Chain, Layer
from phosphene_core.baseline import BASELINES
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.testing.tiny import Read, Rectify
from phosphene_core.twin import twin
from phosphene_integrated_gradients import IntegratedGradients
from phosphene_integrated_gradients.quadrature import METHODS, calibration, points

MODEL = tiny_classifier()
IMAGES = MODEL.preprocess(list(tiny_pictures(3)))
RNG = np.random.default_rng(0)
W = np.array([[1, 0, 0, 0, 0], [-3, 0, 0, 0, 0], [0, 0, 0, 0, 0]], np.float32)


@attrs.frozen
class Power(Layer):
    """x to a whole power: its integral is known, and the gradient at the end alone is not it."""

    exponent: int

    def init(self, rng, shape):
        return {}, shape

    def forward(self, params, x, run):
        return x**self.exponent, lambda dy: (dy * self.exponent * x ** (self.exponent - 1), {})


@attrs.frozen
class Own(FirstScore):
    """A class of its own for each picture."""

    rows: tuple = (0, 1, 2)

    def select(self, rows):
        return Own(tuple(self.rows[r] for r in rows))

    def __call__(self, trace):
        scores = trace["scores"]
        seed = np.zeros_like(scores)
        seed[np.arange(len(scores)), list(self.rows)] = 1
        return scores[np.arange(len(scores)), list(self.rows)], {"scores": seed}


@pytest.mark.parametrize("baseline", BASELINES)
def test_keeps_the_contract(baseline):
    check_technique(IntegratedGradients(steps=7, baseline=baseline, batch_size=5))


def test_a_power_in_closed_form():
    model = twin(MODEL, Chain({"power": Power(3), "scores": Read(5)}), {"scores.W": W})
    images = IMAGES / 100
    result = IntegratedGradients(steps=3).attribute(model, images, FirstScore(), RNG)
    np.testing.assert_allclose(result.maps, (images[:, 0] ** 3 - 3 * images[:, 1] ** 3) / 144, rtol=1e-4, atol=1e-6)
    assert (result.facts["completeness_gap"] < 1e-4).all()


@pytest.mark.parametrize("baseline", BASELINES)
def test_the_shares_add_up_to_the_rise(baseline):
    result = IntegratedGradients(steps=500, tolerance=None, baseline=baseline).attribute(
        MODEL, IMAGES, FirstScore(), RNG
    )
    rise = result.facts["rise"]
    missed = np.abs(result.maps.sum(axis=(1, 2)) - rise)
    assert (missed < 0.01 * np.abs(result.maps).sum(axis=(1, 2))).all()
    np.testing.assert_allclose(result.facts["completeness_gap"], missed / np.abs(rise), rtol=0.01, atol=1e-4)
    assert (result.maps < 0).any(), "signed results stay signed"


@pytest.mark.parametrize("seed", range(3))
def test_at_few_steps_the_shares_add_up_all_the_same_and_come_no_less_near_the_truth(seed):
    images = MODEL.preprocess(list(tiny_pictures(4, seed=seed)))
    truth = IntegratedGradients(2000, "midpoint", None, "blur").attribute(MODEL, images, FirstScore(), RNG)
    gaps, errors = {}, {}
    for method in METHODS:
        result = IntegratedGradients(20, method, None, "blur").attribute(MODEL, images, FirstScore(), RNG)
        gaps[method] = result.facts["completeness_gap"]
        errors[method] = np.abs(result.maps - truth.maps).sum()
    assert gaps["calibrated"].max() < 1e-3 < max(gaps["midpoint"].max(), gaps["gausslegendre"].max())
    assert errors["calibrated"] < 1.1 * min(errors.values())


def test_no_point_counts_less_than_nothing():
    rng = np.random.default_rng(0)
    for missing in (-1e9, -0.1, 0.0, 0.3, 1e9):
        slopes, (_, weights) = rng.standard_normal(12), points("calibrated", 12)
        jumps = np.diff(slopes)
        after = weights + calibration(slopes, weights, missing) * -np.diff(jumps, prepend=0, append=0)
        assert after.min() >= -1e-12
        assert after.sum() == pytest.approx(1)


def test_a_gradient_that_never_changes_leaves_nothing_to_calibrate():
    assert calibration(np.full(5, 2.0), np.full(5, 0.2), 0.7) == 0
    assert calibration(np.full(1, 2.0), np.ones(1), 0.7) == 0


def test_too_few_steps_are_told_of():
    technique = IntegratedGradients(steps=1, tolerance=None, baseline="black")
    assert (technique.attribute(MODEL, IMAGES, FirstScore(), RNG).facts["completeness_gap"] > 0.05).any()


def test_a_picture_that_misses_completeness_gets_more_steps():
    plain = IntegratedGradients(steps=20, tolerance=None, baseline="blur")
    first = plain.attribute(MODEL, IMAGES, Own(), RNG)
    gap = first.facts["quadrature_gap"]
    tolerance = float(np.sort(gap)[:2].mean())  # one picture is good enough, two are not
    better = attrs.evolve(plain, tolerance=tolerance).attribute(MODEL, IMAGES, Own(), RNG)
    enough = gap <= tolerance
    assert 0 < enough.sum() < 3
    np.testing.assert_array_equal(better.maps[enough], first.maps[enough])
    assert (better.facts["steps"][enough] == 20).all()
    for n in np.flatnonzero(~enough):
        taken = int(better.facts["steps"][n])
        assert taken in (40, 80, 160)
        same = attrs.evolve(plain, steps=taken).attribute(MODEL, IMAGES[n : n + 1], Own((int(n),)), RNG).maps[0]
        np.testing.assert_allclose(better.maps[n], same, rtol=1e-4, atol=1e-5)


def test_what_the_model_does_not_read_gets_nothing():
    model = twin(MODEL, Chain({"relu": Rectify(), "scores": Read(5)}), {"scores.W": W})
    blue = np.zeros_like(IMAGES)
    blue[:, 2] = IMAGES[:, 2]
    assert IntegratedGradients().attribute(model, blue, FirstScore(), RNG).blank.all()


def test_pixels_that_play_the_same_part_get_the_same_share():
    model = twin(MODEL, Chain({"power": Power(2), "scores": Read(5)}), {"scores.W": W})
    even = np.broadcast_to(IMAGES[:, :, :1, :1], IMAGES.shape).copy()
    maps = IntegratedGradients().attribute(model, even, FirstScore(), RNG).maps
    np.testing.assert_allclose(maps, np.broadcast_to(maps[:, :1, :1], maps.shape), rtol=1e-6)


def test_another_network_for_the_same_function_gives_the_same_map():
    scaled = {**MODEL.params, "conv1.mix.W": 4 * MODEL.params["conv1.mix.W"], "scores.W": MODEL.params["scores.W"] / 4}
    one = IntegratedGradients(steps=9).attribute(MODEL, IMAGES, FirstScore(), RNG).maps
    other = IntegratedGradients(steps=9).attribute(twin(MODEL, MODEL.network, scaled), IMAGES, FirstScore(), RNG).maps
    np.testing.assert_allclose(other, one, rtol=1e-4, atol=1e-6 * np.abs(one).max())


def test_is_linear_in_the_objective():
    one = IntegratedGradients(steps=9).attribute(MODEL, IMAGES, FirstScore(), RNG).maps
    other = IntegratedGradients(steps=9).attribute(MODEL, IMAGES, -2.5 * FirstScore(), RNG).maps
    np.testing.assert_allclose(other, -2.5 * one, rtol=1e-4, atol=1e-6 * np.abs(one).max())


def test_the_batch_size_changes_memory_and_nothing_else():
    techniques = [IntegratedGradients(steps=9, batch_size=n) for n in (1, 4, 50)]
    maps = [technique.attribute(MODEL, IMAGES, FirstScore(), RNG).maps for technique in techniques]
    for other in maps[1:]:
        np.testing.assert_allclose(other, maps[0], rtol=1e-4, atol=1e-6 * np.abs(maps[0]).max())


def test_each_picture_keeps_its_own_question():
    """The question that is asked about picture n must be asked about every step of picture n."""

    together = IntegratedGradients(steps=5, batch_size=7).attribute(MODEL, IMAGES, Own(), RNG).maps
    for n in range(3):
        alone = IntegratedGradients(steps=5).attribute(MODEL, IMAGES[n : n + 1], Own((n,)), RNG).maps[0]
        np.testing.assert_allclose(together[n], alone, rtol=1e-4, atol=1e-6 * np.abs(alone).max())
