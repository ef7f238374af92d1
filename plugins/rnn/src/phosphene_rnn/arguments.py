"""What a layer of cells is given: checked, and as the kernels want it."""

from typing import Any

import numpy as np

from phosphene_core.errors import ShapeError
from phosphene_core.layer import Array, Params
from phosphene_rnn.cell import Cell


def checked(cell: Cell, hidden: int, params: Params, x: Array) -> dict[str, Array]:
    """The parameters as the engine wants them, of one number type with x."""
    width, h = len(cell.gates) * hidden, hidden
    wx, wh, b = params["Wx"], params["Wh"], params["b"]
    if wx.shape[1:] != (width,) or wh.shape != (h, width) or b.shape != (width,):
        raise ShapeError(
            f"with {h} hidden units Wx must be (D, {width}), Wh ({h}, {width}) and b ({width},), "
            f"not {wx.shape}, {wh.shape} and {b.shape}"
        )
    dtype = np.result_type(x, wx, wh, b)
    if dtype not in (np.float32, np.float64):
        raise ShapeError(f"x and the parameters must be float32 or float64, not {x.dtype} and {wx.dtype}")
    return {"Wx": for_kernels(wx, dtype), "Wh": for_kernels(wh, dtype), "b": for_kernels(b, dtype)}


def check_state(cell: Cell, hidden: int, state: tuple[Array, ...], sequences: int) -> None:
    """`ShapeError` if this is no state of so many sequences."""
    names, shapes = cell.states, [s.shape for s in state]
    if shapes != [(sequences, hidden)] * len(names):
        raise ShapeError(f"the state must be {', '.join(names)}, each ({sequences}, {hidden}), not {shapes}")


def for_kernels(array: Array, dtype: Any) -> Array:
    """The array as the kernels want it: contiguous and aligned; copied only if it is not."""
    if array.dtype == dtype and array.flags.carray:
        return array
    return np.require(array, dtype, ("C", "A"))


def lengths_of(rest: list[Any]) -> Array | None:
    """The lengths among the inputs, if they are there."""
    return np.asarray(rest[0]) if rest and rest[0] is not None else None


def indexes(what: str, indexes: Array, size: int) -> Array:
    """Indexes as the kernels want them; `ShapeError` if one is outside."""
    if len(indexes) and not 0 <= indexes.min() <= indexes.max() < size:
        raise ShapeError(f"{what} must be from 0 to {size - 1}, not {indexes.min()} to {indexes.max()}")
    return np.ascontiguousarray(indexes, np.intp)
