"""The numpy twin of the compiled engine: its specification, and what runs where there is no compiler."""

from typing import Any

import numpy as np

from phosphene_core.layer import Array
from phosphene_rnn.cell import Stage

Lane = tuple[Array | None, Array | None, bool, bool]
"""Where a stage's array is: rows of an array (or None: nowhere), which rows (None: the first ones), whether it is read,
whether it is written."""


class NumpyEngine:
    """Matrix products and stages in numpy. `double` is of no interest here: the arrays know."""

    def pack(self, w: Array, columns: list[slice], turned: bool = False) -> Any:
        """These columns of w, side by side; turned: their transpose."""
        chosen = w[:, columns[0]] if len(columns) == 1 else np.concatenate([w[:, c] for c in columns], axis=1)
        return chosen.T if turned else chosen

    def operand(self, rows: int, depth: int, dtype: Any) -> Any:
        """Room for a product's left side."""
        return np.empty((rows, depth), dtype)

    def load(self, operand: Any, array: Array, places: Array | None, rows: int) -> None:
        """Fill an operand with rows of an array."""
        operand[:rows] = array[:rows] if places is None else array[places]

    def product(
        self, out: Array, a: Array, b: Any, *, out_places: Array | None = None, a_places: Array | None = None,
        turned: bool = False, packed: bool = False, bias: Array | None = None, sums: Array | None = None, add: bool = False,
    ) -> None:  # fmt: skip
        """out = a b + bias, or out += a b. a_places and out_places choose rows; turned: a's transpose is meant. `packed`: b
        comes from `pack`. sums = the sum of b's rows."""
        a = a if a_places is None else a[a_places]
        result = (a.T if turned else a) @ b
        if bias is not None:
            result += bias
        if out_places is not None:
            out[out_places] = result
        elif add:
            out += result
        else:
            out[...] = result
        if sums is not None:
            b.sum(axis=0, out=sums)

    def step(
        self, stage: Stage | None, lanes: list[Lane], weights: Any, operand: Any, following: Any,
        units: int, rows: int, product_rows: int,
    ) -> None:  # fmt: skip
        """One stage for `rows` sequences; the operand's product is for the first `product_rows` of them. None: nothing
        but the product."""
        values = []
        for array, places, reads, _ in lanes:
            value = np.zeros((rows, units), weights.dtype)
            if reads and array is not None:
                value[...] = array[:rows] if places is None else array[places]
            values.append(value)
        if product_rows:
            result = operand[:product_rows] @ weights
            for part in range(result.shape[1] // units):
                values[part][:product_rows] += result[:, part * units : (part + 1) * units]
        if stage is not None:
            stage.twin(*values)
            for part, place in enumerate(stage.operand_places):
                following[:rows, part * units : (part + 1) * units] = values[place]
        for (array, places, _, writes), value in zip(lanes, values, strict=True):
            if writes and array is not None:
                array[slice(rows) if places is None else places] = value
