"""The time loop: any cell, forward over sequences and back.

As few and as large products as the mathematics allows: x Wx for (up to) all steps at once; one product per step with
Wh, which is packed once; one product for each weight's gradient and for the gradient of x.
"""

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array, Grads, Need, Params
from phosphene_rnn.cell import Cell, Stage
from phosphene_rnn.engine import Engine
from phosphene_rnn.timetable import Timetable

Place = tuple[Array | None, Array | None]
"""Rows of an array, and which ones (None: the first)."""

CHUNK = 512
"""Rows of x Wx that are computed at once: enough for a product at full speed, few enough to stay in cache."""


@attrs.define
class Walk:
    """One walk over the steps, there or back: `stages` at each step, each with its packed weights, and `where` to find
    the array of a name at a step. What `skip` names is not written."""

    engine: Engine
    stages: tuple[Stage, ...]
    weights: list[Any]
    where: dict[str, Callable[[int], Place]]
    units: int
    skip: frozenset[str]
    operands: list[list[Any]]
    lanes: list[list[tuple[Callable[[int], Place], bool, bool]]] = attrs.field(init=False)
    last: Any = None

    def __attrs_post_init__(self) -> None:
        def nowhere(t: int) -> Place:
            return None, None

        self.lanes = [
            [
                (self.where.get(n, nowhere), n in s.product or n in s.reads, n in s.writes and n not in self.skip)
                for n in s.arrays
            ]
            for s in self.stages
        ]

    def step(self, t: int, rows: int, product_rows: int) -> None:
        """All stages of step t; the first one's product is for `product_rows` sequences."""
        for k, stage in enumerate(self.stages):
            lanes = [(*place(t), reads, writes) for place, reads, writes in self.lanes[k]]
            following = self.operands[k][t % 2]
            self.engine.step(stage, lanes, self.weights[k], self.last, following, self.units, rows, product_rows)
            self.last, product_rows = following, rows


def walk(
    engine: Engine, cell: Cell, stages: tuple[Stage, ...], wh: Array, packed: list[Any] | None, back: bool,
    where: dict[str, Callable[[int], Place]], rows: int, skip: frozenset[str] = frozenset(),
) -> Walk:  # fmt: skip
    units = wh.shape[0]
    operands = [[engine.operand(rows, len(s.operand) * units, wh.dtype) for _ in range(2)] for s in stages]
    return Walk(engine, stages, packed or pack(engine, cell, stages, wh, back), where, units, skip, operands)


def pack(engine: Engine, cell: Cell, stages: tuple[Stage, ...], wh: Array, back: bool) -> list[Any]:
    """Wh as each stage wants it: on the way there the columns of the gates that it makes; on the way back, turned, those
    of the gates whose gradients come to it from the stage before."""
    units = wh.shape[0]
    if back:
        return [engine.pack(wh, [cell.columns((d[1:],), units) for d in s.operand], turned=True)
                for s in (stages[-1], *stages[:-1])]  # fmt: skip
    return [engine.pack(wh, [cell.columns((g,), units) for g in s.product]) for s in stages]


