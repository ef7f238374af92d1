"""A recurrent layer over whole sequences.

One product with Wx and Wh per step, which are packed once (x Wx of words is computed before, once for each word that occurs);
and, in backward.py, one for the gradients of the weights. The gradient of x comes step by step where one stage gives the gradients of
all gates, else in one product.
"""

import numpy as np

from phosphene_core.layer import Array, Need, Params
from phosphene_rnn.cell import Cell
from phosphene_rnn.engine import Engine
from phosphene_rnn.inputs import Sequences, Words
from phosphene_rnn.room import room
from phosphene_rnn.timetable import Timetable
from phosphene_rnn.track import Lane, Track
from phosphene_rnn.walk import Walk, weights_there


class Forward:
    """A run over inputs from a state of arrays (N, H). `y` (N, T, H) is every step's h; with `need`, what the way back wants
    is kept. Gates, and all states but h, lie in the engine's panels, in the timetable's order of rows."""

    def __init__(
        self,
        engine: Engine,
        cell: Cell,
        params: Params,
        inputs: Sequences | Words,
        state: tuple[Array, ...],
        table: Timetable,
        need: Need,
    ) -> None:
        self.engine, self.cell, self.params, self.inputs = engine, cell, params, inputs
        self.state, self.table = state, table
        n, t = inputs.shape
        self.units = units = params["Wh"].shape[0]
        self.dtype = dtype = params["Wh"].dtype
        rows = n * t
        self.flat_y = room((rows + n, units), dtype)
        self.flat_y[table.gaps] = 0
        self.flat_y[rows:] = state[0]  # the h before each step is a row of one array
        self.y = self.flat_y[:rows].reshape(n, t, units)
        self.keeps = bool(need)
        written = {name for stage in cell.forward for name in stage.writes}
        read = {name for stage in cell.forward for name in stage.reads}
        most = len(table.first)
        keep_gates = self.keeps and any(g in written for g in cell.gates)
        self.gates = engine.panels(table.rows, len(cell.gates), units, dtype) if keep_gates else None
        rows = table.rows if self.keeps else most
        self.states = {name: engine.panels(rows, 1, units, dtype) for name in cell.states[1:]}
        self.kept = {name: room((table.rows, units), dtype) for name in cell.kept if self.keeps}

        fixed, counts = np.zeros(table.steps, np.intp), np.array(table.counts, np.intp)
        self.begins = table.begins if self.keeps else fixed
        self.begins_before = table.begins_before if self.keeps else fixed
        starts, outer, inner = inputs.given(engine, cell, params)
        lanes = self.lanes()
        for part, g in enumerate(cell.gates):
            target = None
            if self.gates is not None:
                target = Track(self.gates[:, part], table.begins)
            elif g in read:
                target = Track(engine.panels(most, 1, units, dtype)[:, 0], fixed)
            lanes[g] = Lane(starts[part], None, target)
        first = engine.operand(most, units, dtype)
        tile = engine.tile(most, table.even)
        engine.load(first, state[0], table.first, most, tile)
        weights = weights_there(engine, cell, params["Wh"], units, table.rows)
        self.packed = {s.product: w for s, w in zip(cell.forward, weights, strict=True) if self.keeps}
        self.packed_inner: Array | None = inner[0] if self.keeps and inner is not None else None
        way = Walk(engine, cell.forward, weights, units, most, tile, first, outer, inner)
        way.go(lanes, range(table.steps), counts, counts)

    def lanes(self) -> dict[str, Lane]:
        """Where every name but the gates lies on the way there: where it was at the step before under `h-`."""
        table, first = self.table, np.zeros(1, np.intp)
        rows = Track(self.flat_y, table.begins, table.places)
        before = Track(self.flat_y, table.begins_before, table.places)
        lanes = {"h": Lane(rows, None, rows), "h-": Lane(before, Track(self.state[0], first, table.first))}
        for name, initial in zip(self.cell.states[1:], self.state[1:], strict=True):
            now = Track(self.states[name][:, 0], self.begins)
            before = Track(self.states[name][:, 0], self.begins_before)
            lanes[name], lanes[f"{name}-"] = Lane(now, None, now), Lane(before, Track(initial, first, table.first))
        for name, array in self.kept.items():
            now = Track(array, table.begins)
            lanes[name] = Lane(now, None, now)
        return lanes
