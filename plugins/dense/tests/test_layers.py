"""The layers keep the contract that every layer keeps, and mean what their papers say."""

from typing import Any

import attrs
import numpy as np
import pytest

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Layer, Need, Pass
from phosphene_core.testing import check_layer
from phosphene_dense import Affine, BatchNorm, BatchNormReLU, Dropout, Flatten, GlobalAveragePool, ReLU
from phosphene_dense.engine import use_twins

IMAGES, ROWS = (3, 2, 4, 5), (4, 6)
CASES: list[tuple[Layer, tuple[int, ...]]] = [
    (Affine(3), IMAGES),
    (Affine(1), ROWS),
    (ReLU(), IMAGES),
    (BatchNorm(), IMAGES),
    (BatchNorm(momentum=0.5, eps=1e-3), ROWS),
    (BatchNormReLU(), IMAGES),
    (BatchNormReLU(), ROWS),
    (Dropout(0.3), ROWS),
    (Dropout(0.0), IMAGES),
    (Flatten(), IMAGES),
    (GlobalAveragePool(), IMAGES),
]


@pytest.mark.parametrize("twins", [False, True], ids=["kernels", "twins"])
@pytest.mark.parametrize(("layer", "shape"), CASES, ids=str)
def test_the_contract(layer: Layer, shape: tuple[int, ...], twins: bool) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    if twins:
        with use_twins():
            check_layer(layer, x)
    else:
        check_layer(layer, x)


@pytest.mark.parametrize("cls", sorted({type(layer) for layer, _ in CASES}, key=lambda c: c.__name__))
def test_the_class_shows_an_example(cls: type[Layer]) -> None:
    check_layer(cls)


def test_affine_starts_as_he_et_al_say() -> None:
    params, shape = Affine(300).init(np.random.default_rng(0), (16, 5, 5))
    assert shape == (300,)
    assert params["W"].shape == (400, 300)
    assert abs(params["W"].std() * np.sqrt(400 / 2) - 1) < 0.01
    assert not params["b"].any()


@pytest.mark.parametrize("layer", [Affine(3), BatchNorm(), BatchNormReLU()], ids=str)
@pytest.mark.parametrize("train", [False, True])
def test_who_asks_for_no_gradient_of_parameters_gets_none(layer: Layer, train: bool) -> None:
    x = np.random.default_rng(0).standard_normal((4, 6), np.float32)
    params, _ = layer.init(np.random.default_rng(0), (6,))
    y, backward = layer.forward(params, x, Pass(train=train, need=Need.INPUT))
    dx, grads = backward(np.ones_like(y))
    assert dx.shape == x.shape
    assert not grads


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=str)
def test_a_pass_that_needs_nothing_has_no_way_back(layer: Layer, shape: tuple[int, ...]) -> None:
    if isinstance(layer, Flatten | Dropout):
        return  # these keep nothing in any case
    x = np.random.default_rng(0).standard_normal(shape, np.float32)
    params, _ = layer.init(np.random.default_rng(0), shape[1:])
    _, backward = layer.forward(params, x, Pass(need=Need.NOTHING))
    with pytest.raises(RuntimeError, match="NOTHING"):
        backward(x)


def test_batch_normalization_in_training() -> None:
    rng = np.random.default_rng(0)
    x = 3 * rng.standard_normal((8, 4, 6, 5), np.float32) + 7
    params, _ = BatchNorm().init(rng, x.shape[1:])
    params["running_mean"] += 2
    before = {k: v.copy() for k, v in params.items()}
    run = Pass(train=True).within("bn")
    y, _ = BatchNorm(momentum=0.8).forward(params, x, run)
    np.testing.assert_allclose(y.mean(axis=(0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=(0, 2, 3)), 1, atol=1e-4)
    mean, var = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
    np.testing.assert_allclose(run.buffers["bn.running_mean"], 0.8 * 2 + 0.2 * mean, rtol=1e-5)
    np.testing.assert_allclose(run.buffers["bn.running_var"], 0.8 * 1 + 0.2 * var, rtol=1e-5)
    assert all(np.array_equal(params[k], before[k]) for k in params)


def test_batch_normalization_in_evaluation_uses_the_running_statistics_and_hands_nothing_back() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 3, 2, 2))
    params = {k: rng.uniform(0.5, 2, 3) for k in ("gamma", "beta", "running_mean", "running_var")}
    run = Pass()
    y, _ = BatchNorm().forward(params, x, run)
    g, b, m, v = (params[k][:, None, None] for k in ("gamma", "beta", "running_mean", "running_var"))
    np.testing.assert_allclose(y, g * (x - m) / np.sqrt(v + 1e-5) + b, rtol=1e-12)
    assert not run.buffers


