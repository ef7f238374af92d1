"""What every optimizer promises."""

import numpy as np

from phosphene_core.layer import Array
from phosphene_core.optimizer import Optimizer
from phosphene_core.testing.contract import compare, example_of, identical, require, unchanged


def check_optimizer(optimizer: Optimizer | type[Optimizer]) -> None:
    """Hold an optimizer to its contract: it lowers a quadratic, works in place, leaves gradients alone, keeps its whole
    memory in the state, honours `scale`, touches only what has a gradient, and float32 follows float64."""
    if isinstance(optimizer, type):
        optimizer = example_of(optimizer, np.random.default_rng(0), lambda made: made)
    assert isinstance(optimizer, Optimizer)
    params, start = _start(np.float64), _start(np.float64)
    held = dict(params)
    with unchanged("start", the_parameter=params):
        state = optimizer.start(params)
    for name, value in state.items():
        require(isinstance(value, np.ndarray), f"the state holds '{name}' as {type(value).__name__}; it must hold arrays")
    grads = {k: v.copy() for k, v in params.items()}
    with unchanged("update", the_gradient_of=grads):
        optimizer.update(params, grads, state)
    require(all(params[k] is held[k] for k in held), "update must change parameters in place, not replace them")
    params = _start(np.float64)
    optimizer.update(params, {k: v.copy() for k, v in params.items()}, optimizer.start(params), 0.0)
    identical(params, start, "scale 0 must leave the parameters as they are; {} changed")
    optimizer.update(params, {"W": params["W"].copy()}, optimizer.start(params))
    require(np.array_equal(params["b"], start["b"]), "update changed a parameter that had no gradient")

    low = _run(optimizer, np.float64, 30)
    before, after = _loss(_start(np.float64)), _loss(low)
    require(after < before, f"thirty updates did not lower a quadratic: it went from {before:.4g} to {after:.4g}")
    one, two = _start(np.float64), _start(np.float64)
    states = optimizer.start(one), optimizer.start(two)
    for i in range(6):
        for params, state in ((one, states[0]), (two, states[1])):
            optimizer.update(params, {k: 2 * v for k, v in params.items()}, state)
        if i == 2:  # as a checkpoint would: only the arrays survive
            states = states[0], {k: v.copy() for k, v in states[1].items()}
    identical(one, two, "a run that goes on from a copied state led to another {}: something is kept outside the state")
    for name, value in _run(optimizer, np.float32, 30).items():
        require(value.dtype == np.float32, f"a float32 parameter became {value.dtype}")
        compare(value, low[name], f"in float32, '{name}' after thirty updates", 1e-3)


def _start(dtype: type) -> dict[str, Array]:
    rng = np.random.default_rng(1)
    return {"W": rng.standard_normal((5, 4)).astype(dtype), "b": rng.standard_normal(3).astype(dtype)}


def _loss(params: dict[str, Array]) -> float:
    return sum(float((v**2).sum()) for v in params.values())


def _run(optimizer: Optimizer, dtype: type, steps: int) -> dict[str, Array]:
    params = _start(dtype)
    state = optimizer.start(params)
    for _ in range(steps):
        optimizer.update(params, {k: 2 * v for k, v in params.items()}, state)
    return params
