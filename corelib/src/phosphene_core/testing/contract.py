"""How a broken contract is told, and how a class gives an example of itself."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
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
def unchanged(who: str, **held: Any) -> Iterator[None]:
    """`ContractError("WHO changed its input")` if the block changes any of the arrays that are held: `its_input=x`.
    A dict is told by name: `the_parameter={"W": ...}` gives "WHO changed the parameter W"."""
    before = [(words, a, a.copy()) for name, value in held.items() for words, a in _told(name.replace("_", " "), value)]
    yield
    for words, now, then in before:
        require(np.array_equal(now, then, equal_nan=now.dtype.kind == "f"), f"{who} changed {words}")


def _told(words: str, value: Any) -> list[tuple[str, Array]]:
    if isinstance(value, Mapping):
        return [(f"{words} {k}", a) for k, a in value.items()]
    return [(words, a) for a in leaves(value)]


def identical(one: Mapping[str, Array], two: Mapping[str, Array], message: str) -> None:
    """`ContractError`, `message` with the name in the place of {}, unless the arrays are the same to the last bit."""
    for name in {**one, **two}:
        same = name in one and name in two and np.array_equal(one[name], two[name], equal_nan=one[name].dtype.kind == "f")
        require(same, message.format(name))


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
