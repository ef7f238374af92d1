"""Matrix products on the engine of the recurrent layers, for what stands beside them (a captioner's words).

Between the steps of a recurrent layer, BLAS would have to wake its own threads; these run on those that are awake, take
rows from where they lie, and add a bias on their way. A matrix that is used again and again is packed once.
"""

from typing import Any

import attrs
import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array
from phosphene_rnn.compiled_engine import MANY
from phosphene_rnn.engine import Engine, products_engine
from phosphene_rnn.room import room


@attrs.frozen(eq=False)
class Packed:
    """A matrix (D, U), or its transpose, as the engine multiplies it from the right."""

    engine: Engine
    panels: Array
    depth: int
    units: int

    @classmethod
    def of(cls, w: Array, turned: bool = False, strassen: bool = True, rows: int = MANY) -> "Packed":
        """`turned`: the transpose of w is meant. `rows`: how many will be multiplied, in all. `strassen`: large products by seven multiplications for eight, with rounding errors
        about twice as large. `ShapeError` unless w is a matrix of float32 or float64."""
        if w.ndim != 2 or w.dtype not in (np.float32, np.float64):
            raise ShapeError(f"a matrix of float32 or float64 is wanted, not {w.dtype} of shape {w.shape}")
        w = np.require(w, requirements=("C", "A"))
        engine = products_engine(w.dtype, strassen)
        depth, units = w.shape[::-1] if turned else w.shape
        return cls(engine, engine.pack(w, [slice(0, w.shape[1])], turned=turned, rows=rows), depth, units)

    def times(
        self, a: Array, bias: Array | None = None, rows: Array | None = None, out: Array | None = None,
        out_rows: Array | None = None,
    ) -> Array:  # fmt: skip
        """a (N, D), or its `rows` (M,), times the matrix, plus bias (U,): (M, U), or those rows `out_rows` of `out`."""
        a = _like(a, self.panels.dtype)
        if a.ndim != 2 or a.shape[1] != self.depth:
            raise ShapeError(f"what is multiplied must be (N, {self.depth}), not {a.shape}")
        count = len(a) if rows is None else len(rows)
        if out is None:
            out = room((count, self.units), a.dtype)
        bias = None if bias is None else _like(bias, a.dtype)
        rows, out_rows = (None if r is None else np.ascontiguousarray(r, np.intp) for r in (rows, out_rows))
        self.engine.product(out, a, self.panels, self.units, a_places=rows, out_places=out_rows, bias=bias)
        return out


def weight_gradient(a: Array, d: Array, rows: Array | None = None, strassen: bool = True) -> tuple[Array, Array]:
    """The gradients of W (D, U) and of the bias (U,) where a (or its `rows`) times W, plus the bias, has the gradient d."""
    packed = Packed.of(d, strassen=strassen, rows=0)
    dw, db = room((a.shape[1], d.shape[1]), d.dtype), np.empty(d.shape[1], d.dtype)
    rows = None if rows is None else np.ascontiguousarray(rows, np.intp)
    packed.engine.product(dw, _like(a, d.dtype), packed.panels, d.shape[1], a_places=rows, turned=True, sums=db)
    return dw, db


def _like(array: Array, dtype: Any) -> Array:
    return np.require(array, dtype, ("C", "A"))
