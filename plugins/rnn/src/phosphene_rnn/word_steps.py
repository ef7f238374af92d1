"""Steps of a recurrent layer that reads a word and scores the next: what a captioner does when it speaks."""

from functools import cached_property
from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array, Params, RecurrentLayer
from phosphene_core.threads import threads
from phosphene_rnn import sentences
from phosphene_rnn.arguments import indexes
from phosphene_rnn.cell_layer import PACKED, CellLayer
from phosphene_rnn.compiled_engine import APART, CompiledEngine
from phosphene_rnn.engine import engine_for, kernels
from phosphene_rnn.products import Packed
from phosphene_rnn.quarters import quartered
from phosphene_rnn.room import room
from phosphene_rnn.screening import FEW, screen
from phosphene_rnn.step_plan import StepPlan

State = tuple[Array, ...]
SHARED = 0.7
"""With no more states than this share of the sequences, each state's product is computed once."""


@attrs.define(eq=False)
class WordSteps:
    """Sequences of words, rows of `vectors` (V, D), go through `layer` step by step, and its h gives scores h w + bias for the
    next word: w (H, U), bias (U,). Weights are packed once, what depends on the word alone is computed once for each word
    that comes. A step of a cell of ours is one walk of the threads: state, product, cell and scores. `screening`: whole sentences
    take most scores from whole numbers of 16 bits (screening.py); words are the same, log-probabilities to some 1e-5."""

    layer: RecurrentLayer
    params: Params
    vectors: Array
    weights: Array
    bias: Array
    table: Array
    known: Array
    plans: dict[bool, StepPlan]
    """Told at first use: whether several sequences go on from one state."""
    screening: bool

    @classmethod
    def of(
        cls, layer: RecurrentLayer, params: Params, vectors: Array, w: Array, bias: Array, screening: bool = True
    ) -> "WordSteps":  # fmt: skip
        prepared = layer.prepared(params)
        first = layer.project(prepared, vectors[:1])
        table, known = room((len(vectors), *first.shape[1:]), first.dtype), np.zeros(len(vectors), bool)
        return cls(layer, prepared, vectors, np.require(w, requirements=("C", "A")), bias, table, known, {}, screening)

    @cached_property
    def w(self) -> Packed:
        """What multiplies h, in float."""
        return Packed.of(self.weights, strassen=getattr(self.layer, "strassen", True))

    @cached_property
    def screen(self) -> Any | None:
        """What screens the words, where that can be, and pays."""
        compiled = kernels() if self.screening and len(self.bias) >= FEW else None
        return None if compiled is None else screen(compiled, self.weights, self.bias)

    @cached_property
    def fours(self) -> Array | None:
        """What multiplies many states, each once, where that can be, and pays."""
        weights, compiled = self.params[f"Wh.{PACKED}0"], kernels()
        panel = weights.shape[-1]
        count = weights.shape[1] * (self.layer.hidden // panel)  # type: ignore[attr-defined]
        if compiled is None or count % 4 or self.layer.hidden % panel:  # type: ignore[attr-defined]
            return None
        return quartered(compiled, weights.dtype == np.float64, weights, count, weights.shape[2])

    def step(self, words: Array, state: State, parents: Array | None = None) -> tuple[Array, State]:
        """Scores (N, U) after `words` (N,), and the next state. Sequence n goes on from row parents[n] of the state (None: n);
        several may go on from one."""
        self._learn(words)
        if (engine := self._engine(state)) is None:
            h, state = self.layer.step_rows(self.params, self.table, words, state, parents)
            return self.w.times(h, self.bias), state
        words, count = np.ascontiguousarray(words, np.intp), len(state[0])
        if parents is not None:
            parents = indexes("parents", parents, count)
        if len(words) != (count if parents is None else len(parents)):
            raise ShapeError(f"{len(words)} words cannot go on from {count if parents is None else len(parents)} states")
        distinct = which = None
        if parents is not None and self.shareable:
            there = np.zeros(count, bool)
            there[parents] = True
            if np.count_nonzero(there) <= SHARED * len(parents):
                distinct, which = np.flatnonzero(there), (np.cumsum(there) - 1)[parents]
        shared = distinct is not None
        if shared not in self.plans:
            layer: Any = self.layer
            self.plans[shared] = StepPlan(engine, layer, self.params, self.table, shared, self.w, self.bias)
        return self.plans[shared].step(words, state, parents, distinct, which)

    def speak(self, words: Array, state: State, length: int, end: int) -> tuple[Array, Array] | None:
        """The likeliest word after `words` (N,), and so on, up to `length` words or the word `end`: words and their
        log-probabilities, (N, length); after an end more of it, with 0. None where these are steps to be made one by one."""
        engine = self._whole(words, state, 1)
        return None if engine is None or length < 1 else sentences.speak(self, engine, words, state, length, end)

    def search(
        self, words: Array, state: State, width: int, length: int, end: int, never: float
    ) -> tuple[Array, Array, Array] | None:
        """Beam search of `width`, from one of `words` (N,) each, up to `length` words or the word `end`: sentences' lengths
        (N, 2 width), 0 where there is none, and their words and log-probabilities, (N, 2 width, length). A picture's come in the
        order in which they ended, and are at least `width` if so many are possible, unfinished ones last. No word comes with a sum
        of log-probabilities of `never` or less. None where these are steps to be made one by one."""
        engine = self._whole(words, state, width)
        return None if engine is None or length < 1 else sentences.search(self, engine, words, state, width, length, end, never)

    def _whole(self, words: Array, state: State, width: int) -> CompiledEngine | None:
        """The engine, if it can make whole sentences: threads have rows enough, and scores are of the words that are read."""
        engine, sharing = self._engine(state), threads()
        if engine is None or len(words) != len(state[0]) or len(words) * width < APART * sharing or len(words) < sharing:
            return None
        self._check(words)
        return engine if self.weights.shape[1] == len(self.table) else None

    @property
    def shareable(self) -> bool:
        """Whether a state's product does not depend on what goes on from it."""
        return isinstance(self.layer, CellLayer) and len(self.layer.cell.forward) == 1

    def _learn(self, words: Array) -> None:
        """What words that come for the first time are to a step."""
        self._check(words)
        if len(new := words[~self.known[words]]):
            new = np.flatnonzero(np.bincount(new))
            if isinstance(self.layer, CellLayer):
                self.layer.project_rows(self.params, self.vectors, new, self.table)
            else:
                self.table[new] = self.layer.project(self.params, self.vectors[new])
            self.known[new] = True

    def _check(self, words: Array) -> None:
        if len(words) and not 0 <= words.min() <= words.max() < len(self.table):
            raise ShapeError(f"words must be from 0 to {len(self.table) - 1}, not {words.min()} to {words.max()}")

    def _engine(self, state: State) -> CompiledEngine | None:
        """The engine, if it can do the whole step: the layer is a cell of ours, and all arrays are of one kind."""
        if not isinstance(self.layer, CellLayer) or self.table.dtype != self.weights.dtype or kernels() is None:
            return None
        engine = engine_for(self.layer.cell, self.table.dtype, self.layer.strassen)
        fits = all(s.dtype == self.table.dtype and s.flags.c_contiguous and s.flags.aligned for s in state)
        shapes: set[Any] = {(len(state[0]), self.layer.hidden), *(s.shape for s in state)}
        same = self.bias.dtype == self.table.dtype and len(shapes) == 1 and len(state) == len(self.layer.cell.states)
        return engine if fits and same and isinstance(engine, CompiledEngine) else None
