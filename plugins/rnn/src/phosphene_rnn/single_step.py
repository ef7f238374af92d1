"""One step of a recurrent layer, without gradients."""

import numpy as np

from phosphene_core.layer import Array
from phosphene_rnn.cell import Cell
from phosphene_rnn.engine import Engine
from phosphene_rnn.track import Lane, Track
from phosphene_rnn.walk import Walk


def single_step(
    engine: Engine, cell: Cell, weights: list[Array], projected: Array, state: tuple[Array, ...]
) -> tuple[Array, ...]:
    """`projected` (N, gates * H), x Wx + b, and the state (N, H) give the next state. `weights`: from `weights_there`."""
    rows, units = state[0].shape
    following = tuple(np.empty_like(s) for s in state)
    passed_on = {name for stage in cell.forward for name in stage.reads}.intersection(cell.gates)
    here, lanes = np.zeros(1, np.intp), dict[str, Lane]()
    for g in cell.gates:
        target = Track(engine.panels(rows, 1, units, projected.dtype)[:, 0], here) if g in passed_on else None
        lanes[g] = Lane(Track(projected[:, cell.columns((g,), units)], here), None, target)
    for name, old, new in zip(cell.states, state, following, strict=True):
        lanes[f"{name}-"], lanes[name] = Lane(Track(old, here)), Lane(target=Track(new, here))
    operand = engine.operand(rows, units, projected.dtype)
    engine.load(operand, state[0], None, rows)
    count = np.array([rows], np.intp)
    Walk(engine, cell.forward, weights, units, rows, operand).go(lanes, range(1), count, count)
    return following
