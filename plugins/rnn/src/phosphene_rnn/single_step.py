"""One step of a recurrent layer, without gradients."""

import numpy as np

from phosphene_core.layer import Array
from phosphene_rnn.cell import Cell
from phosphene_rnn.engine import Engine
from phosphene_rnn.track import Lane, Track
from phosphene_rnn.walk import Walk


def single_step(
    engine: Engine, cell: Cell, weights: list[Array], projected: Array, rows: Array | None, state: tuple[Array, ...],
    parents: Array | None = None,
) -> tuple[Array, ...]:  # fmt: skip
    """`projected` (R, gates * H), x Wx + b, of which sequence n reads row rows[n] (None: n), and the state (S, H), of which it
    goes on from parents[n] (None: n), give the next state (N, H). `weights`: from `weights_there`. Each state's product
    is computed once, however many sequences go on from it."""
    count, units = len(state[0] if parents is None else parents), state[0].shape[1]
    dtype, here, lanes = projected.dtype, np.zeros(1, np.intp), dict[str, Lane]()
    if shared := parents is not None and len(cell.forward) == 1:
        distinct, which = np.unique(parents, return_inverse=True)
        products, which = engine.panels(len(distinct), len(cell.gates), units, dtype), which.astype(np.intp)
        engine.product(products, state[0], weights[0], units, a_places=distinct)
    passed_on = {name for stage in cell.forward for name in stage.reads}.intersection(cell.gates)
    for part, g in enumerate(cell.gates):
        source = Track(projected[:, cell.columns((g,), units)], here, rows)
        target = Track(engine.panels(count, 1, units, dtype)[:, 0], here) if g in passed_on else None
        lanes[g] = Lane(source, None, target, Track(products[:, part], here, which) if shared else None)
    following = tuple(np.empty((count, units), dtype) for _ in state)
    for name, old, new in zip(cell.states, state, following, strict=True):
        lanes[f"{name}-"], lanes[name] = Lane(Track(old, here, parents)), Lane(target=Track(new, here))
    # h is an input here: the threads pack it themselves
    h = None if shared else Track(state[0], here, parents)
    inner = None if shared else [weights[0], *(None for _ in weights[1:])]
    way = Walk(engine, cell.forward, weights, units, count, engine.tile(count, True), engine.operand(0, units, dtype), h, inner)
    way.go(lanes, range(1), np.array([count], np.intp), here)
    return following
