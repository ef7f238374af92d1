"""A walk over the steps of a recurrent layer, there or back."""

from collections.abc import Callable
from typing import Any

import attrs

from phosphene_core.layer import Array
from phosphene_rnn.cell import Cell, Stage
from phosphene_rnn.engine import Engine

Place = tuple[Array | None, Array | None]
"""An array, and which of its rows (None: the first)."""

Where = dict[str, Callable[[int], Place]]
"""Where the array of a name lies at a step."""


def weights_there(engine: Engine, cell: Cell, wh: Array) -> list[Array]:
    """Wh for each forward stage: the columns of the gates that it makes."""
    return [engine.pack(wh, [cell.columns((g,), wh.shape[0]) for g in s.product]) for s in cell.forward]


def weights_back(engine: Engine, cell: Cell, wh: Array) -> list[Array]:
    """Wh for each backward stage: turned, the columns of the gates whose gradients come to it from the stage before."""
    before = (cell.backward[-1], *cell.backward[:-1])
    gates = [[d.removeprefix("d") for d in s.operand] for s in before]
    return [engine.pack(wh, [cell.columns((g,), wh.shape[0]) for g in own], turned=True) for own in gates]


@attrs.define
class Walk:
    """`stages` at each step, each with its packed weights; what `skip` names is not written. `rows`: the most sequences
    of a step. `last` is the operand that the next stage multiplies."""

    engine: Engine
    stages: tuple[Stage, ...]
    weights: list[Array]
    where: Where
    units: int
    rows: int
    skip: frozenset[str] = frozenset()
    last: Array | None = None
    _lanes: list[list[tuple[Callable[[int], Place], bool, bool]]] = attrs.field(init=False)
    _operands: list[tuple[Array, Array]] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        def nowhere(t: int) -> Place:
            return None, None

        def lane(stage: Stage, name: str) -> tuple[Callable[[int], Place], bool, bool]:
            reads = name in stage.product or name in stage.reads
            return self.where.get(name, nowhere), reads, name in stage.writes and name not in self.skip

        self._lanes = [[lane(s, name) for name in s.arrays] for s in self.stages]
        self._operands = [(self._room(len(s.operand)), self._room(len(s.operand))) for s in self.stages]

    def _room(self, parts: int) -> Array:
        return self.engine.operand(self.rows, parts * self.units, self.weights[0].dtype)

    def begin(self, h0: Array, places: Array | None) -> None:
        """Take rows of h0 as the first operand."""
        self.last = self._room(1)
        self.engine.load(self.last, h0, places, self.rows)

    def step(self, t: int, rows: int, product_rows: int) -> None:
        """All stages of step t; the first one's product is for `product_rows` sequences."""
        for stage, weights, lanes, operands in zip(self.stages, self.weights, self._lanes, self._operands, strict=True):
            places: list[Any] = [(*where(t), reads, writes) for where, reads, writes in lanes]
            following = operands[t % 2]  # a stage may still read the one that it wrote a step before
            self.engine.step(stage, places, weights, self.last, following, self.units, rows, product_rows)
            self.last, product_rows = following, rows