@pytest.mark.parametrize("train", [False, True])
@pytest.mark.parametrize("rule", ["gradient", "guided", "deconvnet"])
@pytest.mark.parametrize("shape", [(6, 3, 9, 8), (6, 3, 2, 3), (16, 5)])
def test_the_fused_layer_is_the_two_in_a_row(rule: str, train: bool, shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((2, *shape))
    params = {k: rng.uniform(0.5, 2, shape[1]) for k in ("gamma", "beta", "running_mean", "running_var")}
    passes = Pass(train=train), Pass(train=train)
    y, backward = BatchNormReLU(rule=rule).forward(params, x, passes[0])
    z, first = BatchNorm().forward(params, x, passes[1])
    want, second = ReLU(rule=rule).forward({}, z, passes[1])
    np.testing.assert_allclose(y, want, rtol=1e-12)
    (dx, grads), (dx2, grads2) = backward(dy), first(second(dy)[0])
    np.testing.assert_allclose(dx, dx2, rtol=1e-9, atol=1e-12)
    for name in grads2:
        np.testing.assert_allclose(grads[name], grads2[name], rtol=1e-9)
    assert all(np.array_equal(passes[0].buffers[k], v) for k, v in passes[1].buffers.items())


def test_a_rule_is_a_twin_by_evolve() -> None:
    assert attrs.evolve(ReLU(), rule="guided") == ReLU(rule="guided")
    assert attrs.evolve(BatchNormReLU(eps=1e-3), rule="deconvnet").eps == 1e-3


@pytest.mark.parametrize("twins", [False, True])
def test_what_the_rules_let_through(twins: bool) -> None:
    x = np.array([-1.0, -1.0, 2.0, 2.0, np.nan])
    dy = np.array([5.0, -5.0, 5.0, -5.0, 5.0])
    want = {"gradient": [0, 0, 5, -5, 0], "guided": [0, 0, 5, 0, 0], "deconvnet": [5, 0, 5, 0, 5]}

    def check() -> None:
        for rule, dx in want.items():
            y, backward = ReLU(rule=rule).forward({}, x, Pass())
            np.testing.assert_array_equal(y, [0, 0, 2, 2, np.nan])
            np.testing.assert_array_equal(backward(dy)[0], dx)

    if twins:
        with use_twins():
            check()
    else:
        check()


def test_dropout_drops_its_share_keeps_the_mean_and_repeats_with_the_seed() -> None:
    x = np.ones((100, 1000), np.float32)

    def drop(seed: int) -> Any:
        return Dropout(0.3).forward({}, x, Pass(train=True, rng=np.random.default_rng(seed)))

    y, backward = drop(1)
    assert abs((y == 0).mean() - 0.3) < 0.01
    assert abs(y.mean() - 1) < 0.01
    assert np.unique(y).size == 2
    np.testing.assert_array_equal(backward(x)[0], y)
    np.testing.assert_array_equal(drop(1)[0], y)
    assert abs(((drop(2)[0] == 0) & (y == 0)).mean() - 0.09) < 0.01  # another seed: independent
    for step in (1, 2, 16, 1000):  # no pattern from place to place
        flat = y.ravel() == 0
        assert abs((flat[step:] & flat[:-step]).mean() - 0.09) < 0.01


def test_dropout_in_evaluation_is_nothing() -> None:
    x = np.ones((2, 3))
    y, backward = Dropout(0.9).forward({}, x, Pass())
    assert y is x
    assert backward(x)[0] is x


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ReLU(rule="magic"), "magic"),
        (lambda: Dropout(1.0), "rate"),
        (lambda: Affine(0), "units"),
        (lambda: BatchNorm().init(np.random.default_rng(0), (3, 4)), "batchnorm wants"),
        (lambda: GlobalAveragePool().init(np.random.default_rng(0), (3,)), "global_average_pool wants"),
        (lambda: Affine(2).forward({"W": np.ones((3, 2)), "b": np.ones(2)}, np.ones((1, 4)), Pass()), "3 inputs"),
        (lambda: BatchNorm().forward({"gamma": np.ones(3), "beta": np.ones(3)}, np.ones((1, 4)), Pass()), "3 channels"),
        (lambda: ReLU().forward({}, np.ones(3, np.float16), Pass()), "float32 or float64"),
        (lambda: ReLU().forward({}, np.ones(3, np.float32), Pass())[1](np.ones(3)), "dy must be float32"),
        (lambda: ReLU().forward({}, np.ones(3), Pass())[1](np.ones(4)), "dy must have the shape"),
        (lambda: Dropout().forward({}, np.ones(3), Pass(train=True)), "rng"),
    ],
)
def test_a_wrong_call_is_one_clear_error(call: Any, words: str) -> None:
    with pytest.raises(PhospheneError, match=words):
        call()
