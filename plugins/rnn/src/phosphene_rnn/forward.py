"""A recurrent layer over whole sequences.

As few and as large products as the mathematics allows: x Wx for many steps at once, or once for each word that occurs, one
product with Wh per step, which is packed once, and (in backward.py) one product for each weight's gradient and one for the
gradient of x.
"""

import numpy as np

from phosphene_core.layer import Array, Need, Params
from phosphene_rnn.cell import Cell
from phosphene_rnn.engine import Engine
from phosphene_rnn.inputs import Sequences, Words
from phosphene_rnn.timetable import Timetable
from phosphene_rnn.track import Lane, Track
from phosphene_rnn.walk import Walk, weights_there

CHUNK = 512
"""Rows of x Wx that are computed at once: enough for a product at full speed, few enough to stay in cache until the steps
come to them."""


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
        self.y = (np.zeros if table.gaps else np.empty)((n, t, units), dtype)
        self.flat_y = self.y.reshape(n * t, units)
        self.keeps = bool(need)
        written = {name for stage in cell.forward for name in stage.writes}
        keep_gates = self.keeps and any(g in written for g in cell.gates)
        chunks = [(0, table.steps)] if keep_gates or isinstance(inputs, Words) else table.chunks(CHUNK)
        most = len(table.first)
        self.gates = engine.panels(table.rows, len(cell.gates), units, dtype) if keep_gates else None
        rows = table.rows if self.keeps else most
        self.states = {name: engine.panels(rows, 1, units, dtype) for name in cell.states[1:]}
        self.kept = {name: np.empty((table.rows, units), dtype) for name in cell.kept if self.keeps}

        self.begins = table.begins if self.keeps else np.zeros(table.steps, np.intp)
        self.begins_before = table.begins_before if self.keeps else self.begins
        first = engine.operand(most, units, dtype)
        engine.load(first, state[0], table.first, most)
        way = Walk(engine, cell.forward, weights_there(engine, cell, params["Wh"]), units, most, first)
        wx = engine.pack(params["Wx"], [cell.columns((g,), units) for g in cell.gates])
        counts = np.array(table.counts, np.intp)
        read = {name for stage in cell.forward for name in stage.reads}
        for begin, end in chunks:
            lanes = self.lanes()
            sources = inputs.projected(engine, cell, params, wx, table, begin, end, self.gates)
            for part, g in enumerate(cell.gates):
                target = None
                if self.gates is not None:
                    target = Track(self.gates[:, part], table.begins)
                elif g in read:
                    scratch = engine.panels(most, 1, units, dtype)
                    target = Track(scratch[:, 0], np.zeros(table.steps, np.intp))
                lanes[g] = Lane(sources[part], None, target)
            way.go(lanes, range(begin, end), counts, counts)

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
