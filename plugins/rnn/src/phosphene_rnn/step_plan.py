"""A step as a walk that is told once and gone with other arrays each time."""

from typing import Any

import numpy as np

from phosphene_core.layer import Array, Params
from phosphene_core.threads import threads
from phosphene_rnn.cell_layer import PACKED, CellLayer
from phosphene_rnn.compiled_engine import CompiledEngine
from phosphene_rnn.products import Packed
from phosphene_rnn.room import room

State = tuple[Array, ...]
NOWHERE = (None, None, None, None)
HERE = np.zeros(1, np.intp)
WORD, STATE, NEXT = range(3)


class StepPlan:
    """One step of a cell and the scores of its h, where there is something that gives them, in one go of the threads. `shared`:
    several sequences may go on from one state, whose product comes first, once."""

    def __init__(
        self, engine: CompiledEngine, layer: CellLayer, params: Params, table: Array, shared: bool, w: Packed | None = None,
        bias: Array | None = None,
    ) -> None:  # fmt: skip
        self.engine, self.cell, self.units, self.w, self.shared = engine, layer.cell, layer.hidden, w, shared
        self.gates = [table[:, self.cell.columns((g,), self.units)] for g in self.cell.gates]
        self.count, self.most, self.bias = HERE.copy(), -1, bias
        self.weights = [params[f"Wh.{PACKED}{k}"] for k in range(len(self.cell.forward))]
        self.first, self.last = int(shared), int(shared) + len(self.cell.forward)
        self.slots = self._slots()
        legs: list[tuple[Any, ...]] = []
        if shared:
            parts = len(self.cell.gates)
            legs.append((None, (), parts, None, self.weights[0], (None, None), [NOWHERE] * parts, self.units, None))
        for k, stage in enumerate(self.cell.forward):
            function, lanes = engine.functions[stage.name][engine.double], [NOWHERE] * len(stage.arrays)
            later, inner = self.weights[k] if k else None, None if k or shared else self.weights[0]
            parts, packed = len(stage.product), stage.operand_places
            legs.append((function, packed, parts, later, inner, (None, None), lanes, self.units, self.count))
        if w is not None and bias is not None:
            same = np.broadcast_to(bias, (2, len(bias)))  # two rows, for numpy to keep the stride of none
            legs.append(
                (None, (), 1, w.panels, None, (None, None), [((same, HERE, None), None, None, None)], w.units, self.count)
            )
        self.plan = engine.kernels.Plan(engine.double, legs)

    def step(
        self, words: Array, state: State, parents: Array | None, distinct: Array | None, which: Array | None
    ) -> tuple[Array, State]:
        """Scores and the next state of sequences that read the table's rows `words` and go on from rows `parents` of the state.
        If it is shared: the rows that anything goes on from, and which of these each sequence does."""
        assert self.w is not None
        n, dtype = len(words), state[0].dtype
        self.grow(n, dtype)
        self.count[0] = n
        following, scores = tuple(room((n, self.units), dtype) for _ in state), room((n, self.w.units), dtype)
        if which is not None and distinct is not None:
            products = self.engine.panels(len(distinct), len(self.gates), self.units, dtype)
            for part in range(len(self.gates)):
                self.plan.write(0, part, products[:, part])
        for leg, lane, what, place in self.slots:
            if what == NEXT:
                self.plan.write(leg, lane, following[place])
            elif what == STATE:
                self.plan.read(leg, lane, state[place], parents)
            else:
                part = place // self.units
                self.plan.read(leg, lane, self.gates[part], words)
                if which is not None:
                    self.plan.add(leg, lane, products[:, part], which)
        self.plan.write(self.last, 0, scores)
        states = (state[0], HERE, distinct if self.shared else parents)
        first = self.count if distinct is None else np.array([len(distinct)], np.intp)
        self.plan.go(None, states, self.tiles, self.engine.tile(n, True), HERE, first, HERE, threads())
        return scores, following

    def grow(self, rows: int, dtype: Any) -> None:
        """Room for what passes between the stages of a step."""
        if rows <= self.most:
            return
        self.most, passed_on = rows, {g for g in self.cell.gates for s in self.cell.forward if g in s.reads}
        self.tiles = self.engine.operand(rows, self.units, dtype)
        self.operands = []
        for k, stage in enumerate(self.cell.forward, self.first):
            self.operands.append(self.engine.operand(rows, len(stage.operand) * self.units, dtype))
            self.plan.go_on(k, self.operands[-1])
        self.passed_on = {name: self.engine.panels(rows, 1, self.units, dtype)[:, 0] for name in passed_on}
        for k, stage in enumerate(self.cell.forward, self.first):
            for lane, name in enumerate(stage.arrays):
                if name in passed_on and name in stage.writes:
                    self.plan.write(k, lane, self.passed_on[name])
                elif name in passed_on and name in stage.reads:
                    self.plan.read(k, lane, self.passed_on[name], None)

    def _slots(self) -> list[tuple[int, int, int, int]]:
        """Of the legs' lanes that change from step to step: leg, lane, and whether it is a word's row of the table (from which
        column on), a state (which), or the next state."""
        found = []
        for k, stage in enumerate(self.cell.forward, self.first):
            for lane, name in enumerate(stage.arrays):
                if name in stage.product:
                    found.append((k, lane, WORD, self.cell.gates.index(name) * self.units))
                elif name.endswith("-"):
                    found.append((k, lane, STATE, self.cell.states.index(name[:-1])))
                elif name in self.cell.states:
                    found.append((k, lane, NEXT, self.cell.states.index(name)))
        return found
