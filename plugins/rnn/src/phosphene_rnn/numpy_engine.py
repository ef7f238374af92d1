"""The numpy twin of the compiled engine: its specification, and what runs where there is no compiler."""

from typing import Any

import numpy as np

from phosphene_core.layer import Array
from phosphene_rnn.cell import Stage

Lane = tuple[Array | None, Array | None, bool, bool]
"""Where a stage's array is: rows (R, H) or panels of one part (or None: nowhere), which rows (None: the first ones), whether
it is read, whether it is written."""


class NumpyEngine:
    """Matrix products and stages in numpy.

    What an engine keeps for itself lies in panels, (blocks, parts, rows, panel): the parts are a cell's gates, a block
    is as many of its units as the engine handles at once. Here that is all of them.
    """

    def panels(self, rows: int, parts: int, units: int, dtype: Any) -> Array:
        """Room for rows of so many parts of so many units."""
        return np.empty((1, parts, rows, units), dtype)

    def pack(self, w: Array, columns: list[slice], turned: bool = False) -> Array:
        """A product's right side: these columns of w as parts; turned: side by side, and of them the transpose."""
        if turned:
            return np.concatenate([w[:, c] for c in columns], axis=1).T[None, None]
        return np.stack([w[:, c] for c in columns])[None]

    def operand(self, rows: int, depth: int, dtype: Any) -> Array:
        """Room for a step's left side."""
        return np.empty((rows, depth), dtype)

    def load(self, operand: Array, array: Array, places: Array | None, rows: int) -> None:
        """Fill a step's left side with rows of an array."""
        operand[:rows] = _read(array, places, rows)

    def product(
        self, out: Array, a: Array, b: Array, units: int, *, out_places: Array | None = None, a_places: Array | None = None,
        a_units: int = 0, turned: bool = False, bias: Array | None = None, sums: Array | None = None, add: bool = False,
    ) -> None:  # fmt: skip
        """out = a b + bias, or out += a b, with b from `pack`, of so many units a part, and out rows or panels. a are rows,
        chosen by a_places, or their transpose (turned), or panels of a_units a part. sums = the sum of b's rows."""
        left = _side_by_side(a) if a.ndim == 4 else a if a_places is None else a[a_places]
        right = _side_by_side(b)
        result = (left.T if turned else left) @ right
        if bias is not None:
            result += bias
        if out.ndim == 4:
            out[0] = result.reshape(len(result), -1, units).swapaxes(0, 1)
        elif add:
            out += result
        else:
            out[slice(None) if out_places is None else out_places] = result
        if sums is not None:
            right.sum(axis=0, out=sums)

    def step(
        self, stage: Stage | None, lanes: list[Lane], weights: Array, operand: Array | None, following: Array | None,
        units: int, rows: int, product_rows: int,
    ) -> None:  # fmt: skip
        """One stage for `rows` sequences; the operand's product is for the first `product_rows` of them. None: nothing
        but the product."""
        values = []
        for array, places, reads, _ in lanes:
            value = np.zeros((rows, units), weights.dtype)
            if reads and array is not None:
                value[...] = _read(array, places, rows)
            values.append(value)
        if product_rows:
            assert operand is not None
            for value, part in zip(values, weights[0], strict=False):
                value[:product_rows] += operand[:product_rows] @ part
        if stage is not None:
            assert following is not None
            stage.twin(*values)
            for part, place in enumerate(stage.operand_places):
                following[:rows, part * units : (part + 1) * units] = values[place]
        for (array, places, _, writes), value in zip(lanes, values, strict=True):
            if writes and array is not None:
                target = array[0] if array.ndim == 3 else array
                target[slice(rows) if places is None else places[:rows]] = value


def _read(array: Array, places: Array | None, rows: int) -> Array:
    array = array[0] if array.ndim == 3 else array
    return array[:rows] if places is None else array[places[:rows]]


def _side_by_side(panels: Array) -> Array:
    return np.concatenate(list(panels[0]), axis=1)
