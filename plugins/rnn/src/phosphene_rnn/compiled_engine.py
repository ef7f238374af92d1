"""The engine of compiled kernels: what it gives is what the numpy engine gives, to rounding."""

from typing import Any

import attrs
import numpy as np

from phosphene_core.layer import Array
from phosphene_core.threads import threads
from phosphene_rnn.room import room
from phosphene_rnn.track import Leg, Track


@attrs.frozen
class CompiledEngine:
    """`kernels`: the compiled module; `functions`: a cell's compiled functions by stage; `double`: in float64. Methods as the
    numpy engine's, which says what they do; a block is a panel of two vectors of units."""

    kernels: Any
    functions: dict[str, tuple[Any, Any]]
    double: bool

    def panels(self, rows: int, parts: int, units: int, dtype: Any) -> Array:
        panel = self.kernels.sizes(self.double)[1]
        return room((-(-units // panel), parts, rows, panel), dtype)

    def pack(self, w: Array, columns: list[slice], turned: bool = False) -> Array:
        length = columns[0].stop - columns[0].start
        if turned:
            packed = self.panels(len(columns) * length, 1, w.shape[0], w.dtype)
        else:
            packed = self.panels(w.shape[0], len(columns), length, w.dtype)
        offsets, units = np.array([c.start for c in columns], np.intp), w.shape[0] if turned else length
        self.kernels.pack(self.double, w, offsets, units, length, turned, packed, threads())
        return packed

    def operand(self, rows: int, depth: int, dtype: Any) -> Array:
        tile = self.kernels.sizes(self.double)[0]
        return room((-(-rows // tile) * tile * depth,), dtype)

    def load(self, operand: Array, array: Array, places: Array | None, rows: int) -> None:
        self.kernels.pack_operand(self.double, array, places, rows, array.shape[1], self.tile_rows(rows), operand)

    def tile_rows(self, rows: int) -> int:
        """How many of so many rows make a tile: the tiles are as even as can be."""
        tile = self.kernels.sizes(self.double)[0]
        return max(1, -(-rows // max(1, -(-rows // tile))))

    def product(
        self, out: Array, a: Array, b: Array, units: int, *, out_places: Array | None = None, a_places: Array | None = None,
        a_units: int = 0, turned: bool = False, bias: Array | None = None, sums: Array | None = None, add: bool = False,
    ) -> None:  # fmt: skip
        rows = a.shape[1] if turned else a.shape[2] if a.ndim == 4 else len(a) if a_places is None else len(a_places)
        self.kernels.product(
            self.double, out, out_places, a, a_places, turned, a_units, b, units, bias, sums, rows, add, threads()
        )

    def sum_groups(self, out: Array, panels: Array, order: Array, starts: Array) -> None:
        self.kernels.sum_groups(self.double, out, panels, order, starts, threads())

    def walk(
        self, legs: list[Leg], operand: Array, inputs: Track | None, units: int, most: int, steps: Array, counts: Array,
        products: Array,
    ) -> None:  # fmt: skip
        told = []
        for leg in legs:
            function: Any = None
            packed: tuple[int, ...] = ()
            if leg.stage is not None:
                function, packed = self.functions[leg.stage.name][self.double], leg.stage.operand_places
            lanes = [(_told(lane.source), _told(lane.first), _told(lane.also), _told(lane.target)) for lane in leg.lanes]
            operands = leg.operands or (None, None)
            told.append((function, packed, leg.weights.shape[1], leg.weights, leg.inner, operands, lanes, units, None))
        tile, tiles = self.tile_rows(most), None
        if inputs is not None:
            count = int((-(-counts[steps] // tile)).sum())
            tiles = room((count * self.kernels.sizes(self.double)[0] * inputs.array.shape[1],), inputs.array.dtype)
        plan = self.kernels.Plan(self.double, told)
        plan.go(operand, _told(inputs), tiles, tile, steps, counts, products, threads())


def _told(track: Track | None) -> tuple[Array, Array, Array | None] | None:
    """A track as the kernels' bridge takes it."""
    return None if track is None else (track.array, track.begins, track.places)
