"""Layer-wise relevance propagation: the contract, conservation, and each rule written out."""

import attrs
import numpy as np
import pytest

from phosphene_conv.layers import AveragePool2d, Conv2d, MaxPool2d
from phosphene_core import Chain, PhospheneError, image_gradient
from phosphene_core.testing import check_technique, tiny_classifier, tiny_pictures
from phosphene_core.testing.techniques import FirstScore
from phosphene_core.twin import twin
from phosphene_dense import Affine, BatchNorm, BatchNormReLU, Dropout, GlobalAveragePool, ReLU
from phosphene_lrp import LRP
from phosphene_lrp.folding import folded

TINY = tiny_classifier()
IMAGES = TINY.preprocess(list(tiny_pictures(3)))
RULES = ("epsilon", "alpha_beta", "z_plus")
RNG = np.random.default_rng(0)


def network(normalized=True):
    """Two blocks of different making, both pools, and two linear layers."""
    fused = {"batchnorm": BatchNormReLU()} if normalized else {"relu": ReLU()}
    apart = {"batchnorm": BatchNorm()} if normalized else {}
    return Chain({
        "conv1": Chain({"conv": Conv2d(5, size=5, stride=2, pad=2), **fused}), "pool": MaxPool2d(2, stride=1),
        "conv2": Chain({"conv": Conv2d(6), **apart, "relu": ReLU()}), "mean": AveragePool2d(2, stride=1),
        "average": GlobalAveragePool(), "hidden": Chain({"affine": Affine(7), **apart, "relu": ReLU()}),
        "dropout": Dropout(), "scores": Affine(4),
    })  # fmt: skip


def model(normalized=True, biased=True, seed=0):
    """That network with weights, statistics and biases that matter, in float64."""
    rng = np.random.default_rng(seed)
    chain = network(normalized)
    params = {k: v.astype(np.float64) for k, v in chain.init(rng, (3, 12, 12))[0].items()}
    for name, value in params.items():
        if name.endswith((".gamma", ".running_var")):
            params[name] = rng.uniform(0.5, 2, value.shape)
        elif name.endswith((".beta", ".running_mean", ".b")):
            params[name] = rng.standard_normal(value.shape) * 0.5 * biased
    params["conv1.conv.W"] = params["conv1.conv.W"] / 50  # pictures are 0..255
    return twin(TINY, chain, params)


PICTURES = IMAGES.astype(np.float64)


@pytest.mark.parametrize("rule", RULES)
def test_keeps_the_contract(rule):
    check_technique(LRP(rule=rule))
    single = {k: v.astype(np.float32) for k, v in model().params.items()}
    check_technique(LRP(rule=rule), model=attrs.evolve(model(), params=single), images=IMAGES)


def test_folding_changes_no_activation_that_has_a_name():
    before = model()
    chain, params = folded(before.network, before.params)
    after = twin(before, chain, params)
    one, other = before.trace(PICTURES), after.trace(PICTURES)
    for name in before.activations:
        np.testing.assert_allclose(other[name], one[name], rtol=1e-9, atol=1e-9)
    assert not any(isinstance(layer, BatchNorm) for _, block in chain if isinstance(block, Chain) for _, layer in block)


def test_normalization_outside_a_block_stays():
    chain = Chain({"conv1": Conv2d(4), "norm": BatchNorm(), "average": GlobalAveragePool(), "scores": Affine(4)})
    outside = twin(TINY, chain, {k: v.astype(np.float64) for k, v in chain.init(RNG, (3, 12, 12))[0].items()})
    assert folded(chain, outside.params)[0] == chain
    result = LRP(rule="epsilon", epsilon=0).attribute(outside, PICTURES, FirstScore(), RNG)
    np.testing.assert_allclose(result.facts["arrived"], 1)


@pytest.mark.parametrize("normalized", [False, True])
def test_z_plus_keeps_all_relevance_and_makes_none_negative(normalized):
    result = LRP(rule="z_plus").attribute(model(normalized), PICTURES, FirstScore(), RNG)
    np.testing.assert_allclose(result.facts["arrived"], 1, rtol=1e-9)
    np.testing.assert_allclose(result.maps.sum(axis=(1, 2)), result.values, rtol=1e-9)
    assert (result.maps * np.sign(result.values)[:, None, None] >= 0).all()


