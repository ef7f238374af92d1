"""The way back over whole sequences."""

from collections.abc import Callable

import numpy as np

from phosphene_core.layer import Array, Grads, Need
from phosphene_rnn.forward import Forward
from phosphene_rnn.walk import Place, Walk, weights_back

StateGradient = tuple[Array | None, ...]


def backward(run: Forward, dy: Array, need: Need) -> tuple[Array | None, StateGradient, Grads]:
    """dy (N, T, H) back through a run: the gradients of x, of the first state and of the parameters."""
    engine, cell, table, units = run.engine, run.cell, run.table, run.units
    o, n, rows = table.offsets, table.counts, len(table.first)
    da = engine.panels(table.rows, len(cell.gates), units, dy.dtype)
    flat_dy = dy.reshape(run.flat_y.shape)
    written = {name for stage in cell.backward for name in stage.writes}
    carried = {s: np.zeros((rows, units), dy.dtype) for s in cell.states if f"d{s}" in written}

    def gradient(part: int) -> Callable[[int], Place]:
        return lambda t: (da[:, part, o[t] : o[t + 1]], None)

    def carry(array: Array) -> Callable[[int], Place]:
        return lambda t: (array, None)

    where = run.where(all_steps=True)
    where["dy"] = lambda t: (flat_dy, table.places[o[t] : o[t + 1]])
    where |= {f"d{g}": gradient(part) for part, g in enumerate(cell.gates)}
    where |= {f"d{s}": carry(array) for s, array in carried.items()}
    way = Walk(engine, cell.backward, weights_back(engine, cell, run.params["Wh"]), where, units, rows)
    for t in range(table.steps - 1, -1, -1):
        way.step(t, n[t], n[t + 1] if t + 1 < table.steps else 0)
    dx: Array | None = None
    dstate: StateGradient = tuple(None for _ in run.state)
    if Need.INPUT in need:
        dx, dstate = _dx(run, da), _dstate(run, carried, way)
    return dx, dstate, _grads(run, da) if Need.PARAMS in need else {}


def _dx(run: Forward, da: Array) -> Array:
    dx = (np.zeros if run.table.gaps else np.empty)(run.x.shape, da.dtype)
    wx = run.params["Wx"]
    weights = run.engine.pack(wx, [slice(0, wx.shape[1])], turned=True)
    flat_dx = dx.reshape(run.flat_x.shape)
    run.engine.product(flat_dx, da, weights, run.flat_x.shape[1], a_units=run.units, out_places=run.table.places)
    return dx


def _dstate(run: Forward, carried: dict[str, Array], way: Walk) -> StateGradient:
    """What was carried before the first step; for h also what its product gives."""
    gradients, first = [], run.table.first
    for name, initial in zip(run.cell.states, run.state, strict=True):
        d = np.zeros(initial.shape, initial.dtype)
        if name in carried:
            d[first] = carried[name]
        if name == "h" and len(first):
            lane = (d, first, True, True)
            run.engine.step(None, [lane], way.weights[0], way.last, None, run.units, len(first), len(first))
        gradients.append(d)
    return tuple(gradients)


def _grads(run: Forward, da: Array) -> Grads:
    table, engine, cell, units, n = run.table, run.engine, run.cell, run.units, len(run.table.first)
    grads = {name: np.empty(run.params[name].shape, da.dtype) for name in ("Wx", "Wh", "b")}
    for k, stage in enumerate(cell.forward):
        columns, first = cell.columns(stage.product, units), cell.gates.index(stage.product[0])
        d, dwx, dwh = da[:, first : first + len(stage.product)], grads["Wx"][:, columns], grads["Wh"][:, columns]
        engine.product(dwx, run.flat_x, d, units, a_places=table.places, turned=True, sums=grads["b"][columns])
        if k:  # it multiplied what the stage before it gave
            (operand,) = cell.forward[k - 1].operand
            engine.product(dwh, run.kept[operand], d, units, turned=True)
        else:
            before = table.places[table.before()]
            engine.product(dwh, run.flat_y, d[:, :, n:], units, a_places=before, turned=True)
            engine.product(dwh, run.state[0], d[:, :, :n], units, a_places=table.first, turned=True, add=True)
    return grads
