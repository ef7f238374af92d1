"""The engine of compiled kernels: what it gives is what the numpy engine gives, to rounding."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_rnn.cell import Stage
from phosphene_rnn.numpy_engine import Lane


def room(count: int, dtype: Any) -> Array:
    """An array on a cache line, which the kernels' vectors like."""
    size = np.dtype(dtype).itemsize
    raw = np.empty(count + 64 // size, dtype)
    skip = -raw.ctypes.data % 64 // size
    return raw[skip : skip + count]


@attrs.frozen
class CompiledEngine:
    """`kernels`: the compiled module; `functions`: a cell's compiled functions by stage; `double`: in float64."""

    kernels: Any
    functions: dict[str, tuple[Any, Any]]
    double: bool

    def pack(self, w: Array, columns: list[slice], turned: bool = False) -> Array:
        rows, length = w.shape[0], columns[0].stop - columns[0].start
        units, depth, parts = (rows, len(columns) * length, 1) if turned else (length, rows, len(columns))
        panel = self.kernels.sizes(self.double)[1]
        packed = room(-(-units // panel) * panel * depth * parts, w.dtype)
        offsets = np.array([c.start for c in columns], np.intp)
        self.kernels.pack_weights(self.double, w, offsets, units, length if turned else rows, turned, packed, threads())
        return packed

    def operand(self, rows: int, depth: int, dtype: Any) -> Array:
        tile = self.kernels.sizes(self.double)[0]
        return room(-(-rows // tile) * tile * depth, dtype)

    def load(self, operand: Array, array: Array, places: Array | None, rows: int) -> None:
        self.kernels.pack_operand(self.double, array, places, rows, array.shape[1], operand)

    def product(
        self, out: Array, a: Array, b: Array, *, out_places: Array | None = None, a_places: Array | None = None,
        turned: bool = False, packed: bool = False, bias: Array | None = None, sums: Array | None = None, add: bool = False,
    ) -> None:  # fmt: skip
        count = len(a) if a_places is None else len(a_places)
        rows, depth = (a.shape[1], count) if turned else (count, a.shape[1])
        self.kernels.product(
            self.double, out, out_places, a, a_places, turned, None if packed else b, False, b if packed else None,
            bias, sums, rows, depth, out.shape[1], add, threads(),
        )  # fmt: skip

    def step(
        self, stage: Stage | None, lanes: list[Lane], weights: Array, operand: Array, following: Any,
        units: int, rows: int, product_rows: int,
    ) -> None:  # fmt: skip
        function, parts, packed = None, 1, ()
        if stage is not None:
            function, parts, packed = self.functions[stage.name][self.double], len(stage.product), stage.operand_places
        panel = self.kernels.sizes(self.double)[1]
        depth = len(weights) // (-(-units // panel) * panel * parts)
        self.kernels.step(
            self.double, function, lanes, parts, packed, weights, operand, following,
            units, depth, rows, product_rows, threads(),
        )  # fmt: skip
