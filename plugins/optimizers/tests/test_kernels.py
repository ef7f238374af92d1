"""Each rule's kernel, on every set of vector instructions that this processor has, agrees with its numpy twin."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_core.threads import use_threads
from phosphene_optimizers import SGD, Adam, AdamW, Momentum, RMSProp
from phosphene_optimizers.engine import kernels, use_twins

SETS = [s for s in ("v4", "v3", "base") if (k := kernels()) is not None and k.use(s)]
pytestmark = pytest.mark.skipif(not SETS, reason="the kernels were not compiled")

ALL: list[Any] = [
    SGD(0.1, weight_decay=0.1), Momentum(0.1), Momentum(0.1, nesterov=True, weight_decay=0.1),
    RMSProp(0.1, weight_decay=0.1), Adam(0.1), Adam(0.1, weight_decay=0.1), AdamW(0.1, weight_decay=0.1),
]  # fmt: skip


@pytest.fixture(params=SETS, autouse=True, scope="module")
def instruction_set(request: pytest.FixtureRequest) -> Iterator[None]:
    compiled = kernels()
    assert compiled is not None
    compiled.use(request.param)
    yield
    compiled.use(compiled.instruction_set())


def trained(optimizer: Any, shapes: list[tuple[int, ...]], dtype: Any, seed: int, steps: int = 3) -> dict[str, Any]:
    """The parameters and the state after some updates with random gradients; every third parameter is stored in
    columns, one lies beside its neighbours' numbers, one off its own size. Gradients are zero or larger than what weight
    decay adds to them: where the two cancel, the rules that divide by a gradient's size magnify rounding without limit."""
    rng = np.random.default_rng(seed)
    params = {}
    for i, shape in enumerate(shapes):
        p = rng.standard_normal(shape).astype(dtype)
        params[str(i)] = np.asfortranarray(p) if i % 3 == 2 else p
    params["slice"] = rng.standard_normal((4, 10)).astype(dtype)[:, 2:5]
    params["misaligned"] = np.empty(37 * np.dtype(dtype).itemsize + 1, np.uint8)[1:].view(dtype)
    params["misaligned"][:] = rng.standard_normal(37)
    state = optimizer.start(params)
    for step in range(steps):
        grads = {k: gradient(rng, p.shape).astype(dtype) for k, p in params.items()}
        optimizer.update(params, grads, state, 1 / (1 + step))
    return {**params, **state}


def gradient(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    usual = rng.standard_normal(shape)
    return np.where(rng.random(shape) < 0.1, 0, usual + np.copysign(1, usual))


@settings(max_examples=15)
@given(
    optimizer=st.sampled_from(ALL),
    shapes=st.lists(st.lists(st.integers(0, 40), max_size=3).map(tuple), max_size=6),
    dtype=st.sampled_from([np.float32, np.float64]),
    seed=st.integers(0, 99),
)
def test_kernel_and_twin_agree(optimizer: Any, shapes: Any, dtype: Any, seed: int) -> None:
    compiled = trained(optimizer, shapes, dtype, seed)
    with use_twins():
        for name, want in trained(optimizer, shapes, dtype, seed).items():
            tolerance = 2e-5 if dtype is np.float32 else 1e-12
            np.testing.assert_allclose(compiled[name], want, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("optimizer", ALL, ids=str)
def test_threads_change_nothing(optimizer: Any) -> None:
    shapes = [(3,), (300, 400), (7, 5), (90, 1000), (1,)]
    with use_threads(1):
        alone = trained(optimizer, shapes, np.float32, 0)
    with use_threads(3):
        for name, value in trained(optimizer, shapes, np.float32, 0).items():
            np.testing.assert_array_equal(alone[name], value)


def test_number_types_may_be_mixed() -> None:
    params = {"a": np.ones((3, 3), np.float32), "b": np.ones((3, 3))}
    optimizer = Adam(0.1)
    optimizer.update(params, {k: np.ones_like(p) for k, p in params.items()}, optimizer.start(params))
    np.testing.assert_allclose(params["a"], 0.9, rtol=1e-6)
    np.testing.assert_allclose(params["b"], 0.9, rtol=1e-6)
