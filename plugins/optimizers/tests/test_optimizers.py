"""The optimizers keep the contract, and do what their papers say."""

from typing import Any

import attrs
import numpy as np
import pytest

from phosphene_core.errors import PhospheneError
from phosphene_core.optimizer import Optimizer
from phosphene_core.testing import check_optimizer
from phosphene_optimizers import SGD, Adam, AdamW, Momentum, Muon, RMSProp
from phosphene_optimizers.engine import use_twins

ALL: list[Any] = [
    SGD(), SGD(weight_decay=0.1), Momentum(), Momentum(nesterov=True, weight_decay=0.1, decay_vectors=True), RMSProp(),
    RMSProp(weight_decay=0.1), Adam(), Adam(weight_decay=0.1), AdamW(), AdamW(weight_decay=0.5, decay_vectors=True),
    Muon(), Muon(weight_decay=0.5), Muon(adam=("*",)),
]  # fmt: skip


@pytest.mark.parametrize("twins", [False, True], ids=["kernels", "twins"])
@pytest.mark.parametrize("optimizer", ALL, ids=str)
def test_the_contract(optimizer: Optimizer, twins: bool) -> None:
    if twins:
        with use_twins():
            check_optimizer(optimizer)
    else:
        check_optimizer(optimizer)


@pytest.mark.parametrize("cls", [SGD, Momentum, RMSProp, Adam, AdamW, Muon])
def test_the_defaults_keep_the_contract(cls: type[Optimizer]) -> None:
    check_optimizer(cls)


def after(optimizer: Any, gradients: list[float], start: float = 1.0, scale: float = 1.0) -> float:
    """Where a single number ends up, as a 1x1 matrix."""
    params = {"w": np.array([[float(start)]])}
    state = optimizer.start(params)
    for g in gradients:
        optimizer.update(params, {"w": np.array([[g]])}, state, scale)
    return float(params["w"][0, 0])


def test_sgd_by_hand() -> None:
    assert after(SGD(0.1), [2.0, 3.0]) == pytest.approx(1 - 0.1 * 5)
    assert after(SGD(0.1), [2.0], scale=0.5) == pytest.approx(1 - 0.05 * 2)
    assert after(SGD(0.1, weight_decay=0.5), [2.0], start=4) == pytest.approx(4 - 0.1 * (2 + 0.5 * 4))


def test_momentum_by_hand() -> None:
    assert after(Momentum(0.1, momentum=0.5), [2.0, 3.0]) == pytest.approx(1 - 0.1 * (2 + 4))
    nesterov = Momentum(0.1, momentum=0.5, nesterov=True)
    assert after(nesterov, [2.0, 3.0]) == pytest.approx(1 - 0.1 * (2 + 0.5 * 2) - 0.1 * (3 + 0.5 * 4))


def test_rmsprop_by_hand() -> None:
    first, second = 0.1 * 4, 0.9 * 0.4 + 0.1 * 9
    want = 1 - 0.1 * 2 / np.sqrt(first) - 0.1 * 3 / np.sqrt(second)
    assert after(RMSProp(0.1, decay_rate=0.9), [2.0, 3.0]) == pytest.approx(want, rel=1e-6)


def test_adam_as_the_paper_writes_it() -> None:
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal(7)
    m = v = 0.0
    w = 1.0
    for t, g in enumerate(gradients, 1):
        m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g * g
        w -= 0.3 * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-3)
    assert after(Adam(0.3, beta1=0.8, beta2=0.9, eps=1e-3), list(gradients)) == pytest.approx(w, rel=1e-12)


def test_the_first_step_of_adam_has_the_size_of_the_learning_rate() -> None:
    for g in (1e-3, 1.0, 1e3):
        assert after(Adam(0.01), [g]) == pytest.approx(0.99, abs=1e-6)


def test_decoupled_decay_shrinks_the_parameter_and_not_the_gradient() -> None:
    plain = after(Adam(0.1), [2.0, 3.0], start=10)
    first = 10 * (1 - 0.1 * 0.5) - (10 - after(Adam(0.1), [2.0], start=10))
    second = first * (1 - 0.1 * 0.5) - (after(Adam(0.1), [2.0], start=10) - plain)
    assert after(AdamW(0.1, weight_decay=0.5), [2.0, 3.0], start=10) == pytest.approx(second, rel=1e-12)
    assert after(Adam(0.1, weight_decay=0.5), [2.0, 3.0], start=10) == pytest.approx(plain, abs=0.05)


@pytest.mark.parametrize("optimizer", [SGD(), Momentum(), RMSProp(), Adam(), AdamW()], ids=lambda o: type(o).__name__)
def test_decay_spares_vectors_unless_told_otherwise(optimizer: Any) -> None:
    def run(**settings: Any) -> dict[str, Any]:
        params = {"W": np.full((2, 2), 3.0), "b": np.full(2, 3.0)}
        changed = attrs.evolve(optimizer, **settings)
        state = changed.start(params)
        for _ in range(2):
            changed.update(params, {k: np.full(p.shape, 0.5) for k, p in params.items()}, state)
        return params

    none, some, all_ = run(weight_decay=0.0), run(weight_decay=0.9), run(weight_decay=0.9, decay_vectors=True)
    assert np.array_equal(none["b"], some["b"])
    assert not np.array_equal(none["W"], some["W"])
    assert not np.array_equal(none["b"], all_["b"])


def test_the_state_is_flat_and_named_after_the_parameters() -> None:
    params = {"conv1.W": np.zeros((2, 3), np.float32), "conv1.b": np.zeros(2)}
    state = AdamW().start(params)
    assert set(state) == {"m.conv1.W", "v.conv1.W", "m.conv1.b", "v.conv1.b", "step"}
    assert state["m.conv1.W"].dtype == np.float32
    assert state["step"].dtype == np.int64
    assert set(Momentum().start(params)) == {"v.conv1.W", "v.conv1.b", "step"}
    assert set(SGD().start(params)) == {"step"}


ONE = {"w": np.ones((2, 3))}


@pytest.mark.parametrize(
    ("grads", "state", "words"),
    [
        ({"x": np.ones(3)}, None, "no parameter"),
        ({"w": np.ones((3, 2))}, None, "the gradient of 'w'"),
        ({"w": np.ones((2, 3))}, {"step": np.zeros(1, np.int64)}, "nothing for 'w'"),
        (
            {"w": np.ones((2, 3))},
            {"m.w": np.ones(6), "v.w": np.ones((2, 3)), "step": np.zeros(1, np.int64)},
            "the m of",
        ),
    ],
)
def test_a_wrong_call_is_one_clear_error_and_changes_nothing(grads: Any, state: Any, words: str) -> None:
    params = {k: v.copy() for k, v in ONE.items()}
    state = Adam().start(params) if state is None else state
    with pytest.raises(PhospheneError, match=words):
        Adam().update(params, grads, state)
    assert np.array_equal(params["w"], ONE["w"])
    assert state["step"][0] == 0


@pytest.mark.parametrize(
    ("cls", "setting", "value"), [(SGD, "learning_rate", -1.0), (Adam, "beta1", 1.0), (RMSProp, "eps", 0.0)]
)
def test_a_setting_out_of_range(cls: Any, setting: str, value: float) -> None:
    with pytest.raises(PhospheneError, match=setting):
        cls(**{setting: value})
