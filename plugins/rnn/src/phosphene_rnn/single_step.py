"""One step of a recurrent layer, without gradients."""

from collections.abc import Callable

import numpy as np

from phosphene_core.layer import Array
from phosphene_rnn.cell import Cell
from phosphene_rnn.engine import Engine
from phosphene_rnn.walk import Place, Walk, Where


def single_step(
    engine: Engine, cell: Cell, weights: list[Array], projected: Array, state: tuple[Array, ...]
) -> tuple[Array, ...]:
    """`projected` (N, gates * H), x Wx + b, and the state (N, H) give the next state. `weights`: from `weights_there`."""
    rows, units = state[0].shape
    following = tuple(np.empty_like(s) for s in state)
    passed_on = {name for stage in cell.forward for name in stage.reads}.intersection(cell.gates)
    gates = projected.copy() if passed_on else projected

    def always(array: Array) -> Callable[[int], Place]:
        return lambda t: (array, None)

    where: Where = {g: always(gates[:, cell.columns((g,), units)]) for g in cell.gates}
    for name, old, new in zip(cell.states, state, following, strict=True):
        where[f"{name}-"], where[name] = always(old), always(new)
    way = Walk(engine, cell.forward, weights, where, units, rows, frozenset(cell.gates) - passed_on)
    way.begin(state[0], None)
    way.step(0, rows, rows)
    return following
