"""What a recurrent cell is: which products it takes, and what it does to their results, element by element.

The engine runs the time loop for any cell: it makes the products, keeps what the way back needs, and skips the steps
that a sequence does not have.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array


def _names(value: Any) -> tuple[str, ...]:
    return tuple(value.split()) if isinstance(value, str) else tuple(value)


@attrs.frozen
class Stage:
    """One matrix product, and the function of what follows it.

    `twin` gets one array (rows, units) for each name in `product`, then `reads`, then what else is in `writes` or
    `operand`, and changes those in `product`, `writes` and `operand` in place; it is the specification of the compiled
    function called `name`. An array named in `product` holds what can be read under that name, if anything, plus its part
    of the product; one that is not read holds anything. What is named
    in `writes` is kept under that name; what is named in `operand`, side by side, is multiplied by weights in the
    next stage (after the last, in the first stage of the next step).

    Names, on the way forward: each gate (before the stage that has it in `product`: x Wx + b, later what the stage
    wrote), each state (`h`) and the same one step before (`h-`). On the way back: all these as they were, `dy`, the
    gradient that comes to h from above, a gate's own (`di`: to be written once, the gradient of what went into the gate),
    and a state's (`dc`: carried to the step before; zero at first). Other names live within one stage, unless the cell
    keeps them.
    """

    name: str
    twin: Callable[..., None]
    product: tuple[str, ...] = attrs.field(converter=_names)
    reads: tuple[str, ...] = attrs.field(converter=_names)
    writes: tuple[str, ...] = attrs.field(converter=_names)
    operand: tuple[str, ...] = attrs.field(converter=_names)

    @cached_property
    def arrays(self) -> tuple[str, ...]:
        """The names of the function's arrays, in its order."""
        return tuple(dict.fromkeys(self.product + self.reads + self.writes + self.operand))

    @cached_property
    def operand_places(self) -> tuple[int, ...]:
        """Which of the arrays go into the next operand."""
        return tuple(self.arrays.index(name) for name in self.operand)


@attrs.frozen
class Cell:
    """A recurrent cell. `gates`: the parts of x Wx + b, in their order; each forward stage takes neighbours. `states`: h
    first. `kept`: further names that a forward stage writes for the way back. `kernels`: the module whose `functions()`
    are the stages' compiled functions by name (a capsule for float, one for double), if it can be imported."""

    gates: tuple[str, ...] = attrs.field(converter=_names)
    states: tuple[str, ...] = attrs.field(converter=_names)
    forward: tuple[Stage, ...]
    backward: tuple[Stage, ...]
    kept: tuple[str, ...] = attrs.field(converter=_names, default=())
    kernels: str = ""

    def columns(self, names: tuple[str, ...], units: int) -> slice:
        """The columns of Wx, Wh and b that belong to these neighbouring gates."""
        first = self.gates.index(names[0])
        return slice(first * units, (first + len(names)) * units)


def sigmoid(x: Array) -> Array:
    """1 / (1 + e^-x), without overflow."""
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e, 1) / (1 + e)
