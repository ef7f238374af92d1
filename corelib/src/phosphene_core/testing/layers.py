"""What every layer promises."""

from collections.abc import Callable
from typing import Any

import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.gradcheck import numeric_gradient
from phosphene_core.layer import Array, Grads, Layer, Need, Params, Pass, RecurrentLayer
from phosphene_core.testing.contract import ContractError, compare, example_of, identical, leaves, require, unchanged
from phosphene_core.testing.steps import check_steps

SEED = 7


def check_layer(layer: Layer | type[Layer], x: Any = None, *, tolerance: float = 1e-6) -> None:
    """Hold a layer to its contract; `ContractError` tells the first promise that it breaks.

    `layer`: an instance, or a class (checked on its own `example(rng) -> (layer, x)`, or on its defaults). `x`: float64
    input with a batch axis, or a tuple of inputs. Checked: shapes as `init` says; gradients of inputs and parameters
    against central differences, training and not; `need`; nothing changed by use; the same seed, the same bytes; a
    second way back; views that are not contiguous; float32 near float64 and staying float32; batches of none and of
    one; and that a recurrent layer's single steps are its whole run.
    """
    rng = np.random.default_rng(SEED)
    if isinstance(layer, type):
        layer, x = example_of(layer, rng, lambda made: (made, None))
    assert isinstance(layer, Layer)
    x = _some_input(layer, rng) if x is None else x
    params, shape = _init(layer, x)
    exact = {k: v.astype(np.float64) if v.dtype.kind == "f" else v for k, v in params.items()}
    for train in (False, True):
        _check_mode(layer, exact, x, shape, train, tolerance)
    _check_views(layer, exact, x)
    _check_float32(layer, params, exact, x)
    for size in (0, 1):
        part = _map(x, lambda a, n=size: a[:n])  # type: ignore[misc]
        y, backward = _forward(layer, exact, part, Pass(rng=np.random.default_rng(SEED)))
        require(leaves(y)[0].shape[0] == size, f"a batch of {size} gave an output for {leaves(y)[0].shape[0]}")
        _check_shapes(part, _back(backward, _map(y, np.ones_like))[0], f"batch of {size}: ")
    if isinstance(layer, RecurrentLayer):
        check_steps(layer, exact, x)


def _init(layer: Layer, x: Any) -> tuple[dict[str, Array], Any]:
    params, shape = layer.init(np.random.default_rng(SEED), _shape(x))
    identical(params, layer.init(np.random.default_rng(SEED), _shape(x))[0], "init gave other values of {} for the same seed")
    for name, value in params.items():
        require(isinstance(value, np.ndarray), f"init gave {name} as {type(value).__name__}; parameters are arrays")
        wrong = value.dtype.kind == "f" and value.dtype != np.float32
        require(not wrong, f"init gave {name} in {value.dtype}; parameters start in float32")
    for name in layer.buffers:
        require(name in params, f"the buffer '{name}' is not among the parameters that init gives")
    return params, shape


def _forward(layer: Layer, params: Params, x: Any, run: Pass) -> tuple[Any, Callable[[Any], Any]]:
    """One run, and proof that what came of it has the right form."""
    made = layer.forward(params, x, run)
    right = isinstance(made, tuple) and len(made) == 2 and callable(made[1])
    require(right, f"forward must return (output, backward), not {_form(made)}")
    return made


def _back(backward: Callable[[Any], Any], seed: Any) -> tuple[Any, Grads]:
    made = backward(seed)
    right = isinstance(made, tuple) and len(made) == 2 and isinstance(made[1], dict)
    require(right, f"backward must return (gradient of the input, dict of gradients), not {_form(made)}")
    return made


def _form(made: Any) -> str:
    """`(ndarray, function)`"""
    return f"({', '.join(type(v).__name__ for v in made)})" if isinstance(made, tuple) else type(made).__name__


def _check_mode(layer: Layer, params: Params, x: Any, shape: Any, train: bool, tolerance: float) -> None:
    when = "in training, " if train else ""

    def run(need: Need = Need.BOTH) -> tuple[Any, Callable[[Any], Any]]:
        return _forward(layer, params, x, Pass(train=train, rng=np.random.default_rng(SEED), need=need))

    with unchanged(f"{when}forward", its_input=x, the_parameter=dict(params)):
        y, backward = run()
    for got, want in zip(leaves(y), shape if isinstance(shape[0], tuple) else (shape,), strict=True):
        require(got.shape[1:] == tuple(want), f"{when}forward gave shape {got.shape[1:]}; init promised {tuple(want)}")
        require(bool(np.isfinite(got).all()), f"{when}forward gave NaN or infinite values")
    for a, b in zip(leaves(y), leaves(run()[0]), strict=True):
        require(np.array_equal(a, b), f"{when}the same seed gave other outputs")
    seed = _map(y, lambda a: np.random.default_rng(SEED + 1).standard_normal(a.shape))
    with unchanged(f"{when}backward", the_gradient_that_it_was_given=seed, the_input=x, the_parameter=dict(params)):
        dx, grads = _back(backward, seed)
    kept = _map(dx, np.copy), {k: v.copy() for k, v in grads.items()}
    _check_shapes(x, dx, when)
    wanted = [k for k in params if k not in layer.buffers]
    for name in wanted:
        require(name in grads, f"{when}backward returned no gradient for {name}")
    for name in grads:
        require(name in wanted, f"{when}backward returned a gradient for {name}, which is no parameter")

    def total() -> Array:
        return np.array(sum(float(np.sum(a * s)) for a, s in zip(leaves(run()[0]), leaves(seed), strict=True)))

    one = np.array(1.0)
    for i, (a, d) in enumerate(zip(leaves(x), _aligned(x, dx), strict=True)):
        if a.dtype.kind == "f":
            compare(d, numeric_gradient(total, a, one), f"{when}gradient of input {i}, by central differences,", tolerance)
    for name in wanted:
        numeric = numeric_gradient(total, params[name], one)
        compare(grads[name], numeric, f"{when}gradient of {name}, by central differences,", tolerance)
    dx2, grads2 = _back(backward, seed)
    again = f"{when}a second way back over the same run gave another gradient of "
    for a, b, c in zip(leaves(kept[0]), leaves(dx), leaves(dx2), strict=True):
        require(np.array_equal(a, b) and np.array_equal(a, c), f"{again}the input")
    identical(kept[1], grads2, f"{again}{{}}")
    for need in (Need.NOTHING, Need.INPUT, Need.PARAMS):
        _check_need(need, run(need), y, seed, dx, {k: grads[k] for k in wanted}, when)


