"""The way back over whole sequences."""

import numpy as np

from phosphene_core.layer import Array, Grads, Need
from phosphene_rnn.forward import Forward
from phosphene_rnn.inputs import Sequences
from phosphene_rnn.numpy_engine import rows_of
from phosphene_rnn.room import room
from phosphene_rnn.track import Lane, Leg, Track
from phosphene_rnn.walk import Walk, weights_back

StateGradient = tuple[Array | None, ...]


def backward(run: Forward, dy: Array, need: Need, whole_state: bool) -> tuple[Array | None, StateGradient, Grads]:
    """dy (N, T, H) back through a run: the gradients of its inputs, of the first state (or of its h alone) and of the parameters."""
    engine, cell, table, units = run.engine, run.cell, run.table, run.units
    rows, fixed = len(table.first), np.zeros(table.steps, np.intp)
    da = engine.panels(table.rows, len(cell.gates), units, dy.dtype)
    written = {name for stage in cell.backward for name in stage.writes}
    carried = {s: engine.panels(rows, 1, units, dy.dtype) for s in cell.states if f"d{s}" in written}
    lanes = run.lanes()
    if run.gates is not None:
        lanes |= {g: Lane(Track(run.gates[:, part], table.begins)) for part, g in enumerate(cell.gates)}
    lanes["dy"] = Lane(Track(dy.reshape(table.cells, units), table.begins, table.places))
    lanes |= {f"d{g}": Lane(target=Track(da[:, part], table.begins)) for part, g in enumerate(cell.gates)}
    for s, panels in carried.items():
        panels[...] = 0
        track = Track(panels[:, 0], fixed)
        lanes[f"d{s}"] = Lane(track, None, track)
    nothing = engine.operand(0, units, dy.dtype)
    whole = table.rows if engine.goes_apart(rows, table.even) else 0  # else few tiles are whole, and combining weights does not pay
    weights, tile = weights_back(engine, cell, run.params["Wh"], whole, run.packed), engine.tile(rows, table.even)
    # Where one stage gives the gradients of all gates, that of the inputs comes with them, while they are packed.
    all_at_once = len(cell.backward) == 1 and cell.backward[0].operand == tuple(f"d{g}" for g in cell.gates)
    inner, run.packed_inner = run.packed_inner, None  # used up
    dx: Array | None = None
    last = None
    if all_at_once and Need.INPUT in need and isinstance(run.inputs, Sequences):
        dx, last = run.inputs.alongside(engine, cell, run.params, inner)
    way = Walk(engine, cell.backward, weights, units, rows, tile, nothing, last=last)
    products = np.array([*table.counts[1:], 0][: table.steps], np.intp)
    way.go(lanes, range(table.steps - 1, -1, -1), np.array(table.counts, np.intp), products)

    grads: Grads = {}
    d, vectors, places = run.inputs.vectors(engine, da, units)
    if Need.PARAMS in need:
        grads = {name: room(run.params[name].shape, da.dtype) for name in ("Wx", "Wh", "b")}
        engine.product(grads["Wx"], vectors, d, units, a_places=places, turned=True, sums=grads["b"])
        _recurrent_weights(run, da, grads["Wh"])
    if dx is None and Need.INPUT in need:
        dx = run.inputs.back(engine, run.params, d)
    dstate: StateGradient = tuple(None for _ in run.state)
    if Need.INPUT in need:
        dstate = _dstate(run, run.cell.states if whole_state else ("h",), carried, way)
    return dx, dstate, grads


def _dstate(run: Forward, states: tuple[str, ...], carried: dict[str, Array], way: Walk) -> StateGradient:
    """Of these states, the first of the cell's: what was carried before the first step; for h also what its product gives."""
    gradients, first = [], run.table.first
    for name, initial in zip(states, run.state, strict=False):
        d = np.zeros(initial.shape, initial.dtype)
        if name in carried:
            d[first] = rows_of(carried[name], run.units)
        if name == "h" and len(first):
            track, count = Track(d, np.zeros(1, np.intp), first), np.array([len(first)], np.intp)
            leg = Leg(None, way.weights[0], [Lane(track, None, track)])
            run.engine.walk([leg], way.operand, None, run.units, way.tile, np.zeros(1, np.intp), count, count)
        gradients.append(d)
    return tuple(gradients)


def _recurrent_weights(run: Forward, da: Array, dwh: Array) -> None:
    """The gradient of Wh, into dwh."""
    table, engine, cell, units = run.table, run.engine, run.cell, run.units
    for k, stage in enumerate(cell.forward):
        columns, first = cell.columns(stage.product, units), cell.gates.index(stage.product[0])
        d, out = da[:, first : first + len(stage.product)], dwh[:, columns]
        if k:  # it multiplied what the stage before it gave
            (operand,) = cell.forward[k - 1].operand
            engine.product(out, run.kept[operand], d, units, turned=True)
        else:
            engine.product(out, run.flat_y, d, units, a_places=table.before, turned=True)
