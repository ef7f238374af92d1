"""A recurrent layer over whole sequences.

As few and as large products as the mathematics allows: x Wx for many steps at once, one product with Wh per step, which
is packed once, and (in backward.py) one product for each weight's gradient and one for the gradient of x.
"""

from collections.abc import Callable

import numpy as np

from phosphene_core.layer import Array, Need, Params
from phosphene_rnn.cell import Cell
from phosphene_rnn.engine import Engine
from phosphene_rnn.timetable import Timetable
from phosphene_rnn.walk import Place, Walk, Where, weights_there

CHUNK = 512
"""Rows of x Wx that are computed at once: enough for a product at full speed, few enough to stay in cache until the steps
come to them."""


class Forward:
    """A run over x (N, T, D) from a state of arrays (N, H). `y` (N, T, H) is every step's h; with `need`, what the way back
    wants is kept. Gates, and all states but h, lie in the engine's panels, in the timetable's order of rows."""

    def __init__(
        self,
        engine: Engine,
        cell: Cell,
        params: Params,
        x: Array,
        state: tuple[Array, ...],
        table: Timetable,
        need: Need,
    ) -> None:
        self.engine, self.cell, self.params, self.x, self.state, self.table = engine, cell, params, x, state, table
        n, t, width = x.shape
        self.units = units = params["Wh"].shape[0]
        written = {name for stage in cell.forward for name in stage.writes}
        read = {name for stage in cell.forward for name in stage.reads}
        keep_gates = bool(need) and any(g in written for g in cell.gates)
        chunks = table.chunks(CHUNK)
        rows = table.rows if keep_gates else max((table.offsets[b] - table.offsets[a] for a, b in chunks), default=0)
        self.gates, self.base = engine.panels(rows, len(cell.gates), units, x.dtype), 0
        self.y = (np.zeros if table.gaps else np.empty)((n, t, units), x.dtype)
        self.flat_x, self.flat_y = x.reshape(n * t, width), self.y.reshape(n * t, units)
        rows = table.rows if need else len(table.first)
        self.states = {name: engine.panels(rows, 1, units, x.dtype) for name in cell.states[1:]}
        self.kept = {name: np.empty((table.rows, units), x.dtype) for name in cell.kept if need}

        skip = frozenset(g for g in cell.gates if not keep_gates and g not in read)
        weights = weights_there(engine, cell, params["Wh"])
        way = Walk(engine, cell.forward, weights, self.where(bool(need)), units, len(table.first), skip)
        way.begin(state[0], table.first)
        wx = engine.pack(params["Wx"], [cell.columns((g,), units) for g in cell.gates])
        for first, last in chunks:
            begin, end = table.offsets[first], table.offsets[last]
            self.base = 0 if keep_gates else begin  # the row at which `gates` begins
            out = self.gates[:, :, begin - self.base : end - self.base]
            engine.product(out, self.flat_x, wx, units, a_places=table.places[begin:end], bias=params["b"])
            for step in range(first, last):
                way.step(step, table.counts[step], table.counts[step])

    def where(self, all_steps: bool) -> Where:
        """Where each name of the way there lies; `all_steps`: states are kept for each step, not just for the last."""
        table, o = self.table, self.table.offsets

        def gate(part: int) -> Callable[[int], Place]:
            return lambda t: (self.gates[:, part, o[t] - self.base : o[t + 1] - self.base], None)

        def now(array: Array) -> Callable[[int], Place]:
            return lambda t: (array[:, 0, o[t] : o[t + 1]] if all_steps else array[:, 0], None)

        def before(array: Array, initial: Array) -> Callable[[int], Place]:
            def place(t: int) -> Place:
                if t == 0:
                    return initial, table.first
                return array[:, 0, o[t - 1] :] if all_steps else array[:, 0], None

            return place

        def h_before(t: int) -> Place:
            return (self.state[0], table.first) if t == 0 else (self.flat_y, table.places[o[t - 1] :])

        def rows(array: Array) -> Callable[[int], Place]:
            return lambda t: (array[o[t] : o[t + 1]], None)

        where: Where = {g: gate(part) for part, g in enumerate(self.cell.gates)}
        where["h"] = lambda t: (self.flat_y, table.places[o[t] : o[t + 1]])
        where["h-"] = h_before
        for name, initial in zip(self.cell.states[1:], self.state[1:], strict=True):
            where[name], where[f"{name}-"] = now(self.states[name]), before(self.states[name], initial)
        return where | {name: rows(array) for name, array in self.kept.items()}