@pytest.mark.parametrize("rule", ["epsilon", "alpha_beta"])
def test_without_biases_the_relevance_is_the_score(rule):
    plain = model(normalized=False, biased=False)
    result = LRP(rule=rule, epsilon=0.0, alpha=1.5).attribute(plain, PICTURES, FirstScore(), RNG)
    np.testing.assert_allclose(result.facts["relevance"], plain.trace(PICTURES)["scores"][:, 0])
    if rule == "epsilon":
        np.testing.assert_allclose(result.facts["arrived"], 1, rtol=1e-6)


def test_in_a_rectifier_network_epsilon_zero_is_input_times_gradient():
    """Ancona et al. 2018; normalization folded in or not, the function and so its gradient are the same."""
    for one in (model(), model(normalized=False, biased=False)):
        shares = (PICTURES * image_gradient(one, PICTURES, FirstScore())[0]).sum(axis=1)
        maps = LRP(rule="epsilon", epsilon=0.0).attribute(one, PICTURES, FirstScore(), RNG).maps
        np.testing.assert_allclose(maps, shares, rtol=1e-6, atol=1e-9 * np.abs(shares).max())


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", [3, 4, 5, 6])
def test_a_matrix_by_hand(rule, seed):
    """One affine layer, with inputs and weights of both signs; the scores have both signs too."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1, 3, 2, 2))
    w, b = rng.standard_normal((12, 4)), rng.standard_normal(4)
    linear = twin(TINY, Chain({"scores": Affine(4)}), {"scores.W": w, "scores.b": b})
    z = x.ravel() * w[:, 0]
    score = z.sum() + b[0]
    positive, negative = np.maximum(z, 0), np.minimum(z, 0)
    expected = {
        "epsilon": z * score / (score + np.sign(score) * 0.1),
        "z_plus": positive / positive.sum() * score,
        "alpha_beta": (3 * positive / (positive.sum() + max(b[0], 0))
                       - 2 * negative / (negative.sum() + min(b[0], 0))) * score,
    }[rule]  # fmt: skip
    maps = LRP(rule=rule, epsilon=0.1, alpha=3.0).attribute(linear, x, FirstScore(), RNG).maps
    np.testing.assert_allclose(maps, expected.reshape(1, 3, 2, 2).sum(axis=1), rtol=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_a_convolution_is_the_matrix_that_it_stands_for(rule):
    rng = np.random.default_rng(4)
    layer, x = Conv2d(4, size=2, stride=2, pad=0), rng.standard_normal((1, 3, 2, 2))
    w, b = rng.standard_normal((4, 3, 2, 2)), rng.standard_normal(4)
    chain = Chain({"conv": layer, "scores": GlobalAveragePool()})
    convolution = twin(TINY, chain, {"conv.W": w, "conv.b": b})
    matrix = twin(TINY, Chain({"scores": Affine(4)}), {"scores.W": w.reshape(4, 12).T.copy(), "scores.b": b})
    maps = [LRP(rule=rule).attribute(one, x, FirstScore(), RNG).maps for one in (convolution, matrix)]
    np.testing.assert_allclose(maps[0], maps[1], rtol=1e-9)


@pytest.mark.parametrize("rule", RULES)
def test_is_linear_in_the_objective_and_alone_or_together_the_same(rule):
    one = LRP(rule=rule).attribute(model(), PICTURES, FirstScore(), RNG).maps
    other = LRP(rule=rule).attribute(model(), PICTURES, -2.0 * FirstScore(), RNG).maps
    np.testing.assert_allclose(other, -2 * one, rtol=1e-9)
    alone = LRP(rule=rule).attribute(model(), PICTURES[1:2], FirstScore(), RNG).maps
    np.testing.assert_allclose(alone[0], one[1], rtol=1e-9, atol=1e-12)


def test_nothing_arrives_from_a_dead_network_and_no_number_breaks():
    dead = model()
    dead = attrs.evolve(dead, params={k: v * 0 if k.startswith("scores") else v for k, v in dead.params.items()})
    for rule in RULES:
        assert LRP(rule=rule, epsilon=0.0).attribute(dead, PICTURES, FirstScore(), RNG).blank.all()


def test_nan_is_refused():
    broken = model()
    broken = attrs.evolve(broken, params={**broken.params, "scores.W": broken.params["scores.W"] * np.nan})
    with pytest.raises(PhospheneError, match="not finite"):
        LRP().attribute(broken, PICTURES, FirstScore(), RNG)
