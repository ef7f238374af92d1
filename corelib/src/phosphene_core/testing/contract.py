"""How a broken contract is told, and how a class gives an example of itself."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from phosphene_core.errors import PhospheneError
from phosphene_core.layer import Array
from phosphene_core.options import options_of


class ContractError(AssertionError):
    """A plugin does not keep what the interface promises; the message says which promise and where."""


def require(held: bool, message: str) -> None:
    """`ContractError(message)` unless the promise was held."""
    if not held:
        raise ContractError(message)


def example_of(cls: type, rng: np.random.Generator, otherwise: Callable[[Any], Any]) -> Any:
    """A small example: from the class's own `example(rng)` if it has one, else `otherwise(cls(...))` with the
    defaults and 3 for every required number."""
    if hasattr(cls, "example"):
        return cls.example(rng)
    try:
        instance = cls(**{o.name: 3 for o in options_of(cls) if o.required})
    except (PhospheneError, TypeError) as error:
        raise ContractError(
            f"{cls.__name__} cannot be made with its defaults ({error}); give it a classmethod example(rng)"
        ) from None
    return otherwise(instance)


def leaves(value: Any) -> list[Array]:
    """The arrays in an input, an output or a gradient: one, or a tuple of them (None where there is none)."""
    if isinstance(value, tuple):
        return [a for v in value for a in leaves(v)]
    return [] if value is None else [value]


@contextlib.contextmanager
def unchanged(message: str, *values: Any) -> Iterator[None]:
    """`ContractError("... changed ...")` if the block changes any of these arrays (or dicts of them)."""
    arrays = [a for v in values for a in (v.values() if isinstance(v, dict) else leaves(v))]
    before = [a.copy() for a in arrays]
    yield
    require(all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(arrays, before, strict=True)), message)


def compare(got: Array, want: Array, what: str, tolerance: float) -> None:
    """`ContractError` naming the worst index if two arrays differ by more than `tolerance`, relative to their size."""
    require(got.shape == want.shape, f"{what} has shape {got.shape}; it should have {want.shape}")
    if got.size == 0:
        return
    scale = max(1.0, float(np.max(np.abs(want))))
    difference = np.abs(got.astype(np.float64) - want)
    worst = np.unravel_index(int(np.argmax(difference)), got.shape)
    require(
        bool(np.isfinite(got).all()) and float(difference[worst]) <= tolerance * scale,
        f"{what} differs by {difference[worst]:.3g} at index {tuple(map(int, worst))}: "
        f"{got[worst]:.6g}, where {want[worst]:.6g} was expected",
    )