def _check_need(need: Need, made: Any, y: Any, seed: Any, dx: Any, grads: Grads, when: str) -> None:
    """A pass that needs less gives what the whole one gave, as far as it was asked."""
    for a, b in zip(leaves(y), leaves(made[0]), strict=True):
        require(np.allclose(a, b, rtol=1e-12, atol=1e-12), f"{when}a pass with need={need} gave another output")
    if not need:
        return
    own_dx, own = _back(made[1], seed)
    if Need.INPUT in need:
        for a, b in zip(leaves(dx), leaves(own_dx), strict=True):
            require(np.allclose(a, b), f"{when}a pass with need={need} gave another gradient of the input")
    else:
        for name, g in grads.items():
            same = name in own and np.allclose(g, own[name])
            require(same, f"{when}a pass with need={need} gave another gradient of {name}")


def _check_views(layer: Layer, params: Params, x: Any) -> None:
    """What lies otherwise in memory (a transposed array, every second row) holds the same numbers."""
    y, backward = _forward(layer, params, x, Pass(rng=np.random.default_rng(SEED)))
    y2, backward2 = _forward(layer, params, _map(x, np.asfortranarray), Pass(rng=np.random.default_rng(SEED)))
    dx, dx2 = _back(backward, _map(y, np.ones_like))[0], _back(backward2, _map(y2, lambda a: np.ones(a.shape).T.copy().T))[0]
    for what, one, two in (("output", y, y2), ("gradient of the input", dx, dx2)):
        for a, b in zip(leaves(one), leaves(two), strict=True):
            require(a.shape == b.shape and np.allclose(a, b), f"arrays that are not contiguous gave another {what}")


def _check_float32(layer: Layer, params: Params, exact: Params, x: Any) -> None:
    single = _map(x, lambda a: a.astype(np.float32) if a.dtype.kind == "f" else a)
    y, backward = _forward(layer, params, single, Pass(rng=np.random.default_rng(SEED)))
    y64, backward64 = _forward(layer, exact, x, Pass(rng=np.random.default_rng(SEED)))
    dx, grads = _back(backward, _map(y, np.ones_like))
    dx64, grads64 = _back(backward64, _map(y64, np.ones_like))
    pairs = [("the output", a, b) for a, b in zip(leaves(y), leaves(y64), strict=True)]
    pairs += [("the input's gradient", a, b) for a, b in zip(leaves(dx), leaves(dx64), strict=True)]
    pairs += [(f"the gradient of {k}", grads[k], grads64[k]) for k in grads64]
    for what, a, b in pairs:
        require(a.dtype == np.float32, f"in float32, {what} came out as {a.dtype}")
        compare(a, b, f"in float32, {what}", 1e-4)


def _some_input(layer: Layer, rng: np.random.Generator) -> Any:
    for shape in ((3, 6, 5), (5,), (4, 5)):
        try:
            layer.init(np.random.default_rng(0), shape)
        except (ShapeError, ValueError, IndexError):
            continue
        return rng.standard_normal((3, *shape))
    raise ContractError(f"{layer} takes none of the usual inputs; give its class a classmethod example(rng) -> (layer, x)")


def _check_shapes(x: Any, dx: Any, when: str) -> None:
    for i, (a, d) in enumerate(zip(leaves(x), _aligned(x, dx), strict=True)):
        if a.dtype.kind == "f":
            require(d is not None, f"{when}backward returned no gradient for input {i}")
            require(d.shape == a.shape, f"{when}the gradient of input {i} has shape {d.shape}, not {a.shape}")


def _aligned(x: Any, dx: Any) -> list[Any]:
    """The gradient of each array of `x`; None for integers."""
    if not isinstance(x, tuple):
        return [dx]
    require(isinstance(dx, tuple) and len(dx) == len(x), "backward must return one gradient per input, as a tuple")
    return [d for a, one in zip(x, dx, strict=True) for d in (_aligned(a, one) if a is not None else [])]


def _shape(x: Any) -> Any:
    return tuple(_shape(a) for a in x) if isinstance(x, tuple) else x.shape[1:]


def _map(value: Any, change: Any) -> Any:
    return tuple(_map(v, change) for v in value) if isinstance(value, tuple) else None if value is None else change(value)