class Forward:
    """A run over x (N, T, D) from a state of arrays (N, H), with the way back. `y` (N, T, H) is every step's h."""

    def __init__(
        self, engine: Engine, cell: Cell, params: Params, x: Array, state: tuple[Array, ...], table: Timetable, need: Need
    ) -> None:
        self.engine, self.cell, self.params, self.x, self.state, self.table = engine, cell, params, x, state, table
        n, t, width = x.shape
        self.units = units = params["Wh"].shape[0]
        written = {name for stage in cell.forward for name in stage.writes}
        keep_gates = bool(need) and any(g in written for g in cell.gates)
        chunks = table.chunks(CHUNK)
        rows = table.rows if keep_gates else max((table.offsets[b] - table.offsets[a] for a, b in chunks), default=0)
        self.gates = np.empty((rows, len(cell.gates) * units), x.dtype)
        self.y = (np.zeros if table.gaps else np.empty)((n, t, units), x.dtype)
        self.flat = self.y.reshape(n * t, units)
        others = cell.states[1:] + (cell.kept if need else ())
        kept_rows = table.rows if need else len(table.first)
        self.others = {s: np.empty((kept_rows, units), x.dtype) for s in others}
        read = {name for stage in cell.forward for name in stage.reads}
        skip = frozenset(g for g in cell.gates if not keep_gates and g not in read)

        self.base = 0  # the row of R at which `gates` begins
        where = self._where(bool(need))
        way = walk(engine, cell, cell.forward, params["Wh"], None, False, where, len(table.first), skip)
        if table.steps:
            way.last = engine.operand(len(table.first), units, x.dtype)
            engine.load(way.last, state[0], table.first, len(table.first))
        flat_x = x.reshape(n * t, width)
        for first, last in chunks:
            begin, end = table.offsets[first], table.offsets[last]
            self.base = 0 if keep_gates else begin
            out = self.gates[begin - self.base : end - self.base]
            engine.product(out, flat_x, params["Wx"], a_places=table.places[begin:end], bias=params["b"])
            for t in range(first, last):
                way.step(t, table.counts[t], table.counts[t])

    def _where(self, kept: bool) -> dict[str, Callable[[int], Place]]:
        """Where each name of the way there lies at step t."""
        table, o, n = self.table, self.table.offsets, self.table.counts

        def gate(columns: slice) -> Callable[[int], Place]:
            return lambda t: (self.gates[o[t] - self.base : o[t + 1] - self.base, columns], None)

        def state(array: Array) -> Callable[[int], Place]:
            return (lambda t: (array[o[t] : o[t + 1]], None)) if kept else lambda t: (array[: n[t]], None)

        def before(array: Array, initial: Array) -> Callable[[int], Place]:
            def place(t: int) -> Place:
                if t == 0:
                    return initial, table.first
                return (array[o[t - 1] : o[t - 1] + n[t]] if kept else array[: n[t]]), None

            return place

        def h_before(t: int) -> Place:
            return (self.state[0], table.first) if t == 0 else (self.flat, table.places[o[t - 1] : o[t - 1] + n[t]])

        where: dict[str, Callable[[int], Place]] = {
            g: gate(self.cell.columns((g,), self.units)) for g in self.cell.gates
        }
        where["h"] = lambda t: (self.flat, table.places[o[t] : o[t + 1]])
        where["h-"] = h_before
        for name, array in self.others.items():
            where[name] = state(array)
            if name in self.cell.states:
                where[f"{name}-"] = before(array, self.state[self.cell.states.index(name)])
        return where

    def backward(self, dy: Array, need: Need) -> tuple[Array | None, tuple[Array | None, ...], Grads]:
        """dy (N, T, H) back: (dx, gradients of the state, gradients of the parameters)."""
        engine, cell, table, units, params = self.engine, self.cell, self.table, self.units, self.params
        o, n, width = table.offsets, table.counts, len(cell.gates) * units
        da = np.empty((table.rows, width), dy.dtype)
        flat_dy = dy.reshape(self.flat.shape)
        touched = {name for stage in cell.backward for name in stage.writes}
        carried = {s: np.zeros((len(table.first), units), dy.dtype) for s in cell.states if f"d{s}" in touched}
        where = self._where(True)

        def gradient(columns: slice) -> Callable[[int], Place]:
            return lambda t: (da[o[t] : o[t + 1], columns], None)

        def carry(array: Array) -> Callable[[int], Place]:
            return lambda t: (array[: n[t]], None)

        where["dy"] = lambda t: (flat_dy, table.places[o[t] : o[t + 1]])
        where |= {f"d{g}": gradient(cell.columns((g,), units)) for g in cell.gates}
        where |= {f"d{s}": carry(a) for s, a in carried.items()}
        way = walk(engine, cell, cell.backward, params["Wh"], None, True, where, len(table.first))
        for t in range(table.steps - 1, -1, -1):
            way.step(t, n[t], n[t + 1] if t + 1 < table.steps else 0)
        dx, dstate = None, tuple(None for _ in self.state)
        if Need.INPUT in need:
            dx, dstate = self._input_gradients(da, carried, way)
        return dx, dstate, self._weight_gradients(da) if Need.PARAMS in need else {}

    def _input_gradients(
        self, da: Array, carried: dict[str, Array], way: Walk
    ) -> tuple[Array, tuple[Array | None, ...]]:
        table, engine, params, first = self.table, self.engine, self.params, self.table.first
        dx = (np.zeros if table.gaps else np.empty)(self.x.shape, da.dtype)
        weights = engine.pack(params["Wx"], [slice(0, da.shape[1])], turned=True)
        engine.product(dx.reshape(self.flat.shape[0], dx.shape[2]), da, weights, packed=True, out_places=table.places)
        dstate = []
        for name, initial in zip(self.cell.states, self.state, strict=True):
            d = np.zeros(initial.shape, da.dtype)
            if name in carried:
                d[first] = carried[name]
            if name == "h" and table.steps:
                lane = (d, first, name in carried, True)
                engine.step(None, [lane], way.weights[0], way.last, None, self.units, len(first), len(first))
            dstate.append(d)
        return dx, tuple(dstate)

    def _weight_gradients(self, da: Array) -> Grads:
        table, engine, cell, n = self.table, self.engine, self.cell, len(self.table.first)
        grads = {name: np.empty(self.params[name].shape, da.dtype) for name in ("Wx", "Wh", "b")}
        flat_x = self.x.reshape(self.flat.shape[0], self.x.shape[2])
        engine.product(grads["Wx"], flat_x, da, a_places=table.places, turned=True, sums=grads["b"])
        for k, stage in enumerate(cell.forward):
            columns = cell.columns(stage.product, self.units)
            out, d = grads["Wh"][:, columns], da[:, columns]
            if k:
                (operand,) = cell.forward[k - 1].operand
                engine.product(out, self.others[operand], d, turned=True)
            else:
                engine.product(out, self.state[0], d[:n], a_places=table.first, turned=True)
                engine.product(out, self.flat, d[n:], a_places=table.places[table.before()], turned=True, add=True)
        return grads


def advance(
    engine: Engine, cell: Cell, wh: Array, packed: list[Any] | None, projected: Array, state: tuple[Array, ...]
) -> tuple[Array, ...]:
    """One step: what x gives, `projected` (N, gates * H), and the state give the next state."""
    rows, units = state[0].shape
    result = {s: np.empty((rows, units), state[0].dtype) for s in cell.states}
    gates = projected.copy() if len(cell.forward) > 1 else projected  # a stage may pass a gate on to the next
    where: dict[str, Callable[[int], Place]] = {}
    for g in cell.gates:
        where[g] = lambda t, columns=cell.columns((g,), units): (gates[:, columns], None)  # type: ignore[misc]
    for s, a in zip(cell.states, state, strict=True):
        where[f"{s}-"] = lambda t, a=a: (a, None)  # type: ignore[misc]
        where[s] = lambda t, a=result[s]: (a, None)  # type: ignore[misc]
    skip = frozenset(cell.gates) if len(cell.forward) == 1 else frozenset()
    way = walk(engine, cell, cell.forward, wh, packed, False, where, rows, skip)
    way.last = engine.operand(rows, units, wh.dtype)
    engine.load(way.last, state[0], None, rows)
    way.step(0, rows, rows)
    return tuple(result.values())
