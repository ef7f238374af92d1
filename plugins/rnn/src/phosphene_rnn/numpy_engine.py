"""The numpy twin of the compiled engine: its specification, and what runs where there is no compiler."""

from typing import Any

import numpy as np

from phosphene_core.layer import Array
from phosphene_rnn.track import Leg, Track


class NumpyEngine:
    """Matrix products and stages in numpy.

    What an engine keeps for itself lies in panels, (blocks, parts, rows, panel): the parts are a cell's gates, a block
    is as many of its units as the engine handles at once. Here that is all of them.
    """

    def panels(self, rows: int, parts: int, units: int, dtype: Any) -> Array:
        """Room for rows of so many parts of so many units."""
        return np.empty((1, parts, rows, units), dtype)

    def pack(
        self, w: Array, columns: list[slice], turned: bool = False, rows: int = 0, packed: Array | None = None
    ) -> Array:  # fmt: skip
        """A product's right side: these columns of w as parts; turned: side by side, and of them the transpose. `rows`: with how
        many rows it will be multiplied (at least, in all). `packed`: what this has given for the same columns, not turned; it may be used up."""
        if turned:
            return np.concatenate([w[:, c] for c in columns], axis=1).T[None, None]
        return np.stack([w[:, c] for c in columns])[None]

    def operand(self, rows: int, depth: int, dtype: Any) -> Array:
        """Room for a step's left side."""
        return np.empty((rows, depth), dtype)

    def tile(self, rows: int, apart: bool) -> int:
        """How many of so many rows the engine handles at once; `apart`: at every step there are as many."""
        return rows

    def goes_apart(self, rows: int, even: bool) -> bool:
        """Whether tiles of so many rows are mostly whole at every step, so that it pays to prepare weights for them."""
        return even

    def load(self, operand: Array, array: Array, places: Array | None, rows: int, tile: int) -> None:
        """Fill a step's left side with rows of an array; `tile`: what the walk that reads it gets."""
        operand[:rows] = array[:rows] if places is None else array[places[:rows]]

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
            out[0] = result.reshape(len(result), out.shape[1], units).swapaxes(0, 1)
        elif add:
            out += result
        else:
            out[slice(None) if out_places is None else out_places] = result
        if sums is not None:
            right.sum(axis=0, out=sums)

    def sum_groups(self, out: Array, panels: Array, order: Array, starts: Array) -> None:
        """Row g of the panels `out` becomes the sum of those rows of `panels` that order[starts[g] : starts[g + 1]] names;
        no group is empty."""
        if len(order):
            np.add.reduceat(panels[:, :, order], starts[:-1], axis=2, out=out)

    def walk(
        self, legs: list[Leg], operand: Array, inputs: Track | None, units: int, tile: int, steps: Array, counts: Array,
        products: Array,
    ) -> None:  # fmt: skip
        """All legs in turn at each step t of `steps`: counts[t] sequences, of which products[t] have a
        product in the first leg; `operand` is what that multiplies first."""
        for t in steps.tolist():
            rows, product_rows = int(counts[t]), int(products[t])
            for leg in legs:
                self.step(leg, t, operand, inputs, units, rows, product_rows)
                if leg.operands is not None:
                    operand, product_rows = leg.operands[t % 2], rows

    def step(
        self, leg: Leg, t: int, operand: Array, inputs: Track | None, units: int, rows: int, product_rows: int
    ) -> None:  # fmt: skip
        """One leg at one step."""
        values = []
        for lane in leg.lanes:
            value = np.zeros((rows, leg.units or units), leg.weights.dtype)
            source = lane.first if t == 0 and lane.first is not None else lane.source
            if source is not None:
                array, where = source.rows(t, rows)
                value[...] = array[where]
            if lane.also is not None:
                array, where = lane.also.rows(t, rows)
                value += array[where]
            values.append(value)
        if product_rows:
            for value, part in zip(values, leg.weights[0], strict=False):
                value[:product_rows] += operand[:product_rows] @ part
        if inputs is not None and leg.inner is not None:
            array, where = inputs.rows(t, rows)
            for value, part in zip(values, leg.inner[0], strict=False):
                value += array[where] @ part
        if leg.stage is not None and leg.operands is not None:
            leg.stage.twin(*values)
            for part, place in enumerate(leg.stage.operand_places):
                leg.operands[t % 2][:rows, part * units : (part + 1) * units] = values[place]
        for lane, value in zip(leg.lanes, values, strict=True):
            if lane.target is not None:
                array, where = lane.target.rows(t, rows)
                array[where] = value


def rows_of(panels: Array, units: int) -> Array:
    """Panels of one part as rows (R, units); a copy."""
    return np.concatenate(list(panels[:, 0]), axis=1)[:, :units]


def _side_by_side(panels: Array) -> Array:
    return np.concatenate(list(panels[0]), axis=1)
