"""Any recurrent cell as a layer."""

import math
from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array, Backward, Grads, Need, Params, Pass, RecurrentLayer, no_backward
from phosphene_core.options import option
from phosphene_rnn import backward as way_back
from phosphene_rnn.arguments import check_state, checked, for_kernels, indexes, lengths_of
from phosphene_rnn.cell import Cell
from phosphene_rnn.compiled_engine import MANY
from phosphene_rnn.engine import engine_for
from phosphene_rnn.forward import Forward
from phosphene_rnn.inputs import Sequences, Words
from phosphene_rnn.numpy_engine import NumpyEngine
from phosphene_rnn.single_step import single_step
from phosphene_rnn.timetable import Timetable
from phosphene_rnn.walk import weights_there

PACKED = "packed"


@attrs.frozen
class CellLayer(RecurrentLayer):
    """A recurrent layer made of a cell: subclasses give the cell. Parameters Wx (D, G*H), Wh (H, G*H) and b (G*H,) for the
    cell's G gates, side by side in its order; start values N(0, 1) / sqrt(fan_in), biases 0."""

    hidden: int = option(512, "units of the hidden state", ge=1)
    strassen: bool = option(
        True, "quicker large products, by seven multiplications for eight; off: smaller rounding errors"
    )

    @property
    @abstractmethod
    def cell(self) -> Cell:
        """What this layer does in a step."""

    @classmethod
    def example(cls, rng: np.random.Generator) -> tuple["CellLayer", Any]:
        """A small layer and sequences of different length for it, for checks of any layer."""
        lengths = np.array([4, 0, 2])
        return cls(hidden=3), (rng.standard_normal((3, 4, 5)), rng.standard_normal((3, 3)), lengths)

    def init(self, rng: np.random.Generator, shape: Any) -> tuple[dict[str, Array], Any]:
        (steps, width), *_ = shape if isinstance(shape[0], tuple) else (shape,)
        columns = len(self.cell.gates) * self.hidden

        def matrix(rows: int) -> Array:
            return (rng.standard_normal((rows, columns)) / np.sqrt(rows)).astype(np.float32)

        params = {"Wx": matrix(width), "Wh": matrix(self.hidden), "b": np.zeros(columns, np.float32)}
        return params, (steps, self.hidden)

    def forward(self, params: Params, x: Any, run: Pass) -> tuple[Array, Backward]:
        """y (N, T, H) for (x, h0) or (x, h0, lengths): x (N, T, D), lengths (N,). In the place of h0 (N, H) may stand the
        whole state, a tuple of arrays (N, H) as `start` gives it; its gradient is a tuple as well. `ShapeError` if shapes or
        number types do not fit."""
        sequences, given, *rest = x
        params = checked(self.cell, self.hidden, params, sequences)
        if sequences.ndim != 3 or sequences.shape[2] != params["Wx"].shape[0]:
            raise ShapeError(f"x must be (N, T, {params['Wx'].shape[0]}), not {sequences.shape}")
        table = Timetable.of(sequences.shape[0], sequences.shape[1], lengths_of(rest))
        inputs = Sequences(for_kernels(sequences, params["Wx"].dtype), table)
        h, backward = self._run(params, inputs, given, table, run.need)

        def back(dy: Array) -> tuple[Any, Grads]:
            dx, dstate, grads = backward(dy)
            return (dx, dstate, *(None for _ in rest)), grads

        return h, back if run.need else no_backward

    def forward_words(self, params: Params, x: Any, run: Pass) -> tuple[Array, Backward]:
        """See `RecurrentLayer.forward_words`. What depends on the word alone is computed once for each word that occurs."""
        vectors, words, given, *rest = x
        params = checked(self.cell, self.hidden, params, vectors)
        if vectors.ndim != 2 or vectors.shape[1] != params["Wx"].shape[0]:
            raise ShapeError(f"the table must be (V, {params['Wx'].shape[0]}), not {vectors.shape}")
        if words.ndim != 2 or words.dtype.kind not in "iu":
            raise ShapeError(f"words must be integers (N, T), not {words.dtype} of shape {words.shape}")
        table = Timetable.of(words.shape[0], words.shape[1], lengths_of(rest))
        inputs = Words(for_kernels(vectors, params["Wx"].dtype), words, table)
        if len(inputs.found) and not 0 <= inputs.found[0] <= inputs.found[-1] < len(vectors):
            raise ShapeError(f"words must be from 0 to {len(vectors) - 1}, not {inputs.found[0]} to {inputs.found[-1]}")
        h, backward = self._run(params, inputs, given, table, run.need)

        def back(dy: Array) -> tuple[Any, Grads]:
            dvectors, dstate, grads = backward(dy)
            return (dvectors, None, dstate, *(None for _ in rest)), grads

        return h, back if run.need else no_backward

    def _run(
        self, params: Params, inputs: Sequences | Words, given: Any, table: Timetable, need: Need
    ) -> tuple[Array, Callable[[Array], tuple[Array | None, Any, Grads]]]:
        dtype = params["Wx"].dtype
        state = tuple(for_kernels(s, dtype) for s in (given if isinstance(given, tuple) else self.start(given)))
        check_state(self.cell, self.hidden, state, inputs.shape[0])
        done = Forward(engine_for(self.cell, dtype, self.strassen), self.cell, params, inputs, state, table, need)

        def back(dy: Array) -> tuple[Array | None, Any, Grads]:
            if dy.shape != done.y.shape:
                raise ShapeError(f"the gradient of h must be {done.y.shape}, not {dy.shape}")
            dinputs, dstate, grads = way_back.backward(done, for_kernels(dy, dtype), need, isinstance(given, tuple))
            return dinputs, dstate if isinstance(given, tuple) else dstate[0], grads

        return done.y, back

    def start(self, h0: Array) -> tuple[Array, ...]:
        return h0, *(np.zeros_like(h0) for _ in self.cell.states[1:])

    def project(self, params: Params, x: Array) -> Array:
        given, params = params, checked(self.cell, self.hidden, params, x)
        if x.shape[-1] != params["Wx"].shape[0]:
            raise ShapeError(f"x must be (..., {params['Wx'].shape[0]}), not {x.shape}")
        flat = x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
        out = np.empty((len(flat), params["Wx"].shape[1]), params["Wx"].dtype)
        self.project_rows(given, flat, None, out)
        return out.reshape(*x.shape[:-1], out.shape[1])

    def project_rows(self, params: Params, x: Array, rows: Array | None, out: Array) -> None:
        """The rows of `out` become what `project` gives of the same rows of x (None: of all)."""
        packed, params = params.get(f"Wx.{PACKED}"), checked(self.cell, self.hidden, params, x)
        x, engine = for_kernels(x, out.dtype), engine_for(self.cell, out.dtype, self.strassen)
        if packed is None or packed.dtype != out.dtype or isinstance(engine, NumpyEngine):
            packed = engine.pack(params["Wx"], [slice(0, out.shape[1])], rows=len(x) if rows is None else len(rows))
        engine.product(out, x, packed, out.shape[1], bias=params["b"], a_places=rows, out_places=rows)

    def prepared(self, params: Params) -> Params:
        wx, wh = (np.ascontiguousarray(params[name]) for name in ("Wx", "Wh"))
        engine = engine_for(self.cell, wh.dtype, self.strassen)
        if isinstance(engine, NumpyEngine):
            return params
        packed = weights_there(engine, self.cell, wh, self.hidden, MANY)
        whole = engine.pack(wx, [slice(0, wx.shape[1])], rows=0)
        return {**params, f"Wx.{PACKED}": whole, **{f"Wh.{PACKED}{k}": p for k, p in enumerate(packed)}}

    def step(self, params: Params, projected: Array, state: tuple[Array, ...]) -> tuple[Array, tuple[Array, ...]]:
        return self._step(params, projected, None, state, None)

    def step_rows(
        self, params: Params, projected: Array, rows: Array, state: tuple[Array, ...], parents: Array | None = None
    ) -> tuple[Array, tuple[Array, ...]]:
        """See `RecurrentLayer.step_rows`. Neither inputs nor states are copied, and each state's product with Wh is computed
        once (a GRU's: for each sequence that goes on from it)."""
        rows = indexes("rows", rows, len(projected))
        parents = None if parents is None else indexes("parents", parents, len(state[0]))
        if len(rows) != len(state[0] if parents is None else parents):
            raise ShapeError(f"{len(rows)} rows cannot go on from {len(state[0] if parents is None else parents)} states")
        return self._step(params, projected, rows, state, parents)

    def _step(
        self, params: Params, projected: Array, rows: Array | None, state: tuple[Array, ...], parents: Array | None
    ) -> tuple[Array, tuple[Array, ...]]:
        arrays = checked(self.cell, self.hidden, params, projected)
        wh = arrays["Wh"]
        if projected.ndim != 2 or projected.shape[1] != wh.shape[1]:
            raise ShapeError(f"a projected input must be (N, {wh.shape[1]}), not {projected.shape}")
        state = tuple(for_kernels(s, wh.dtype) for s in state)
        check_state(self.cell, self.hidden, state, len(projected) if rows is None else len(state[0]))
        engine = engine_for(self.cell, wh.dtype, self.strassen)
        names = [f"Wh.{PACKED}{k}" for k in range(len(self.cell.forward))]
        if names[0] in params and not isinstance(engine, NumpyEngine) and params[names[0]].dtype == wh.dtype:
            weights = [params[name] for name in names]
        else:
            weights = weights_there(engine, self.cell, wh, self.hidden, len(state[0]))
        state = single_step(engine, self.cell, weights, for_kernels(projected, wh.dtype), rows, state, parents)
        return state[0], state
